"""Rows of reported pictures and blocked words: who reports, who decides, and whose list it is."""

from tests.authorisation.policies import (
    EVERYBODY,
    MANAGES,
    NOBODY,
    NOT_THERE,
    OK,
    SEES,
    SEES_MEMBERS_PRIVATE,
    SEES_PRIVATE,
    team_only,
)
from tests.authorisation.row import POST, Row, each, form

STRANGERS = NOT_THERE | {"stranger": OK}
FINISHED = {
    "picture": SEES, "own": SEES, "private": SEES_PRIVATE, "left_private": SEES_PRIVATE,
    "own_private": SEES_MEMBERS_PRIVATE, "island_picture": STRANGERS,
}  # fmt: skip
# The address of another team leads neither to the report nor to the page.
DECIDED = {
    "team report": MANAGES, "island island_report": STRANGERS, "island report": NOT_THERE,
    "team island_report": team_only(403, 403, 404, 404),
}  # fmt: skip
NOT_SHOWN = ("token other_picture", "token private", "token trashed", "other_token picture",
             "collection_token own_private", "collection_token left_private", "collection_token queued")  # fmt: skip
REPORTS = [
    *each("report", FINISHED),
    *each("report", FINISHED, POST, reason="other", note="words"),
    *each("report", FINISHED, POST, ok=422, reason="nothing"),
    *each("report", dict.fromkeys(("trashed", "doubt", "queued", "own_queued"), NOT_THERE)),
    Row("reports", "team", MANAGES),
    Row("reports", "island", STRANGERS),
    *(row for verdict in ("hide", "dismiss", "show") for row in each("decide_report", DECIDED, POST, verdict=verdict)),
    Row("public_report", "token picture", EVERYBODY, shows=("@picture",)),
    form("public_report", "token picture", EVERYBODY, ok=200, shows=("@picture",), reason="other", note="words"),
    # Asks for the password, and takes the report for a wrong one.
    Row("public_report", "locked_token picture", EVERYBODY),
    form("public_report", "locked_token picture", EVERYBODY, ok=403, reason="other"),
    *each("public_report", dict.fromkeys(NOT_SHOWN, NOBODY)),
    *each("public_report", dict.fromkeys(NOT_SHOWN, NOBODY), POST, reason="other"),
    Row("blocked_words", "team", MANAGES),
    Row("blocked_words", "island", STRANGERS),
    form("blocked_words", "team", MANAGES, words="gun"),
    form("blocked_words", "island", STRANGERS, words="gun"),
]
