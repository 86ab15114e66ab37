"""The three sets of records that are compared: the provider's, the site's, and the files. Plain values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Call:
    """One POST as the provider saw it; `charges` has one amount for each charge.

    The seed identifies the attempt, the hash of the prompt the generation. `delivered` has the sha256 of everything
    that was delivered completely: with v2 a file may be requested several times, and an HTML page may come in its
    place.
    """

    request_id: str
    seed: int | None
    prompt_sha256: str
    charges: tuple[Decimal, ...] = ()
    delivered: frozenset[str] = frozenset()
    fault: str = ""
    version: str = "v1"


@dataclass(frozen=True)
class Generation:
    id: str
    prompt_sha256: str
    state: str
    cost: Decimal | None = None


@dataclass(frozen=True)
class Attempt:
    id: str
    generation: str
    seed: int | None
    state: str
    sent: bool = True
    cost: Decimal | None = None
    estimated: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Image:
    generation: str
    attempt: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Entry:
    """A ledger entry of the site; amounts are signed."""

    kind: str
    amount: Decimal
    generation: str = ""
    attempt: str = ""
    estimated: bool = False


@dataclass(frozen=True)
class Site:
    """Rows of the site; `ledger` is None for a site without one."""

    generations: tuple[Generation, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    images: tuple[Image, ...] = ()
    thumbnails: frozenset[str] = frozenset()
    ledger: tuple[Entry, ...] | None = None


@dataclass(frozen=True)
class Disk:
    """Names of pictures with their sha256, and answers by attempt with the sha256 of the body.

    `no_pictures` are originals that do not begin like a picture, `rejected_pictures` attempts whose rejected answer
    does.
    """

    originals: Mapping[str, str] = field(default_factory=dict)
    no_pictures: frozenset[str] = frozenset()
    thumbnails: frozenset[str] = frozenset()
    spool: Mapping[str, str] = field(default_factory=dict)
    rejected: Mapping[str, str] = field(default_factory=dict)
    rejected_pictures: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Books:
    """All records; `ordered` has the hash of the prompt of each request that the site accepted."""

    provider: tuple[Call, ...]
    site: Site
    disk: Disk
    ordered: tuple[str, ...]
