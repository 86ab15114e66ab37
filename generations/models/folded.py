"""Columns that hold the folded text of another one, so that both databases find and sort it alike."""

from typing import Any, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from generations.folding import fold

Row = TypeVar("Row", bound=models.Model)


class FoldedField(models.TextField):  # type: ignore[type-arg]  # not generic at run time
    """`fold` of the column `source`, written with it.

    Null only in rows that a release without the column has written.
    """

    def __init__(self, source: str, **kwargs: Any) -> None:
        self.source = source
        super().__init__(**{**kwargs, "null": True, "blank": True, "editable": False})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for own in ("null", "blank", "editable"):
            del kwargs[own]
        return name, path, args, {**kwargs, "source": self.source}

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        # By code points, as SQLite compares: a PostgreSQL database has the order of the place where it was created.
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        folded = fold(getattr(model_instance, self.source))
        setattr(model_instance, self.attname, folded)
        return folded


class FoldedQuerySet(models.QuerySet[Row]):
    """Rows with folded columns, which an UPDATE of their sources changes too."""

    def update(self, **values: Any) -> int:
        columns = [field for field in self.model._meta.concrete_fields if isinstance(field, FoldedField)]
        folded = {field.name: fold(values[field.source]) for field in columns if field.source in values}
        return super().update(**values, **folded)

    update.alters_data = True  # type: ignore[attr-defined]  # no template may call it
