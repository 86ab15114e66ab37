"""The points at which a worker's death has another effect on money."""

from dataclasses import dataclass
from typing import Any

import pytest

V1, V2 = "v1", "v2"


@dataclass(frozen=True)
class CrashPoint:
    """Where the worker dies, and what it leaves: the states of generation and attempt, and a file in the spool or none.

    `charged`: the provider generates and charges in any case. `accepted`: with version 2 the request id is in the
    database. `doubt`: nothing on our side shows whether it was charged.
    """

    name: str
    at: str
    left: tuple[str, str]
    after: bool = False
    charged: bool = True
    accepted: bool = True
    spooled: bool = False
    doubt: bool = False
    versions: tuple[str, ...] = (V1, V2)

    def is_resumed(self, version: str) -> bool:
        """Return whether the request id leads back to the picture."""
        return self.accepted and version == V2

    def end(self, version: str) -> str:
        """Return the final state of the generation.

        Version 1 delivers a picture once, with the answer: an unread one is paid and lost.
        """
        return "unknown" if self.doubt and self.charged and version == V1 else "done"


CRASH_POINTS = [
    CrashPoint(
        "1 claimed",
        "generations.pipeline.worker.fulfil:mark_sent",
        ("running", "reserved"),
        charged=False,
        accepted=False,
    ),
    CrashPoint(
        "2 marked as sent",
        "generations.pipeline.worker.fulfil:free_connection",
        ("running", "sent"),
        charged=False,
        accepted=False,
        doubt=True,
    ),
    CrashPoint(
        "3 waiting for the answer",
        "generations.providers.transport:_Connection.getresponse",
        ("running", "sent"),
        accepted=False,
        doubt=True,
    ),
    CrashPoint(
        "3b request id read",
        "generations.pipeline.worker.fulfil:_accepted",
        ("running", "sent"),
        accepted=False,
        doubt=True,
        versions=(V2,),
    ),
    CrashPoint(
        "3c request id committed",
        "generations.pipeline.worker.fulfil:_accepted",
        ("running", "sent"),
        after=True,
        doubt=True,
        versions=(V2,),
    ),
    CrashPoint(
        "3d asked for once",
        "generations.providers.segmind_v2:SegmindV2._look",
        ("running", "sent"),
        after=True,
        doubt=True,
        versions=(V2,),
    ),
    CrashPoint("4 answer read", "generations.storage.spool:write", ("running", "sent"), doubt=True),
    CrashPoint("5 answer in the spool", "generations.pipeline.worker.fulfil:accept", ("running", "sent"), spooled=True),
    CrashPoint(
        "5b fetching the picture",
        "generations.providers.account:AccountApi._download",
        ("running", "answered"),
        spooled=True,
        versions=(V2,),
    ),
    CrashPoint(
        "6 answer in the books", "generations.pipeline.worker.store:inspect", ("running", "answered"), spooled=True
    ),
    CrashPoint(
        "7 original stored", "generations.storage.files:save", ("running", "answered"), after=True, spooled=True
    ),
    CrashPoint(
        "7b rows not committed",
        "generations.pipeline.worker.store:thumbnail_row",
        ("running", "answered"),
        spooled=True,
    ),
    CrashPoint("8 committed", "generations.storage.spool:remove", ("done", "stored"), spooled=True),
]


def at_each(*points: CrashPoint) -> Any:
    """Parametrize a test by `version` and `point`: each point in every version that has it."""
    stories = [
        pytest.param(version, point, id=f"{version} {point.name}") for point in points for version in point.versions
    ]
    return pytest.mark.parametrize(("version", "point"), stories, indirect=["version"])
