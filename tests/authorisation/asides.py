"""Comments, requests, searches and second factors of the test world, and what each of its users has alone."""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from generations.models import (
    Activity,
    ApprovalRequest,
    AuditAction,
    Generation,
    Notification,
    Report,
    ReportReason,
    Visibility,
)
from generations.services.activity import comments
from generations.services.collections import collections
from generations.services.gallery import presets, saved_searches, view_history
from generations.services.orders import approvals
from generations.services.orders.approvals import submit_or_request_approval
from generations.services.orders.submit import GenerationRequest
from generations.services.sharing import reports
from generations.services.site import audit
from tests.factories import clean_values
from tests.infrastructure.authenticator import passkey_for, set_up_app

A_DAY_SECONDS = 24 * 3600
TO_ALL = "@viewerosaurus @memberosaurus @managerosaurus @ownerosaurus @removedosaurus"


def add_talk(world: Any, team: Any) -> None:
    """Write comments while the team sees the pictures, so that users are notified who cannot see them later."""
    colleague, things, words = world.people["colleague"], world.things, world.secrets
    pictures = {name: Generation.objects.get(id=things[name]) for name in ("picture", "private", "trashed")}
    own = {name: Generation.objects.get(id=things[name]) for name in ("own", "own_private", "island_picture")}
    hidden = {row.pk: (row.visibility, row.deleted_at) for row in (pictures["private"], pictures["trashed"])}
    Generation.objects.filter(id__in=hidden).update(visibility=Visibility.TEAM, deleted_at=None)
    for name, row in pictures.items():
        row.refresh_from_db()
        _say(world, name, colleague, row, f"{name}saidosaur {TO_ALL}")
    _say(world, "own", world.people["member"], pictures["picture"], "ownsaidosaur")
    _say(world, "own_private", world.people["member"], own["own_private"], "ownhushosaur")
    _say(world, "island", world.people["stranger"], own["island_picture"], "islandsaidosaur")
    shelf = own["own"].collection_items.get(collection=things["own_collection"]).collection
    collections.add(actor=world.people["manager"], collection=shelf, generations=[pictures["private"]])
    for id_, (visibility, deleted_at) in hidden.items():
        Generation.objects.filter(id=id_).update(visibility=visibility, deleted_at=deleted_at)
    words["talk"] = {"picturesaidosaur", "ownsaidosaur", str(things["picture_comment"]), str(things["own_comment"])}
    words["private"] |= _ids(Activity.objects.filter(generation=things["private"]))
    _note_who_was_told(world)


def _say(world: Any, name: str, author: Any, row: Any, text: str) -> None:
    comment, _ = comments.write(actor=author, generation=row, text=text)
    world.things[f"{name}_comment"] = comment.pk
    if name in {"private", "own_private", "trashed", "island"}:
        world.secrets[name] |= {text.partition(" ")[0], str(comment.pk)}


def _note_who_was_told(world: Any) -> None:
    """Record notifications: `told_…` about a visible picture, `hushed_…` about one that became private."""
    for name, user in world.people.items():
        rows = Notification.objects.filter(user=user)
        world.own.setdefault(name, set()).update(_ids(rows))
        for word, picture in {"told": "picture", "hushed": "private", "binned": "trashed"}.items():
            found = rows.filter(activity__generation=world.things[picture]).first()
            world.things[f"{word}_{name}"] = found.pk if found else None


def add_requests(world: Any, team: Any) -> None:
    """Create approval requests of the colleague and the member, and record the batch of each picture."""
    things = world.things
    team.approval_above = 0
    for name, asker in {"asked": "colleague", "own_asked": "member"}.items():
        order = GenerationRequest(clean_values(prompt=f"{name} wordsof{name}"), 2)
        asked = submit_or_request_approval(actor=world.people[asker], team=team, order=order)
        assert isinstance(asked, ApprovalRequest)
        things[name] = asked.pk
        for person, user in world.people.items():
            row = Notification.objects.filter(user=user, request=asked).first()
            things[f"{name}_of_{person}"] = row.pk if row else None
    _decide_one(world, team)
    team.approval_above = None
    for name in ("picture", "own", "private", "own_private", "queued", "own_queued", "island_picture"):
        things[f"batch_of_{name}"] = Generation.objects.get(id=things[name]).batch


def add_reports(world: Any, team: Any) -> None:
    """Report a picture as the member and as a visitor, and one of another team; only managers read the notes."""
    things = world.things
    for name, picture, reporter, note in (
        ("report", "picture", "member", "reportosaur"),
        ("island_report", "island_picture", "stranger", "islandnotosaur"),
    ):
        row = Generation.objects.get(id=things[picture])
        reports.report_as_member(actor=world.people[reporter], generation=row, reason=ReportReason.OTHER, note=note)
        things[name] = Report.objects.get(generation=row).pk
        for person, user in world.people.items():
            told = Notification.objects.filter(user=user, report=things[name]).first()
            things[f"{name}_of_{person}"] = told.pk if told else None
    world.secrets["reports"] = {"reportosaur", str(things["report"])}


def _decide_one(world: Any, team: Any) -> None:
    """Reject a request of the member and one of a user who has left since; both are notified."""
    for asker in ("member", "removed"):
        order = GenerationRequest(clean_values(prompt=f"refused wordsofrefused{asker}"), 2)
        asked = submit_or_request_approval(actor=world.people[asker], team=team, order=order)
        assert isinstance(asked, ApprovalRequest)
        approvals.reject(actor=world.people["owner"], request=asked, note="refusosaur")
        told = Notification.objects.get(user=world.people[asker], request=asked)
        world.things[f"refused_of_{asker}"] = told.pk


def add_finding(world: Any, team: Any) -> None:
    """Save two shared searches and a private one of the colleague, and one of each other user."""
    colleague, things = world.people["colleague"], world.things
    things["shared_saved"] = _save(colleague, team, "Sharosaur", {"q": "sharedwords"}, shared=True)
    things["tag_saved"] = _save(colleague, team, "Tagseekosaur", {"tag": "privatag"}, shared=True)
    things["shared_preset"] = _preset(colleague, team, "Presetosaur", shared=True)
    world.secrets["shelf"] |= {"Sharosaur", "Tagseekosaur", "sharedwords", "Presetosaur"}
    for name in ("colleague", "viewer", "member", "manager", "owner", "removed"):
        person = world.people[name]
        things[f"{name}_saved"] = _save(person, team, f"{name}seekosaur", {"q": f"{name}seeks"})
        things[f"{name}_preset"] = _preset(person, team, f"{name}presetosaur")
        world.own[name] |= {f"{name}seekosaur", f"{name}seeks", f"{name}presetosaur"}
        for picture in ("picture", "private", "own_private", "trashed"):
            view_history.record_view(actor=person, generation=Generation.objects.get(id=things[picture]))


def _preset(author: Any, team: Any, name: str, *, shared: bool = False) -> int:
    saved = presets.save(actor=author, team=team, name=name, model="hidream-l1-fast", values={"count": "2"})
    presets.change(actor=author, preset=saved, name=name, shared=shared)
    return int(saved.pk)


def _save(author: Any, team: Any, name: str, parameters: dict[str, str], *, shared: bool = False) -> int:
    saved = saved_searches.save(actor=author, team=team, name=name, parameters=parameters)
    saved_searches.change(saved=saved, name=name, shared=shared)
    return int(saved.pk)


def add_second_factors(world: Any) -> None:
    """Add a passkey for every user, and for the colleague an app and an account at a provider."""
    colleague = world.people["colleague"]
    secret, codes = set_up_app(colleague)
    SocialAccount.objects.create(user=colleague, provider="openid", uid="subjectosaur")
    world.own["colleague"] |= {secret, *codes, "subjectosaur"}
    for name, user in world.people.items():
        identity, more = passkey_for(user, f"{name}keyosaur")
        world.own[name] |= {f"{name}keyosaur", identity, *more}
        passkeys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
        world.things[f"{name}_passkey"] = passkeys.get().pk
    audit.record_event(AuditAction.REMOVED, actor=colleague, detail="auditosaur")
    world.own["nobody"] = {"auditosaur"}


def stay_confirmed(client: Client) -> None:
    """Confirm the identity of the user for as long as the tests take."""
    session = client.session
    session["confirmed_at"] = time.time() + A_DAY_SECONDS
    session.save()


def _ids(rows: Any) -> set[str]:
    return {str(id_) for id_ in rows.values_list("pk", flat=True)}
