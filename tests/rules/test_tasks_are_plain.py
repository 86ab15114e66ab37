"""Tasks that can start a generation never repeat by themselves: a message delivered again must never spend again.

Delays are in the row (`available_at`), repetition is in the sweeper. Read from the source, so that a task that no test
calls is checked as well.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings

from generations import tasks  # registers them

ROOT = Path(__file__).parents[2] / "generations"
# Modules that send the paid call.
ORDERS = "generations.providers"
# Options that would run a task again, and the only value each may have.
HARMLESS = {
    "autoretry_for": (), "retry_backoff": False, "retry_kwargs": None, "max_retries": 0, "acks_late": False,
    "acks_on_failure_or_timeout": True, "reject_on_worker_lost": False, "default_retry_delay": None,
}  # fmt: skip
SENDERS = {"apply_async", "send_task", "signature", "subtask", "s", "si", "set", "delay"}
LATER = {"eta", "countdown", "retry_policy", "expires"}


def modules(root: Path) -> dict[str, ast.Module]:
    """Return the modules by dotted name."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = (root.name, *path.relative_to(root).with_suffix("").parts)
        found[".".join(parts).removesuffix(".__init__")] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def reaching(sources: dict[str, ast.Module]) -> set[str]:
    """Return the modules from which a paid call can be sent, directly or through imports of imports."""
    imports = {name: set(_imported(tree)) for name, tree in sources.items()}
    found = {name for name in sources if name.startswith(ORDERS)}
    while more := {name for name, others in imports.items() if others & found} - found:
        found |= more
    return found


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def complaints(sources: dict[str, ast.Module]) -> list[str]:
    spending = reaching(sources)
    return [
        f"{name}:{line}: {what}"
        for name, tree in sources.items()
        for line, what in [*_calls_for_later(tree), *(_tasks_that_return(tree) if name in spending else ())]
    ]


def _tasks_that_return(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                if not _name(called).endswith("task"):
                    continue
                given = {word.arg: word.value for word in decorator.keywords} if isinstance(decorator, ast.Call) else {}
                if "max_retries" not in given:
                    yield node.lineno, f"{node.name} says nothing of max_retries; Celery's own is 3"
                for option, value in given.items():
                    if option is None or (option in HARMLESS and not _is(value, HARMLESS[option])):
                        yield node.lineno, f"{node.name} has {option}={ast.unparse(value)}"
        elif isinstance(node, ast.Call) and _name(node.func) == "retry" and isinstance(node.func, ast.Attribute):
            yield node.lineno, "a task is retried"


def _calls_for_later(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in SENDERS:
            for word in node.keywords:
                if word.arg in LATER:
                    yield node.lineno, f"{_name(node.func)} with {word.arg}"


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is(node: ast.expr, value: object) -> bool:
    try:
        return bool(ast.literal_eval(node) == value)
    except ValueError:
        return False


def test_no_task_that_can_spend_comes_back_by_itself():
    assert complaints(modules(ROOT)) == []


def test_the_entrances_of_celery_are_among_what_was_read():
    sources = modules(ROOT)

    assert "generations.tasks" in reaching(sources)
    assert "generations.tasks" in sources
    assert not {"generations.errors", "generations.models.generations", "generations.schema"} & reaching(sources)


def test_what_celery_was_told_is_what_was_read():
    assert settings.CELERY_TASK_ACKS_LATE is False
    for task in (tasks.generate, tasks.thumbnails):
        assert current_app.tasks[task.name] == task
        assert (task.max_retries, task.acks_late, hasattr(task, "autoretry_for")) == (0, False, False)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("@shared_task(max_retries=0, acks_late=True)", "work has acks_late=True"),
        ("@shared_task(max_retries=0, autoretry_for=(OSError,))", "work has autoretry_for=(OSError,)"),
        ("@shared_task(max_retries=0, retry_backoff=5)", "work has retry_backoff=5"),
        ("@shared_task(max_retries=3)", "work has max_retries=3"),
        ("@shared_task(max_retries=None)", "work has max_retries=None"),
        ("@shared_task(max_retries=0, **MORE)", "work has None=MORE"),
        ("@shared_task(name='work')", "work says nothing of max_retries; Celery's own is 3"),
        ("@shared_task", "work says nothing of max_retries; Celery's own is 3"),
        ("@app.task(bind=True, max_retries=1)", "work has max_retries=1"),
    ],
)
def test_planted_option_is_seen(tmp_path, source, complaint):
    assert planted(tmp_path, f"{source}\ndef work(): ...") == [f"generations.planted:3: {complaint}"]


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        ("work.apply_async((1,), countdown=60)", "apply_async with countdown"),
        ("work.apply_async(eta=tomorrow)", "apply_async with eta"),
        ("app.send_task('work', eta=None)", "send_task with eta"),
        ("work.s(1).set(countdown=1)", "set with countdown"),
        ("self.retry(exc=error)", "a task is retried"),
    ],
)
def test_planted_call_is_seen(tmp_path, call, complaint):
    assert planted(tmp_path, call) == [f"generations.planted:2: {complaint}"]


def test_module_that_cannot_spend_may_repeat_itself(tmp_path):
    source = "@shared_task(max_retries=3)\ndef mail(): ..."

    assert planted(tmp_path, source, imports="import smtplib") == []


def test_order_that_leaves_by_way_of_other_modules_is_seen(tmp_path):
    app = tmp_path / "generations"
    app.mkdir()
    (app / "far.py").write_text("from generations import near\n@shared_task\ndef work(): ...\n")
    (app / "near.py").write_text("from generations.providers.base import Provider\n")
    (app / "providers").mkdir()
    (app / "providers" / "base.py").write_text("class Provider: ...\n")

    assert complaints(modules(app)) == ["generations.far:3: work says nothing of max_retries; Celery's own is 3"]


def planted(tmp_path, source, imports="from generations.providers.base import Provider"):
    app = tmp_path / "generations"
    (app / "providers").mkdir(parents=True)
    (app / "providers" / "base.py").write_text("class Provider: ...\n")
    (app / "planted.py").write_text(f"{imports}\n{source}\n")
    return complaints(modules(app))
