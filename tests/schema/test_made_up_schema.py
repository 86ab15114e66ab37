"""A second model, described by a file and nothing else: it gets a form, a call, an emulator's route and a chapter."""

import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from generations import schema
from generations.emulator import Emulator
from generations.errors import Refused
from generations.forms.composer import ComposerForm
from generations.providers import Segmind
from generations.providers.base import ImageRequest
from generations.schema.document import document
from generations.schema.parameters import KEYWORDS, ROLES, WIDGETS
from tests.key import KEY, KEYS

FILE = Path(__file__).parent / "made_up.json"
ROOT = FILE.parent.parent.parent
MODEL = schema.read(FILE)
FILLED_IN = {
    "text": "two boats", "format_of_page": "tall·3:4", "effort": "4", "file": "jpeg", "compression": "90",
    "guidance": "2.5", "ink": "#aa00ff", "border": "on", "number": "77", "tier": "std",
}  # fmt: skip


@pytest.fixture(scope="module")
def vendor():
    with Emulator({**schema.load(), MODEL.id: MODEL}, keys=KEYS, speed_up=10_000) as emulator:
        yield emulator


@pytest.fixture
def provider(vendor):
    return Segmind(vendor.url, KEY, deadline=5, file_hosts=frozenset())


def order(**changes):
    form = ComposerForm(MODEL, {**FILLED_IN, **changes})
    assert form.is_valid(), form.errors
    return form.order


def sent(vendor):
    return json.loads(vendor.control.journal[-1].body)


def test_made_up_model_uses_every_keyword_role_and_widget():
    entries = json.loads(FILE.read_text(encoding="utf-8"))["properties"].values()

    assert {keyword for entry in entries for keyword in entry} == KEYWORDS
    assert {parameter.role for parameter in MODEL.parameters} - {""} == ROLES
    assert {parameter.widget for parameter in MODEL.parameters} == WIDGETS


def test_form_asks_in_the_schemas_order_and_leaves_out_what_is_fixed():
    asked = [view.name for view in ComposerForm(MODEL).parameters]

    assert asked == [
        "text", "format_of_page", "effort", "file", "compression", "guidance", "ink", "border", "number"
    ]  # fmt: skip


def test_control_says_all_that_the_schema_says():
    views = {view.name: view for view in ComposerForm(MODEL).parameters}

    assert (views["text"].label, views["text"].help, views["text"].max_length) == (
        "What to draw",
        "Short and plain.",
        60,
    )
    assert views["text"].examples == ("a red kite", "two boats")
    assert (views["compression"].minimum, views["compression"].maximum, views["compression"].step) == (10, 90, 10)
    assert json.loads(views["compression"].visible_if) == {"file": ["jpeg"]}
    assert views["guidance"].help == "How closely the words are followed."
    assert (views["guidance"].widget, views["border"].widget, views["file"].widget) == ("number", "switch", "choice")
    assert views["file"].label == "File type"
    assert [(o.label, o.help, o.shape, o.checked) for o in views["format_of_page"].options] == [
        ("Tall", "for posters", "r75", False),
        ("Wide", "for screens", "r133", True),
    ]


def test_template_draws_every_control():
    drawn = {
        view.name: render_to_string("gallery/composer/_field.html", {"p": view})
        for view in ComposerForm(MODEL).parameters
    }

    assert [name for name, html in drawn.items() if f'name="{name}"' not in html] == []


def test_filled_in_form_is_a_valid_order_with_the_forced_values():
    assert order().model == "made-up"
    assert order().values == {
        "text": "two boats", "format_of_page": "tall·3:4", "effort": 4, "file": "jpeg", "compression": 90,
        "guidance": 2.5, "ink": "#aa00ff", "border": True, "number": 77, "version": "2.1", "base64": False,
        "tier": "std",
    }  # fmt: skip


def test_box_that_is_not_ticked_is_off():
    form = ComposerForm(MODEL, {name: value for name, value in FILLED_IN.items() if name != "border"})

    assert form.is_valid()
    assert form.order.values["border"] is False


@pytest.mark.parametrize(
    ("name", "raw"),
    [("text", "ab"), ("effort", "5"), ("file", "webp"), ("compression", "15"), ("guidance", "0.3"), ("ink", "red"),
     ("version", "3"), ("base64", "true"), ("tier", "ultra"), ("number", "100000"), ("format_of_page", "3:4")],
)  # fmt: skip
def test_wrong_value_is_refused_at_its_field(name, raw):
    form = ComposerForm(MODEL, {**FILLED_IN, name: raw})

    assert not form.is_valid()
    assert list(form.errors) == [name]


def test_refused_form_keeps_the_choice_of_an_option_that_is_a_number():
    form = ComposerForm(MODEL, {**FILLED_IN, "text": "", "effort": "4"})

    effort = next(view for view in form.parameters if view.name == "effort")
    assert [option.label for option in effort.options if option.checked] == ["Few steps"]


def test_call_sends_wire_names_and_forced_values_and_brings_the_picture(vendor, provider):
    answer = provider.call(ImageRequest(MODEL.slug, schema.body(MODEL, order().values)))

    assert sent(vendor) == {
        "input_text": "two boats", "page": "tall·3:4", "num_steps": 4, "file": "jpeg", "compression": 90, "cfg": 2.5,
        "ink": "#aa00ff", "border": True, "rng": 77, "version": "2.1", "base64": False, "tier": "std",
    }  # fmt: skip
    assert vendor.control.journal[-1].path == "/v1/made-up.v2"
    assert provider.picture(answer)[:2] == b"\xff\xd8"
    assert (answer.cost, answer.seed) == (Decimal("0.04"), 77)


def test_call_leaves_out_what_does_not_apply(vendor, provider):
    provider.call(ImageRequest(MODEL.slug, schema.body(MODEL, order(file="png").values)))

    assert "compression" not in sent(vendor)


@pytest.mark.parametrize(
    ("wire", "value"), [("page", "3:4"), ("num_steps", "4"), ("num_steps", 5), ("version", "2"), ("file", "webp")]
)
def test_emulator_refuses_a_value_outside_the_made_up_set(provider, wire, value):
    body = schema.body(MODEL, order().values)

    with pytest.raises(Refused):
        provider.call(ImageRequest(MODEL.slug, {**body, wire: value}))


def test_document_has_a_row_for_each_parameter_and_option():
    text = document([MODEL])

    assert [p.name for p in MODEL.parameters if f"| `{p.name}` | `{p.wire}` |" not in text] == []
    assert [o.label for p in MODEL.parameters for o in p.options if f"| `{o.value}` | `{o.name}` |" not in text] == []
    assert "always `2.1`" in text
    assert "when file is jpeg" in text


SCRIPT = """
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from generations.models import Generation
from generations.pipeline.worker.fulfil import fulfil
from generations.services.teams.teams_and_users import create_user
call_command("migrate", verbosity=0)
user = create_user(email="a@example.test", password="correct horse battery", team_name="Harbour")
browser = Client(headers={"host": "localhost"})
browser.force_login(user)
page = browser.get("/t/harbour/?model=made-up").content.decode()
assert "What to draw" in page and "HiDream" in page
order = {"x-model": "made-up", "text": "two boats", "format_of_page": "tall", "border": "on"}
assert browser.post("/t/harbour/generations/", order).status_code == 302
row = Generation.objects.get()
fulfil(row.id)
row.refresh_from_db()
assert browser.get(f"/g/{row.id}/").status_code == 200
print(row.state, row.size, row.speed, row.image.format, row.image.width, row.image.height, row.cost, row.prompt)
"""


def test_file_dropped_into_the_folder_is_all_it_takes(vendor, tmp_path):
    """The whole way, in a copy of the site that differs by this one file."""
    for folder in ("generations", "hidream_site", "templates", "static"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(FILE, tmp_path / "generations" / "schema" / "models")
    site = {
        "DJANGO_SETTINGS_MODULE": "hidream_site.settings", "DATA_DIR": str(tmp_path / "var"), "DATABASE_URL": "",
        "SEGMIND_BASE_URL": vendor.url, "SEGMIND_API_KEY": "", "REDIS_URL": "redis://127.0.0.1:1/0",
    }  # fmt: skip

    child = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env={**os.environ, **site}, capture_output=True, text=True,
        check=False, timeout=600,
    )  # fmt: skip

    assert child.returncode == 0, child.stderr
    assert child.stdout.strip() == "done tall many png 96 128 0.0400000000 two boats"
