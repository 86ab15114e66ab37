"""The matrix: one row for each way to request something from a route, and who gets it.

A new route needs a row here, most often one line: its name, the things in its address (see world.py), a policy, and for
a form its method, its fields and the status when it is accepted.
"""

from typing import Any

from tests.authorisation.policies import (
    ADMIN,
    ADMIN_MAY_NOT,
    EVERYBODY,
    LOGIN,
    MAKES,
    MAKES_TEAMS,
    MANAGES,
    NOBODY,
    NOT_THERE,
    OK,
    OWNS,
    RUNS_SITE,
    SEES,
    SEES_MEMBERS_PRIVATE,
    SEES_PRIVATE,
    SIGNED_IN,
)  # fmt: skip
from tests.authorisation.row import POST, Row, each, form
from tests.authorisation.rows_of_asides import FINDING, NOTIFICATIONS, SHARED_ZIP, SIGN_IN, SIGNED_IN_PEOPLE, TALK
from tests.authorisation.rows_of_limits import LIMITS
from tests.authorisation.rows_of_reports import REPORTS
from tests.authorisation.world import MEMBERS, OUTSIDERS, SIGNED_OUT
from tests.factories import PASSWORD

ABOUT_EVERYBODY = [
    Row("healthz", "", EVERYBODY),
    Row("readyz", "", EVERYBODY),
    Row("metrics", "", EVERYBODY),  # local requests; for others see tests/views/site/test_metrics.py
    Row("login", "", EVERYBODY, but=dict.fromkeys(SIGNED_IN_PEOPLE, 302)),
    form("login", "", EVERYBODY, ok=200, username="stella@example.test", password="wrong",
         but=dict.fromkeys(SIGNED_IN_PEOPLE, 302)),
    form("logout", "", EVERYBODY, ok=LOGIN),
    form("theme", "", EVERYBODY, theme="dark"),
    form("thumbnail_size", "", SIGNED_IN, size="4"),
    Row("password_reset", "", EVERYBODY),
    form("password_reset", "", EVERYBODY, email="nobody@example.test"),
    Row("password_reset_done", "", EVERYBODY),
    Row("home", "", SIGNED_IN, ok=302, but={"superuser": 200, "removed": 200}),
    Row("account", "", SIGNED_IN),
    Row("help", "", SIGNED_IN),
    Row("help", "", SIGNED_IN, query="q=limit"),
    Row("help_page", "credits", SIGNED_IN),
    Row("help_page", "architecture", NOBODY | dict.fromkeys(SIGNED_OUT, LOGIN)),
    form("change_name", "", SIGNED_IN, name="Another"),
    form("change_email", "", SIGNED_IN, email="another@example.test", current_password=PASSWORD),
    form("end_sessions", "", SIGNED_IN),
    Row("password_change", "", SIGNED_IN),
    form("password_change", "", SIGNED_IN, old_password=PASSWORD, new_password1="a longer one, 14",
         new_password2="a longer one, 14"),
    Row("password_change_done", "", SIGNED_IN),
    # Teams spend, so superusers create them; tests/views/teams/test_members.py has the site where everybody may.
    Row("new_team", "", MAKES_TEAMS),
    form("new_team", "", MAKES_TEAMS, name="Another"),
    Row("provider", "", RUNS_SITE),
    form("pause", "", RUNS_SITE, reason="because"),
    form("resume", "", RUNS_SITE, reason="because"),
    form("reconcile_now", "", RUNS_SITE, days="1"),
    form("explain_discrepancy", "", RUNS_SITE, run="@run", key="top_up:one"),
    form("explain_remainder", "", RUNS_SITE, run="@run", why="other", seen="0", reason="because"),
    form("revoke_explanation", "", RUNS_SITE, named="@named", reason="because"),
    form("post_history_row", "", RUNS_SITE, run="@run", key="price:one"),
]  # fmt: skip

# An address with a token opens for everybody who has it, and for nobody else.
WITH_A_TOKEN = [
    Row("confirm_email", "address_token", EVERYBODY, shows=("people",)),
    form("confirm_email", "address_token", EVERYBODY, shows=("people",)),
    *each("confirm_email", {"token": NOBODY, "invitation_token": NOBODY}),
    Row("password_reset_confirm", "reset_uid reset_token", EVERYBODY, ok=302),
    Row("password_reset_confirm", "reset_uid token", EVERYBODY),  # the page reports it as invalid
    form("password_reset_confirm", "reset_uid token", EVERYBODY, ok=200, new_password1="a longer one, 14",
         new_password2="a longer one, 14"),
    Row("invitation", "invitation_token", EVERYBODY, shows=("team", "people", "invitation")),
    # It is for another email address than that of anybody who is signed in.
    form("invitation", "invitation_token", EVERYBODY, shows=("team", "people", "invitation"),
         but=dict.fromkeys(SIGNED_IN_PEOPLE, 403), name="Anna", password="a longer one, 14"),
    *each("invitation", {"token": NOBODY, "other_token": NOBODY}),
]  # fmt: skip

# A link shows what its creator may see: also their own private picture, and no other user's.
SHOWN = ("@picture",)
SHELF_SHOWN = ("@picture", "@own", "@private", "Shelfosaur", "descriptosaur")
VISIT = ("generations_sharevisit",)
FOR_OUTSIDERS = [
    Row("public_page", "token", EVERYBODY, shows=SHOWN, writes=VISIT),
    form("public_page", "token", EVERYBODY, ok=200, shows=SHOWN),
    Row("public_page", "collection_token", EVERYBODY, shows=SHELF_SHOWN, writes=VISIT),
    Row("public_page", "locked_token", EVERYBODY),
    form("public_page", "locked_token", EVERYBODY, ok=403, password="wrong word"),
    Row("public_picture", "token picture", EVERYBODY, shows=SHOWN),
    Row("public_picture", "collection_token picture", EVERYBODY, shows=SHELF_SHOWN),
    Row("public_picture", "locked_token picture", EVERYBODY),
    Row("public_image", "token picture", EVERYBODY, shows=("@picture_sha256",),  # in its ETag
        writes=("generations_generation.downloaded_at",)),
    Row("public_thumbnail", "token picture 320", EVERYBODY),
    Row("public_preview", "token picture", EVERYBODY),
    *each("public_page", {"invitation_token": NOBODY, "address_token": NOBODY}),
    # A valid token for something that it does not show.
    *each("public_picture", {f"token {thing}": NOBODY for thing in ("other_picture", "own", "private", "trashed")}),
    *each("public_picture", {"other_token picture": NOBODY, "collection_token other_picture": NOBODY}),
    *each("public_picture", {f"collection_token {name}": NOBODY for name in ("own_private", "left_private", "queued")}),
    *each("public_image", {
        "token private": NOBODY, "other_token picture": NOBODY, "collection_token picture": NOBODY,
        "locked_token picture": NOBODY, "token queued": NOBODY,
    }),
    *each("public_thumbnail", {
        "token private": NOBODY, "other_token picture": NOBODY, "token trashed": NOBODY,
        "locked_token picture": NOBODY, "collection_token left_private": NOBODY,
    }, more=" 320"),
    *each("public_preview", {
        "token private": NOBODY, "other_token picture": NOBODY, "token trashed": NOBODY,
        "locked_token picture": NOBODY, "collection_token left_private": NOBODY,
    }),
    *each("public_not_found", {"token/zip": NOBODY, "anything/at/all": NOBODY}),
]  # fmt: skip

# Pictures of the member's colleague, of the member, and private ones.
SEEN = {
    "picture": SEES, "own": SEES, "trashed": SEES, "doubt": SEES, "queued": SEES,
    "private": SEES_PRIVATE, "left_private": SEES_PRIVATE, "own_private": SEES_MEMBERS_PRIVATE,
    "private_queued": SEES_PRIVATE, "island_picture": NOT_THERE | {"stranger": OK},
}  # fmt: skip
WITH_A_FILE = {name: policy for name, policy in SEEN.items() if name not in {"doubt", "queued", "private_queued"}}
EDITED = {
    "picture": MANAGES, "own": MAKES, "trashed": MANAGES, "doubt": MANAGES, "queued": MANAGES, "own_queued": MAKES,
    "private": SEES_PRIVATE, "left_private": SEES_PRIVATE, "own_private": SEES_MEMBERS_PRIVATE,
    "private_queued": SEES_PRIVATE, "island_picture": NOT_THERE | {"stranger": OK},
}  # fmt: skip
SETTLED = {"picture": MANAGES, "own": MANAGES, "doubt": MANAGES, "private": SEES_PRIVATE,
           "own_private": SEES_MEMBERS_PRIVATE | {"member": 403}}  # fmt: skip
# A downloaded picture counts as kept in the keep rate; a download sends no form.
TAKEN = ("generations_generation.downloaded_at",)
SHARED = {"picture": MAKES, "own": MAKES, "private": SEES_PRIVATE, "own_private": SEES_MEMBERS_PRIVATE}
ATTEMPTS = {
    **{f"team {name} 1": policy for name, policy in WITH_A_FILE.items() if name != "island_picture"},
    "team doubt 1": SEES, "island island_picture 1": NOT_THERE | {"stranger": OK},
    "team island_picture 1": NOT_THERE, "team picture 2": NOT_THERE, "team queued 1": NOT_THERE,
    # Its cost stays visible to users who review spending.
    "team purged 1": SEES_PRIVATE,
}  # fmt: skip
PICTURES = [
    *each("detail", SEEN),
    *each("attempt", ATTEMPTS),
    *each("image", WITH_A_FILE),
    *each("image", WITH_A_FILE, query="download", writes=TAKEN),
    *each("thumbnail", WITH_A_FILE, more=" 320"),
    *each("image", {"queued": NOT_THERE}),
    *each("favourite", SEEN, POST),
    *(row for name in ("cancel", "delete", "restore") for row in each(name, EDITED, POST)),
    *each("look_up", EDITED, POST),
    *each("retry", EDITED, POST, accept="yes", attempt="@attempt"),
    *each("mark_lost", SETTLED, POST, reason="because"),
    *each("share", SHARED),
    *each("share", {"queued": MAKES}, ok=302),
    *each("share", SHARED, POST, expires="7"),
]

USED = ("generations_membership.last_used_at",)
SEARCHES = ["q=wordsofprivate", "q=wordsofqueued", "collection=@collection", "tag=privatag", "favourite=1",
            "remix=@private", "use=@queued", "seed_of=@private", "layout=list"]  # fmt: skip
FILLED: dict[str, Any] = {"prompt": "words", "count": "2", "x-do": "fill"}
FROM: dict[str, Any] = {"from": "@collection"}
CHOSEN = {"zip": (SEES, 200), "favourite": (SEES, 302), "private": (MANAGES, 302), "delete": (MANAGES, 302)}
TEAM = [
    Row("gallery", "team", SEES, writes=USED),
    *(Row("gallery", "team", SEES, query=query, writes=USED) for query in SEARCHES),
    Row("create", "team", SEES, ok=302),
    form("create", "team", MAKES, ok=200, **FILLED),
    form("create", "team", MAKES, prompt="words", count="1"),
    Row("poll", "team", SEES, query="ids=@queued,@private_queued,@private,@picture"),
    Row("queue", "team", SEES),
    Row("trash", "team", SEES),
    Row("verify", "team", SEES),
    Row("verify", "team", SEES, query="sha256=@private_sha256"),
    form("verify", "team", SEES, ok=200, sha256="@private_sha256"),
    Row("links", "team", SEES),
    Row("links", "team", SEES, query="ended"),
    # An unknown link is not revoked, and the answer does not reveal whether it exists.
    form("revoke_links", "team", MANAGES, only="@link"),
    form("revoke_links", "team", MAKES, only="@own_link"),
    form("revoke_links", "team", MANAGES, person="@colleague", all="1"),
    # Managers may revoke it; only its creator changes it.
    form("change_link", "team own_link", NOT_THERE | {"viewer": 403, "member": OK}, expires="7"),
    form("change_link", "team link", NOT_THERE | {"viewer": 403}, expires="7"),
    form("change_link", "island link", NOT_THERE | {"stranger": 404}, expires="7"),
    *(form("selection", "team", policy, action=action, id="@picture", ok=ok)
      for action, (policy, ok) in CHOSEN.items()),
    *(form("selection", "team", SEES_PRIVATE, action=action, id="@private", ok=200 if action == "zip" else 302)
      for action in (*CHOSEN, "add", "untag")),
    form("selection", "team", MAKES, action="add", id="@picture", collection="Any", tag="any"),
    form("selection", "team", MAKES, action="uncollect", id="@picture", **FROM),
    form("selection", "team", NOT_THERE, action="zip", id="@island_picture"),
    form("selection", "team", NOT_THERE, action="favourite", id=["@picture", "@island_picture"]),
    Row("collections", "team", SEES),
    form("collections", "team", MAKES, name="Another"),
    Row("collection", "team collection", SEES),
    *each("collection", {"team island_collection": NOT_THERE, "island collection": NOT_THERE | {"stranger": 404}}),
    Row("collection_zip", "team collection", SEES, writes=(*TAKEN, "generations_ratelimituse")),
    Row("share_collection", "team collection", MAKES),
    form("share_collection", "team collection", MAKES, expires="7"),
    form("share_collection", "team island_collection", NOT_THERE | {"viewer": 403}, expires="7"),
    form("collection_edit", "team collection", MAKES, name="Another"),
    form("collection_cover", "team collection", MAKES, id="@picture"),
    form("collection_cover", "team collection", MAKES, id="@private",
         but={"member": 404}),
    form("collection_delete", "team collection", MANAGES),
    form("collection_delete", "team own_collection", MAKES),
    Row("tags", "team", MANAGES),
    *(form(f"tag_{verb}", f"team {tag}", MANAGES, name="another", into="tagosaur")
      for verb in ("rename", "merge", "delete") for tag in ("tag", "private_tag")),
    *each("tag_delete", {"island tag": NOT_THERE}, POST),
]  # fmt: skip

# Users who may not review see their own generations and nothing of others, whose names and words are planted.
REVIEWED = [
    *(Row(name, "team", SEES) for name in ("credits", "credits_entries", "credits_csv", "credits_breakdown",
                                           "credits_focus", "keep_rate")),
    *(Row("credits", "team", SEES, query=f"by={by}")
      for by in ("person", "day", "size", "speed", "collection", "cost_centre", "tag", "prompt_group",
                 "outcome")),
    *(Row("keep_rate", "team", SEES, query=f"by={by}") for by in ("person", "prompt_group", "size", "speed")),
    *(Row("credits_breakdown", "team", SEES, query=f"by={by}")
      for by in ("person", "collection", "tag", "prompt_group")),
    *(Row("credits_entries", "team", SEES, query=f"by={query}") for query in (
        "person&key=@colleague", "tag&key=privatag", "collection&key=@collection", "outcome&key=done",
        "collection&key=@island_collection", "person&key=@stranger")),
    Row("credits_csv", "team", SEES, query="by=person&key=@colleague"),
    *each("credits", {"island": NOT_THERE | {"stranger": OK}}),
    *each("credits_csv", {"island": NOT_THERE | {"stranger": OK}}),
    Row("all_credits", "", RUNS_SITE, shows=("team",)),
]  # fmt: skip

SWEEP: dict[str, Any] = {"prompt": "words", "x-sizes": "1024x1024", "x-speeds": "juiced", "x-seeds": "7"}
UNSEEN: dict[str, Any] = {**SWEEP, "x-do": "order"}
TOGETHER = {"team batch_of_picture": SEES, "team batch_of_private": SEES_PRIVATE, "team batch_of_queued": SEES,
            "team batch_of_own_private": SEES_MEMBERS_PRIVATE, "team batch_of_island_picture": NOT_THERE}  # fmt: skip
STOPPED = {"team batch_of_picture": MANAGES, "team batch_of_own_queued": MAKES, "team batch_of_private": SEES_PRIVATE,
           "team batch_of_queued": MANAGES, "team batch_of_island_picture": NOT_THERE}  # fmt: skip
# A manager decides about the request of the member; only the asker withdraws it.
OTHERS_ASKED, OWN_ASKED = SEES_PRIVATE, SEES_MEMBERS_PRIVATE
ORDERING = [
    Row("parameter_grid", "team", MAKES),
    form("parameter_grid", "team", MAKES, ok=200, **FILLED),
    form("parameter_grid", "team", MAKES, ok=200, **SWEEP),
    form("parameter_grid", "team", MAKES, ok=409, **UNSEEN),
    *each("batch", TOGETHER),
    *each("batch", {"island batch_of_picture": NOT_THERE | {"stranger": 404}}),
    *each("batch_stop", STOPPED, POST),
    form("cancel_own", "team", SEES),
    Row("approvals", "team", SEES),
    *(form("decide_request", f"team {asked}", policy, verdict=verdict) for verdict in ("approve", "refuse")
      for asked, policy in {"asked": OTHERS_ASKED, "own_asked": OWN_ASKED | {"member": 403}}.items()),
    form("decide_request", "island asked", NOT_THERE | {"stranger": 404}, verdict="approve"),
    form("cancel_request", "team asked", OTHERS_ASKED | {"manager": 403, "owner": 403}),
    form("cancel_request", "team own_asked", OWN_ASKED | {"manager": 403, "owner": 403}),
]  # fmt: skip

PEOPLE_OF_THE_TEAM = [
    Row("people", "team", SEES),
    form("people", "team", MANAGES, role="viewer", email="another@example.test"),
    form("people", "team", MANAGES | {"manager": 422}, role="owner", email="another@example.test"),
    form("leave_team", "team", SEES),
    form("change_team", "team", OWNS, name="Another", default_visibility="private", cost_centre="4711"),
    Row("first_picture", "team", OWNS),
    # There is no key here.
    form("first_picture", "team", OWNS, ok=422, prompt="a round stone"),
    form("skip_setup", "team", OWNS),
    form("change_role", "team viewer", MANAGES, role="member"),
    form("change_role", "team viewer", OWNS, role="owner"),
    form("change_role", "team owner", OWNS, role="viewer"),
    form("change_role", "team manager", OWNS, role="viewer"),
    form("change_role", "team stranger", NOT_THERE | {"viewer": 403, "member": 403}, role="member"),
    form("remove_member", "team viewer", MANAGES),
    form("remove_member", "team owner", OWNS),
    form("remove_member", "team manager", OWNS),
    form("renew_invitation", "team invitation", MANAGES),
    form("revoke_invitation", "team invitation", MANAGES),
    form("renew_invitation", "team owners_invitation", OWNS, ok=200),
    form("revoke_invitation", "team owners_invitation", OWNS),
    form("revoke_invitation", "island invitation", NOT_THERE | {"stranger": 404}),
    Row("audit_log", "team", OWNS),
    Row("audit_csv", "team", OWNS),
    Row("provenance", "team", OWNS),
    form("provenance", "team", OWNS, prompt_in_downloads="on"),
]

# Django's admin. What represents money or a file is read there and not written.
WRITTEN = {"generations_team": "team_key", "generations_user": "colleague", "generations_sitelimit": "over_all"}
READ = {
    "generations_generation": "picture", "generations_attempt": "attempt_row", "generations_image": "image_row",
    "generations_ledgerentry": "ledgerentry_row", "generations_providerpause": "providerpause_row",
    "generations_balancereading": "balancereading_row", "generations_budget": "budget_row",
    "generations_approvalrequest": "approvalrequest_row", "generations_signoff": "signoff_row",
    "generations_sharelink": "link", "generations_auditevent": "auditevent_row",
}  # fmt: skip
# The audit trail is for superusers.
AUDITED = ("auditosaur",)


def of_admin(model: str, thing: str, may_write: bool) -> list[Row]:
    writes = ADMIN if may_write else ADMIN_MAY_NOT
    page = f"admin:{model}"
    shows = AUDITED if model == "generations_auditevent" else ()
    return [
        Row(f"{page}_changelist", "", ADMIN, shows=shows),
        form(f"{page}_changelist", "", ADMIN, ok=200, action="delete_selected", shows=shows,
             _selected_action=f"@{thing}"),
        Row(f"{page}_add", "", writes),
        form(f"{page}_add", "", writes, ok=200),
        Row(f"{page}_change", thing, ADMIN, shows=shows),
        form(f"{page}_change", thing, writes, ok=200),
        # Redirects to the audit trail.
        Row(f"{page}_history", thing, ADMIN, ok=302),
        Row(f"{page}_delete", thing, writes),
        # A team with pictures is not deleted; the page says so.
        form(f"{page}_delete", thing, writes, ok=200 if thing == "team_key" else 302, post="yes"),
        Row(f"admin/{model.replace('_', '/')}/<path:object_id>/", thing, ADMIN, ok=302),
    ]  # fmt: skip


ADMIN_ROWS = [
    *(row for model, thing in WRITTEN.items() for row in of_admin(model, thing, may_write=True)),
    *(row for model, thing in READ.items() for row in of_admin(model, thing, may_write=False)),
    Row("admin:index", "", ADMIN),
    # There is one sign-in page; Django's own form, which would ask for no second factor, has no address.
    *(
        Row(
            name,
            "",
            dict.fromkeys(OUTSIDERS + MEMBERS, 404) | dict.fromkeys(SIGNED_OUT, LOGIN) | {"superuser": OK},
            ok=302,
        )
        for name in ("admin:login", "admin/login/")
    ),
    form("admin:login", "", EVERYBODY, ok=405, username="stella@example.test", password="wrong"),
    form("admin:logout", "", EVERYBODY, ok=LOGIN),
    form("admin/logout/", "", EVERYBODY, ok=LOGIN),
    # Redirects to the site's own page.
    Row("admin:password_change", "", SIGNED_IN, ok=302),
    form("admin:password_change", "", SIGNED_IN, ok=302),
    Row("admin/password_change/", "", SIGNED_IN, ok=302),
    # Who downloaded the ledger is recorded, so it takes a form.
    *(
        form(f"admin:{name}_csv", "", ADMIN, ok=200, shows=AUDITED if name == "auditevent" else ())
        for name in ("ledgerentry", "auditevent")
    ),
    Row("admin:ledgerentry_csv", "", ADMIN, ok=405),
    Row("admin:generation_thumbnail", "picture", ADMIN),
    Row("admin:generation_thumbnail", "private", ADMIN),
    Row("admin:generation_thumbnail", "queued", ADMIN, ok=404),
    Row("admin:password_change_done", "", ADMIN),
    Row("admin:auth_user_password_change", "colleague", ADMIN),
    form("admin:auth_user_password_change", "colleague", ADMIN, ok=200),
    Row("admin:autocomplete", "", ADMIN, query="app_label=generations&model_name=membership&field_name=user"),
    Row("admin:jsi18n", "", ADMIN),
    Row("admin:view_on_site", "1 1", ADMIN, ok=404),
    Row("admin:app_list", "generations", ADMIN, ok=302),
    Row("admin/(?P<url>.*)$", "anything", ADMIN, ok=404),
]

ROWS = [
    *ABOUT_EVERYBODY, *WITH_A_TOKEN, *FOR_OUTSIDERS, *PICTURES, *TEAM, *ORDERING, *REVIEWED, *PEOPLE_OF_THE_TEAM, *TALK,
    *NOTIFICATIONS, *FINDING, *SHARED_ZIP, *SIGN_IN, *LIMITS, *REPORTS, *ADMIN_ROWS,
]  # fmt: skip
