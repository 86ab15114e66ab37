"""Who may make which link, and who may take it back."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from generations.errors import GalleryError
from generations.models import Generation, Membership, Role, ShareLink, State
from generations.queries.sharing.share_links import resolve_link, token_hash
from generations.services.sharing.share_links import LinkTerms, create_link, revoke, revoke_all_of
from tests.factories import draw, make_person, order
from tests.sharing import collect, share

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(bob, team, emulator):
    return draw(bob, team)


def terms(**more):
    return LinkTerms(expires_at=timezone.now() + timedelta(days=1), **more)


def test_token_has_256_bits_and_is_kept_as_its_hash_alone(bob, picture):
    link, token = create_link(actor=bob, thing=picture, terms=terms())

    assert (len(token), link.token_hash) == (43, token_hash(token))
    assert resolve_link(token) == link
    assert token not in str(ShareLink.objects.values().get())


def test_two_links_of_one_picture_differ(bob, picture):
    assert len({create_link(actor=bob, thing=picture, terms=terms())[1] for _ in range(20)}) == 20


def test_nothing_is_allowed_unless_it_is_said(bob, picture):
    link, _ = create_link(actor=bob, thing=picture, terms=terms())

    assert (link.allow_download, link.show_prompt, link.show_names, link.password) == (False, False, False, "")


def test_password_is_kept_as_peoples_are(bob, picture):
    link, _ = create_link(actor=bob, thing=picture, terms=terms(password="open sesame"))

    assert "sesame" not in link.password
    assert "$" in link.password


def test_viewer_makes_no_link(vera, picture):
    with pytest.raises(PermissionDenied):
        create_link(actor=vera, thing=picture, terms=terms())


@pytest.mark.parametrize("change", [{"deleted_at": timezone.now()}, {"state": State.FAILED}])
def test_picture_that_is_not_there_to_be_seen_is_not_shared(bob, picture, change):
    Generation.objects.filter(id=picture.id).update(**change)
    picture.refresh_from_db()

    with pytest.raises(GalleryError, match="only share finished pictures"):
        create_link(actor=bob, thing=picture, terms=terms())


def test_waiting_picture_is_not_shared(bob, team):
    with pytest.raises(GalleryError, match="only share finished pictures"):
        create_link(actor=bob, thing=order(bob, team)[0], terms=terms())


def test_time_that_is_over_is_refused(bob, picture):
    with pytest.raises(GalleryError, match="This date has passed"):
        create_link(actor=bob, thing=picture, terms=LinkTerms(expires_at=timezone.now()))


def test_only_managers_share_for_ever(alice, bob, picture):
    with pytest.raises(GalleryError, match="Only managers and owners"):
        create_link(actor=bob, thing=picture, terms=LinkTerms(expires_at=None))

    link, _ = create_link(actor=alice, thing=picture, terms=LinkTerms(expires_at=None))
    assert link.expires_at is None


def test_member_takes_back_her_own_links_only(alice, bob, team, picture):
    hers, _ = share(alice, picture)
    his, _ = share(bob, picture)

    with pytest.raises(PermissionDenied):
        revoke(actor=bob, team=team, links=[his.id, hers.id])
    assert not ShareLink.objects.exclude(revoked_at=None).exists()

    assert revoke(actor=bob, team=team, links=[his.id]) == 1
    his.refresh_from_db()
    assert (his.revoked_at is None, his.revoked_by) == (False, bob)


def test_manager_takes_back_anybodys(bob, team, picture):
    maria = make_person("Maria", team, Role.MANAGER)
    links = [share(bob, picture)[0].id for _ in range(3)]

    assert revoke(actor=maria, team=team, links=links[:2]) == 2
    assert revoke(actor=maria, team=team, links=links) == 1


def test_link_of_another_team_is_passed_over(alice, bob, team, picture, charlie):
    link, _ = share(bob, picture)

    assert revoke(actor=charlie, team=charlie.teams.get(), links=[link.id]) == 0
    assert ShareLink.objects.get().revoked_at is None


def test_all_links_of_a_person_end_at_once_also_when_she_has_left(alice, bob, team, picture):
    for thing in (picture, collect(bob, team, picture)):
        share(bob, thing)
    kept, _ = share(alice, picture)
    Membership.objects.filter(user=bob).delete()

    assert revoke_all_of(actor=alice, team=team, person=bob.pk) == 2
    assert ShareLink.objects.get(revoked_at=None) == kept


def test_member_ends_all_of_his_own_and_nobody_elses(alice, bob, team, picture):
    share(alice, picture)
    share(bob, picture)

    with pytest.raises(PermissionDenied):
        revoke_all_of(actor=bob, team=team, person=alice.pk)
    assert revoke_all_of(actor=bob, team=team, person=bob.pk) == 1
