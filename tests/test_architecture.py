"""Rules of the code's shape: imports point down, are at the top, are absolute; modules and functions stay small."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import FEATURES, LAYERS, MAX_FILES, PAGE, table

ROOT = Path(__file__).parent.parent
LAYER = {name: number for number, names in enumerate(LAYERS) for name in names}
MAX_MODULE_LENGTH = 300
MAX_FUNCTION_LENGTH = 40
QUERIES = {
    "filter", "exclude", "aggregate", "annotate", "order_by", "select_related", "prefetch_related", "in_bulk",
    "values_list", "exists", "refresh_from_db",
}  # fmt: skip
EXEMPT = {"__init__", "migrations"}  # the app's own docstring; what Django wrote


def sources(*folders: Path) -> Iterator[tuple[Path, str]]:
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            yield path, path.read_text(encoding="utf-8")


def imported(source: str) -> Iterator[str]:
    """Yield the modules right below `generations` that a source imports, in any form and at any place."""
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if "." in node.module else [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith("generations."))


def imported_modules(source: str) -> Iterator[str]:
    """Return the dotted names below `generations` that a source imports: `views.cards.cards`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield f"{node.module}.{alias.name}".removeprefix("generations.")
        elif isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("generations.") for alias in node.names)


def upward(app: Path) -> Iterator[str]:
    """Yield imports that do not point down, and modules that no layer was declared for."""
    for path, source in sources(app):
        module = path.relative_to(app)
        here = module.with_suffix("").parts[0]
        if here in EXEMPT:
            continue
        for name in {here, *imported(source)} - LAYER.keys():
            yield f"{module}: no layer is declared for {name}"
        for name in sorted(set(imported(source)) & LAYER.keys() - {here}):
            if LAYER[name] >= LAYER.get(here, 0):
                yield f"{module}: {name} is not below {here}"


def sideways(app: Path) -> Iterator[str]:
    """Yield imports of a feature that is not below the importing one in the same layer, and undeclared features."""
    for path, source in sources(app):
        layer, *rest = path.relative_to(app).with_suffix("").parts
        if layer not in FEATURES or not rest or rest[0] == "__init__":
            continue
        floor = {name: number for number, names in enumerate(FEATURES[layer]) for name in names}
        here = rest[0]
        if here not in floor:
            yield f"{path.relative_to(app)}: {here} is no declared feature of {layer}"
            continue
        for name in sorted({name.split(".")[1] for name in imported_modules(source) if name.startswith(f"{layer}.")}):
            if name != here and floor.get(name, len(floor)) >= floor[here]:
                yield f"{path.relative_to(app)}: {layer}.{name} is not below {layer}.{here}"


def circles(app: Path) -> list[str]:
    """Return the modules that import each other, directly or by way of others."""
    known = {".".join(path.relative_to(app).with_suffix("").parts): source for path, source in sources(app)}
    graph = {name: {one for one in imported_modules(source) if one in known} for name, source in known.items()}
    # A name that is imported from a module is one level below it.
    for name, source in known.items():
        graph[name] |= {one.rpartition(".")[0] for one in imported_modules(source)} & known.keys()
    while leaves := {name for name, targets in graph.items() if not targets & graph.keys()}:
        graph = {name: targets for name, targets in graph.items() if name not in leaves}
    return sorted(graph)


def crowded(*folders: Path) -> dict[str, int]:
    """Return the folders that hold more files of ours than a stranger reads at a glance."""
    found = {}
    for folder in (one for top in folders for one in [top, *top.rglob("*")] if one.is_dir()):
        files = [one for one in folder.iterdir() if one.is_file() and one.suffix != ".pyc" and one.stem != "__init__"]
        if len(files) > MAX_FILES:
            found[str(folder.relative_to(ROOT))] = len(files)
    return found


def asks_for_types(node: ast.If) -> bool:
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def inline(source: str) -> list[int]:
    """Return the lines of imports that are neither at the top of a module nor in a TYPE_CHECKING block there."""
    body = ast.parse(source).body
    blocks = [node for node in body if isinstance(node, ast.If) and asks_for_types(node)]
    at_top = {id(node) for block in [body, *(block.body for block in blocks)] for node in block}
    imports = [node for top in body for node in ast.walk(top) if isinstance(node, ast.Import | ast.ImportFrom)]
    return [node.lineno for node in imports if id(node) not in at_top]


def relative(source: str) -> list[int]:
    nodes = ast.walk(ast.parse(source))
    return [node.lineno for node in nodes if isinstance(node, ast.ImportFrom) and node.level]


def too_long(source: str) -> list[str]:
    """Return the functions that are longer than allowed, and `the module` if it is."""
    lines = len(source.splitlines())
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [node.name for node in nodes if (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LENGTH]
    return (["the module"] if lines > MAX_MODULE_LENGTH else []) + long


def queried(source: str) -> list[int]:
    """Return the lines that make a query: a model's manager, a method of a query set, or get_object_or_404."""
    nodes = list(ast.walk(ast.parse(source)))
    found = [node.lineno for node in nodes if isinstance(node, ast.Attribute) and node.attr == "objects"]
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    found += [call.lineno for call in calls if isinstance(call, ast.Attribute) and call.attr in QUERIES]
    return found + [call.lineno for call in calls if isinstance(call, ast.Name) and call.id == "get_object_or_404"]


def code() -> Iterator[tuple[str, str]]:
    for path, source in sources(ROOT / "generations", ROOT / "hidream_site"):
        if "migrations" not in path.parts:
            yield str(path.relative_to(ROOT)), source


def test_imports_point_down():
    assert list(upward(ROOT / "generations")) == []


def test_every_declared_module_is_there():
    there = {path.stem for path in (ROOT / "generations").iterdir()}
    features = {
        f"{layer}/{path.stem}"
        for layer in FEATURES
        for path in (ROOT / "generations" / layer).iterdir()
        if path.stem != "__init__" and (path.suffix == ".py" or any(path.glob("*.py")))
    }

    assert LAYER.keys() - there == set()
    assert features == {f"{layer}/{name}" for layer, floors in FEATURES.items() for names in floors for name in names}


def test_features_know_only_features_below_them():
    assert list(sideways(ROOT / "generations")) == []


def test_views_ask_services_and_queries_not_the_pipeline():
    found = {
        str(path.relative_to(ROOT))
        for path, source in sources(ROOT / "generations" / "views")
        if "pipeline" in imported(source)
    }

    assert found == set()


def test_views_make_no_query():
    views = ROOT / "generations" / "views"
    assert {str(path.relative_to(views)) for path, source in sources(views) if queried(source)} == set()


def test_no_module_imports_itself_by_way_of_others():
    assert circles(ROOT / "generations") == []


def test_folders_hold_few_files():
    allowed = {"generations/models", "generations/management/commands", "generations/migrations"}

    assert crowded(*(ROOT / name for name in ("generations", "templates", "tests"))).keys() - allowed == set()


def test_page_shows_the_layers_as_they_are_checked():
    assert table() in PAGE.read_text(encoding="utf-8"), "run `make docs`"


def test_imports_stand_at_the_top():
    tests = ((str(path.relative_to(ROOT)), source) for path, source in sources(ROOT / "tests"))

    assert {name: lines for name, source in (*code(), *tests) if (lines := inline(source))} == {}


def test_imports_are_absolute():
    assert {name: lines for name, source in code() if (lines := relative(source))} == {}


def test_modules_and_functions_are_short():
    assert {name: long for name, source in code() if (long := too_long(source))} == {}


@pytest.fixture
def planted(tmp_path):
    """Create an app with one clean module, to which the test adds its violation."""

    def plant(name, source):
        path = tmp_path / "generations" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
        return tmp_path / "generations"

    plant(
        "forms/composer.py", "from generations.services.orders.submit import submit\nfrom generations import schema\n"
    )
    return plant


@pytest.mark.parametrize(
    ("name", "source", "complaint"),
    [
        ("models/x.py", "from generations.views import y", "models/x.py: views is not below models"),
        ("providers/x.py", "from generations.models import Team", "providers/x.py: models is not below providers"),
        ("models/x.py", "from generations import providers", "models/x.py: providers is not below models"),
        ("tasks.py", "import generations.services.teams.demo_team", "tasks.py: services is not below tasks"),
        ("models/x.py", "def f():\n    from generations import views", "models/x.py: views is not below models"),
        ("views/x.py", "from generations.admin import y", "views/x.py: admin is not below views"),
        ("errors.py", "from generations.conf import conf", "errors.py: conf is not below errors"),
        ("utils.py", "", "utils.py: no layer is declared for utils"),
        ("views/x.py", "from generations.helpers import y", "views/x.py: no layer is declared for helpers"),
    ],
)
def test_rule_of_layers_sees_a_planted_violation(planted, name, source, complaint):
    assert list(upward(planted(name, source))) == [complaint]


def test_rule_of_layers_allows_what_lies_below_and_inside(planted):
    app = planted("views/x.py", "from generations.views.y import z\nfrom generations.errors import GalleryError\n")

    assert list(upward(app)) == []


def test_rule_of_features_sees_a_planted_violation(planted):
    app = planted("views/cards/x.py", "from generations.views.gallery.gallery import home\n")
    planted("views/manual/y.py", "")

    assert sorted(sideways(app)) == [
        "views/cards/x.py: views.gallery is not below views.cards",
        "views/manual/y.py: manual is no declared feature of views",
    ]


def test_circle_of_two_modules_is_seen(planted):
    planted("views/cards/a.py", "from generations.views.cards.b import x\n")
    app = planted("views/cards/b.py", "from generations.views.cards import a\n")

    assert circles(app) == ["views.cards.a", "views.cards.b"]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import os\nfrom pathlib import Path\n", []),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import os\n", []),
        ("def f():\n    import os\n", [2]),
        ("class A:\n    from os import path\n", [2]),
        ("try:\n    import a\nexcept ImportError:\n    import b\n", [2, 4]),
        ("if TYPE_CHECKING:\n    if True:\n        import os\n", [3]),
    ],
)
def test_rule_of_inline_imports_sees_a_planted_one(source, lines):
    assert inline(source) == lines


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("rows = Team.objects.visible_to(user)\n", [1]),
        ("team.members.order_by('name')\n", [1]),
        ("row = get_object_or_404(rows, pk=1)\n", [1]),
        ("row = team_or_404(user, slug)\nqueries.all_tags(team)\n", []),
    ],
)
def test_rule_of_queries_sees_a_planted_one(source, lines):
    assert queried(source) == lines


def test_rule_of_absolute_imports_sees_a_planted_one():
    assert relative("from . import a\nfrom ..b import c\nfrom d import e\n") == [1, 2]


def test_rule_of_length_counts_modules_and_functions():
    short, long = "def f():\n" + "    x = 1\n" * 39, "def g():\n" + "    x = 1\n" * 40

    assert too_long(short) == []
    assert too_long(long) == ["g"]
    assert too_long("x = 1\n" * 301) == ["the module"]
