"""Render a template from a dataclass, so that mypy knows every variable of a page."""

from dataclasses import fields
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def render_page(
    request: HttpRequest, template: str, page: "DataclassInstance", *, status: int | None = None
) -> HttpResponse:
    """Render a template whose variables are the fields of a dataclass; a nested dataclass is one variable."""
    return render(request, template, {field.name: getattr(page, field.name) for field in fields(page)}, status=status)
