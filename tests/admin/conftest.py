"""A site with a row in every model admin, and a superuser."""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib import admin
from django.utils import timezone

from generations.ledger import midnight
from generations.models import (
    ApprovalRequest,
    Attempt,
    AuditAction,
    AuditEvent,
    BalanceReading,
    Budget,
    Generation,
    Image,
    LedgerEntry,
    PauseCause,
    ProviderPause,
    ShareLink,
    SignOff,
    SiteLimit,
    Team,
    User,
    uuid7_min,
)  # fmt: skip
from generations.pipeline.circuit_breaker import pauses
from generations.queries.spending.review import month_around
from generations.queries.spending.statement import statement_of
from generations.services.site import audit
from tests.factories import draw, make_person
from tests.sharing import share

EDITABLE = [SiteLimit, Team, User]
READ_ONLY = [
    Attempt, AuditEvent, BalanceReading, ApprovalRequest, Budget, Generation, Image, LedgerEntry, ProviderPause,
    ShareLink, SignOff,
]  # fmt: skip


def admin_of(model):
    return admin.site.get_model_admin(model)


def address_of(model):
    return f"/admin/generations/{model._meta.model_name}/"


@pytest.fixture
def root(team):
    root = make_person("Root")
    root.is_staff = root.is_superuser = True
    root.save()
    return root


@pytest.fixture
def client(as_, root):
    return as_(root)


def one_of_each(author, team, month):
    """Make a row for every model admin, and return the picture they are about."""
    picture = draw(author, team)
    share(author, picture, password="open sesame street")
    pauses.pause(PauseCause.BY_HAND, "because", by=author)
    ProviderPause.objects.filter(ended_at=None).update(ended_at=timezone.now(), ended_by=author)
    BalanceReading.objects.create(credits=25, free_credits=0)
    Budget.objects.create(team=team, person=author, hard=5)
    Budget.objects.create(team=None, person=author, hard=5, by_site=True, set_by=author)
    audit.record_event(AuditAction.PAUSED, actor=author, team=team)
    ApprovalRequest.objects.create(
        team=team, requested_by=author, model=picture.model, cells=[picture.parameters], estimate=1, visibility="team",
        decided_by=author,
    )  # fmt: skip
    SignOff.objects.create(
        team=team, month=month, until=uuid7_min(midnight(month)), signed_by=author, spent=Decimal(0), entries=0,
        statement=statement_of(team, month_around(month)),
    )  # fmt: skip
    return picture


@pytest.fixture
def books(alice, team, emulator):
    return one_of_each(alice, team, date(2020, 1, 1))
