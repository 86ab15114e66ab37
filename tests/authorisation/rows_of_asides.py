"""Rows of comments, activity, notifications, searches, and ways to sign in."""

from tests.authorisation.policies import (
    EVERYBODY,
    LOGIN,
    MAKES,
    MANAGES,
    NOBODY,
    NOT_THERE,
    OK,
    SEES,
    SEES_MEMBERS_PRIVATE,
    SEES_PRIVATE,
    SIGNED_IN,
    team_only,
)  # fmt: skip
from tests.authorisation.row import POST, Row, each, form
from tests.authorisation.world import MEMBERS
from tests.factories import PASSWORD

SIGNED_IN_PEOPLE = ("stranger", "removed", "superuser", *MEMBERS)
STRANGERS = NOT_THERE | {"stranger": OK}
MEMBERS_ALONE = NOT_THERE | {"member": OK}
MANAGERS_ALONE = NOT_THERE | {"manager": OK}
LATEST = "ffffffff-ffff-7fff-bfff-ffffffffffff"

COMMENTED = {
    "picture": MAKES, "own": MAKES, "trashed": MAKES, "doubt": MAKES, "queued": MAKES, "private": SEES_PRIVATE,
    "left_private": SEES_PRIVATE, "own_private": SEES_MEMBERS_PRIVATE, "private_queued": SEES_PRIVATE,
    "island_picture": STRANGERS,
}  # fmt: skip
# By the colleague, unless the name says whose. Nobody changes another user's text; only managers delete it.
COMMENTS = {
    "picture picture_comment": (team_only(403, 403, 403, 403), MANAGES),
    "picture own_comment": (team_only(403, OK, 403, 403), MAKES),
    "private private_comment": (team_only(404, 404, 403, 403), SEES_PRIVATE),
    "own_private own_private_comment": (team_only(404, OK, 403, 403), SEES_MEMBERS_PRIVATE),
    "island_picture island_comment": (STRANGERS, STRANGERS),
    # A deleted picture shows no comments, and a comment does not exist under another picture.
    "trashed trashed_comment": (NOT_THERE, NOT_THERE),
    "picture private_comment": (NOT_THERE, NOT_THERE),
    "own picture_comment": (NOT_THERE, NOT_THERE),
}  # fmt: skip
TALK = [
    *each("comment", COMMENTED, POST, text="words"),
    *(form("change_comment", args, change, text="words") for args, (change, _) in COMMENTS.items()),
    *(form("delete_comment", args, delete) for args, (_, delete) in COMMENTS.items()),
    Row("activity", "team", SEES),
    Row("activity", "team", SEES, query=f"before={LATEST}"),
    Row("activity", "island", STRANGERS),
]

TOLD = {
    "told_member": MEMBERS_ALONE, "told_manager": MANAGERS_ALONE, "hushed_manager": MANAGERS_ALONE,
    # The picture has become private or was deleted, or belongs to a team that the user left.
    "hushed_member": NOT_THERE, "binned_member": NOT_THERE, "told_removed": NOT_THERE, "hushed_removed": NOT_THERE,
    # About a pending approval request, and about a rejected one.
    "asked_of_manager": MANAGERS_ALONE, "own_asked_of_manager": MANAGERS_ALONE, "refused_of_member": MEMBERS_ALONE,
    "asked_of_removed": NOT_THERE, "refused_of_removed": NOT_THERE,
    "report_of_manager": MANAGERS_ALONE, "report_of_removed": NOT_THERE,
}  # fmt: skip
NOTIFICATIONS = [
    Row("notifications", "", SIGNED_IN),
    # Users without notifications are redirected to the first page.
    Row("notifications", "", SIGNED_IN, query=f"before={LATEST}",
        but=dict.fromkeys(("stranger", "removed", "superuser"), 302)),
    *each("open_notification", TOLD, POST),
    *each("read_notification", TOLD, POST),
    form("read_notifications", "", SIGNED_IN, newest=LATEST),
    form("notification_preferences", "", SIGNED_IN, digest="off"),
]  # fmt: skip

SAVED = {
    "team shared_saved": (SEES, MANAGES), "team member_saved": (MEMBERS_ALONE, MEMBERS_ALONE),
    "team colleague_saved": (NOT_THERE, NOT_THERE), "team owner_saved": (NOT_THERE | {"owner": OK},) * 2,
    "island shared_saved": (NOT_THERE, NOT_THERE), "island member_saved": (NOT_THERE, NOT_THERE),
}  # fmt: skip
PRESETS = {
    "team shared_preset": (SEES, MANAGES), "team member_preset": (MEMBERS_ALONE, MEMBERS_ALONE),
    "team colleague_preset": (NOT_THERE, NOT_THERE), "island shared_preset": (NOT_THERE, NOT_THERE),
}  # fmt: skip
PAIRS = {
    "own": SEES, "private": SEES_PRIVATE, "left_private": SEES_PRIVATE, "own_private": SEES_MEMBERS_PRIVATE,
    "island_picture": NOT_THERE, "trashed": NOT_THERE, "queued": NOT_THERE, "doubt": NOT_THERE, "picture": NOT_THERE,
}  # fmt: skip
FINDING = [
    form("save_search", "team", SEES, name="Another", query="q=words"),
    form("save_search", "team", SEES, name="Another", query="tag=privatag&person=@colleague"),
    *(Row("saved_search", args, sees, ok=302) for args, (sees, _) in SAVED.items()),
    # It filters by a tag of a private picture only; for other users that tag does not exist.
    Row("saved_search", "team tag_saved", SEES_PRIVATE, ok=302, but={"viewer": 200, "member": 200}),
    *(form("change_saved_search", args, change, name="Another") for args, (_, change) in SAVED.items()),
    *(form("delete_saved_search", args, change) for args, (_, change) in SAVED.items()),
    form("dropped_picture", "team", MAKES, ok=200, generation="@picture"),
    form("dropped_picture", "team", MAKES, ok=422, generation="@island_picture"),
    form("dropped_picture", "team", SEES_PRIVATE, generation="@private", ok=200, but={"viewer": 403, "member": 422}),
    Row("presets", "team", SEES),
    Row("presets", "team", MAKES, POST, {"x-preset": "Another"}, 302),
    *(form("change_preset", args, change, name="Another") for args, (_, change) in PRESETS.items()),
    *(form("delete_preset", args, change) for args, (_, change) in PRESETS.items()),
    form("default_preset", "team shared_preset", MANAGES, default="1"),
    form("default_preset", "team member_preset", NOT_THERE | {"member": 403}, default="1"),
    form("default_preset", "island shared_preset", NOT_THERE, default="1"),
    Row("view_history", "team", SEES),
    Row("prompt_history", "team", SEES),
    Row("prompt_history", "team", SEES, query="q=words"),
    Row("prompt_history", "island", STRANGERS),
    form("clear_view_history", "team", SEES),
    *each("record_view", COMMENTED | dict.fromkeys(("picture", "own", "trashed", "doubt", "queued"), SEES), POST,
          ok=204),
    Row("compare", "team", NOT_THERE),
    *(Row("compare", "team", policy, query=f"a=@picture&b=@{name}") for name, policy in PAIRS.items()),
    Row("compare", "team", SEES_PRIVATE, query="a=@private&b=@left_private"),
    form("selection", "team", SEES, action="compare", id=["@picture", "@own"]),
    form("selection", "team", SEES_PRIVATE, action="compare", id=["@picture", "@private"]),
    form("selection", "team", NOT_THERE, action="compare", id=["@picture", "@island_picture"]),
    form("selection", "team", MAKES, action="share", id="@picture"),
    form("selection", "team", SEES_PRIVATE, action="share", id="@private"),
    form("selection", "team", MAKES, action="share", id=["@picture", "@own"], share_name="Another"),
    form("selection", "team", SEES_PRIVATE, action="share", id=["@picture", "@private"], share_name="Another"),
    form("selection", "team", NOT_THERE, action="share", id=["@picture", "@island_picture"], share_name="Another"),
    form("selection", "team", MAKES, action="enter", id=["@picture", "@own"], share_name="Another"),
]  # fmt: skip

ZIP_SHOWN = ("@picture", "@own", "@private", "Shelfosaur")
SHARED_ZIP = [
    Row("public_zip", "zip_token", EVERYBODY, shows=ZIP_SHOWN,
        writes=("generations_generation.downloaded_at", "generations_ratelimituse")),
    # Downloads not allowed, password not given, a single picture, or a token of another kind.
    *each("public_zip", dict.fromkeys(
        ("collection_token", "locked_zip_token", "token", "other_token", "invitation_token", "address_token"), NOBODY
    )),
]  # fmt: skip

OWN_PASSKEYS = {"member_passkey": MEMBERS_ALONE, "colleague_passkey": NOT_THERE}
SIGN_IN = [
    Row("passkey_sign_in", "", EVERYBODY, but=dict.fromkeys(SIGNED_IN_PEOPLE, 302)),
    form("passkey_sign_in", "", EVERYBODY, ok=422, answer="{}", but=dict.fromkeys(SIGNED_IN_PEOPLE, 302)),
    # No user here has entered a password a moment ago.
    Row("two_factor_sign_in", "", EVERYBODY, ok=LOGIN),
    form("two_factor_sign_in", "", EVERYBODY, ok=LOGIN, code="123456"),
    # No provider is configured; with one see tests/views/accounts/test_openid.py.
    *each("openid", {"": NOBODY}),
    *each("openid_callback", {"": NOBODY}),
    Row("confirm", "", SIGNED_IN),
    form("confirm", "", SIGNED_IN, proof=PASSWORD),
    form("confirm", "", SIGNED_IN, ok=422, proof="wrong"),
    Row("two_factor_app", "", SIGNED_IN),
    form("two_factor_app", "", SIGNED_IN, ok=422, code="123456", sealed="wrong"),
    form("two_factor_app_remove", "", SIGNED_IN),
    form("recovery_codes", "", SIGNED_IN, ok=200),
    Row("new_passkey", "", SIGNED_IN),
    form("new_passkey", "", SIGNED_IN, ok=422, name="Another", answer="{}"),
    *each("rename_passkey", OWN_PASSKEYS, POST, name="Another"),
    *each("remove_passkey", OWN_PASSKEYS, POST),
]
