"""Which tests run, and what is printed about that at the start.

`--nightly` (or NIGHTLY=1) runs also what is marked so. Under REQUIRE_ALL a test that would be skipped fails.
"""

import os
from collections.abc import Generator, Sequence
from typing import Any

import pytest
from django.db import connection

from tests.infrastructure import programs

REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"
# Of one test on the average, in one process on a quiet machine.
SECONDS = 0.1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--nightly",
        action="store_true",
        default=os.environ.get("NIGHTLY") == "1",
        help="run also the tests that are marked nightly",
    )


@pytest.fixture(scope="session")
def at_night(pytestconfig: pytest.Config) -> bool:
    """Whether everything is asked, as `make nightly` does."""
    return bool(pytestconfig.getoption("nightly"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Leave out what is nightly; first comes what starts a site or servers.

    Of several processes the first one begins with those, and the others take what stands last: one site is enough for
    all tests of a module. The deployment is the longest to start, so what needs it comes before everything else.
    """
    leave_out_nightly(config, items)
    yield
    items.sort(key=place)


def place(item: pytest.Item) -> int:
    if "deployment" in getattr(item, "fixturenames", ()):
        return 0
    return 1 if item.get_closest_marker("e2e") else 2 if item.get_closest_marker("services") else 3


def leave_out_nightly(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Unless it is asked for by its own name."""
    named = any("::" in word for word in config.args)
    for item in items:
        if item.get_closest_marker("e2e") and not item.get_closest_marker("each_commit"):
            item.add_marker("nightly")
        if commits(item) and not item.get_closest_marker("one_database"):
            item.add_marker("both_databases")
        if item.get_closest_marker("sqlite_nightly"):
            item.add_marker("nightly" if connection.vendor == "sqlite" else "both_databases")
    if named or config.getoption("nightly"):
        return
    left = [item for item in items if item.get_closest_marker("nightly")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("nightly")]


def commits(item: pytest.Item) -> bool:
    """Whether it works with real transactions, as what is about locks does."""
    marker = item.get_closest_marker("django_db")
    transaction = marker is not None and marker.kwargs.get("transaction", False)
    return transaction or "transactional_db" in getattr(item, "fixturenames", ())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where every part must be there (CI), a test that would be skipped fails."""
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped although REQUIRE_ALL is set: {report.longrepr}"
    return report


def pytest_report_collectionfinish(config: pytest.Config, items: Sequence[pytest.Item]) -> list[str]:
    return announcement(config, len(items), 1)


class Announcement:
    """Of a run in several processes, once they have collected."""

    def __init__(self) -> None:
        self.made = False

    @pytest.hookimpl
    def pytest_xdist_node_collection_finished(self, node: Any, ids: Sequence[str]) -> None:
        if not self.made:
            self.made = True
            config: pytest.Config = node.config
            reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
            for line in announcement(config, len(ids), len(config.option.tx)):
                reporter.write_line(line)


def pytest_configure(config: pytest.Config) -> None:
    if config.pluginmanager.hasplugin("dsession"):
        config.pluginmanager.register(Announcement())


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core, and one: many a test waits for a process that it has started."""
    return 2 * (os.cpu_count() or 1) + 1


def announcement(config: pytest.Config, count: int, processes: int) -> list[str]:
    minutes = count * SECONDS / min(processes, os.cpu_count() or 1) / 60
    long = f"about {minutes:.0f} minutes" if minutes >= 1 else "less than a minute"
    said = [f"{count:,} tests, {long} in {processes} processes" if processes > 1 else f"{count:,} tests, {long}"]
    if not config.getoption("nightly"):
        said.append("Without those for the night (--nightly runs them too; make nightly runs everything).")
    said += [f"Skipped: what needs a program, for {programs.sentence(one)}." for one in programs.missing()]
    return said
