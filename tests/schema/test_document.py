"""The page for people is written from the schemas and says so when it is stale."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from generations import schema
from generations.schema.document import document

PAGE = Path(__file__).parent.parent.parent / "docs" / "parameters.md"


def test_parameters_page_is_what_the_schemas_say():
    assert PAGE.read_text(encoding="utf-8") == document(schema.load().values()), "stale; write it again: make docs"


def test_page_names_the_code_points_that_look_alike():
    text = document(schema.load().values())

    assert "| `1024 \u00d7 1024 (Square)` | `1024x1024` | Square 1:1 | U+00D7 |" in text
    assert "| `Juiced \U0001f525 (more speed)` | `juiced` | Fast | U+1F525 |" in text


def test_command_writes_the_page_and_notices_when_it_is_stale(tmp_path, monkeypatch, capsys):
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)

    call_command("write_parameter_docs")
    call_command("write_parameter_docs", check=True)
    (tmp_path / "docs" / "parameters.md").write_text("old", encoding="utf-8")

    with pytest.raises(CommandError, match="stale; write it again with: make docs"):
        call_command("write_parameter_docs", check=True)
    assert capsys.readouterr().out == "docs/parameters.md written.\ndocs/parameters.md is up to date.\n"
