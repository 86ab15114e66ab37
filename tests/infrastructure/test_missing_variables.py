"""The check of `tests/infrastructure/missing_variables.py` fails what it should, and nothing else."""

import logging

import pytest
from django.template import Context, Engine
from django.template.loader import render_to_string

from tests.infrastructure.missing_variables import LOGGER, MissingVariables

PAGE = "{% include 'part.html' with person=person %}{% if person.nmae %}{% endif %}{{ person.name }}"
PART = "{% for one in person.pictures %}{{ one }}{% endfor %}{{ persom|default:'nobody' }}"


@pytest.fixture
def missing(tmp_path, monkeypatch):
    missing = MissingVariables(tmp_path)
    monkeypatch.setattr(LOGGER, "filters", [missing])
    return missing


def test_template_of_the_tag_and_the_whole_variable_are_named(missing, tmp_path):
    (tmp_path / "page.html").write_text(PAGE)
    (tmp_path / "part.html").write_text(PART)

    Engine(dirs=[tmp_path]).get_template("page.html").render(Context({"person": {"name": "Ada"}}))

    assert missing.found == {"page.html: person.nmae", "part.html: person.pictures", "part.html: persom"}


def test_templates_of_others_and_warnings_are_left_alone(missing, caplog):
    Engine().from_string("{{ nobody }}").render(Context())
    LOGGER.log(logging.WARNING, "a warning")

    assert missing.found == set()
    assert caplog.messages == ["a warning"]


@pytest.mark.xfail(raises=pytest.fail.Exception, strict=True, reason="the check itself")
def test_that_renders_a_page_with_a_missing_variable_fails():
    assert "day-summary" in render_to_string("cards/_day_totals.html", {"oob": False})
