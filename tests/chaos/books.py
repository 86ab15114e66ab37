"""The three books that are compared: the provider's, the site's, and what lies on the disk. Plain values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Call:
    """One POST as the provider saw it. `charges` has one amount for each time it took money.

    The seed is what tells which attempt it was, the hash of the prompt which order. `delivered` has the sha256 of
    everything that was handed over whole: with v2 a file may be asked for several times, and a page come in its place.
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
    """A row of the site's ledger; amounts are signed."""

    kind: str
    amount: Decimal
    generation: str = ""
    attempt: str = ""
    estimated: bool = False


@dataclass(frozen=True)
class Site:
    """`ledger` is None where the site keeps none."""

    generations: tuple[Generation, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    images: tuple[Image, ...] = ()
    thumbnails: frozenset[str] = frozenset()
    ledger: tuple[Entry, ...] | None = None


@dataclass(frozen=True)
class Disk:
    """Names of pictures with the sha256 of each; answers by attempt with the sha256 of the body.

    `no_pictures` are the originals that do not begin as a picture does, `rejected_pictures` the attempts whose rejected
    answer does.
    """

    originals: Mapping[str, str] = field(default_factory=dict)
    no_pictures: frozenset[str] = frozenset()
    thumbnails: frozenset[str] = frozenset()
    spool: Mapping[str, str] = field(default_factory=dict)
    rejected: Mapping[str, str] = field(default_factory=dict)
    rejected_pictures: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Books:
    """`ordered` holds the hashes of the prompts that the site said yes to, one for each order."""

    provider: tuple[Call, ...]
    site: Site
    disk: Disk
    ordered: tuple[str, ...]
