"""Render a template from a dataclass, so that mypy knows every variable of a page."""

from dataclasses import fields
from typing import Any, ClassVar, Protocol

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class Dataclass(Protocol):
    """An instance of any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


def render_page(request: HttpRequest, template: str, page: Dataclass, *, status: int | None = None) -> HttpResponse:
    """Render a template whose variables are the fields of a dataclass; a nested dataclass is one variable."""
    return render(request, template, {field.name: getattr(page, field.name) for field in fields(page)}, status=status)
