"""The table of places, and the sentences about failures."""

from collections.abc import Sequence

from tests.secret_scan.place import Place

MAX_HITS = 20


def table(places: Sequence[Place]) -> str:
    width = max(len(place.name) for place in places)
    lines = [f"| {'place':{width}} | {'searched':>22} | {'bytes':>13} | hits |"]
    lines.append(f"| {'-' * width} | {'-' * 21}: | {'-' * 12}: | ---: |")
    for place in places:
        mark = "" if place.passed else " !!"
        searched = f"{place.searched:,} {place.unit}"
        lines.append(f"| {place.name:{width}} | {searched:>22} | {place.size:>13,} | {len(place.hits):>4} |{mark}")
    return "\n".join(lines)


def sentences(places: Sequence[Place]) -> list[str]:
    """Return what is wrong."""
    said = []
    for place in places:
        if not place.searched:
            said.append(f"{place.name}: there was nothing to search, so this says nothing.")
        said += [f"{place.name}: the key stands in {hit}" for hit in place.hits[:MAX_HITS]]
        if len(place.hits) > MAX_HITS:
            said.append(f"{place.name}: … and {len(place.hits) - MAX_HITS} more")
    return said
