"""Comments: who may write them, whom they reach, and what becomes of them."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from generations.errors import GalleryError
from generations.models import Activity, Comment, Generation, Membership, Notification, Role, Visibility
from generations.pipeline.recovery.trash import empty_trash
from generations.queries.activity.mentions import mentionable, named_in, parts, people_who_see
from generations.services.activity import comments
from generations.services.generations import actions
from tests.factories import make_person, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(bob, team):
    (row,) = order(bob, team)
    Generation.objects.filter(id=row.id).update(state="done", finished_at=timezone.now())
    return Generation.objects.select_related("team").get(id=row.id)


def told():
    rows = Notification.objects.select_related("user").order_by("user__name")
    return [(row.user.name, row.kind) for row in rows]


def write(actor, picture, text):
    return comments.write(actor=actor, generation=picture, text=text)


def test_author_of_the_picture_and_the_mentioned_are_told_once_each(alice, bob, vera, picture):
    write(alice, picture, "@vera @bob look, @vera!")

    assert told() == [("Bob", "mention"), ("Vera", "mention")]
    assert Activity.objects.get().comment == Comment.objects.get()


def test_nobody_is_told_of_what_she_wrote_herself(bob, picture):
    write(bob, picture, "mine, says @bob")

    assert told() == []


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGER, Role.OWNER])
def test_members_and_above_write(role, picture, team):
    comment, _ = write(make_person("Emil", team, role), picture, "fine")

    assert comment.text == "fine"


def test_viewer_and_stranger_do_not_write(vera, charlie, picture):
    for person in (vera, charlie):
        with pytest.raises(PermissionDenied):
            write(person, picture, "hello")

    assert not Comment.objects.exists()


def test_private_picture_tells_only_who_sees_it(alice, bob, vera, team, picture):
    Generation.objects.update(visibility=Visibility.PRIVATE)
    picture.refresh_from_db()
    make_person("Mia", team)

    _, unknown = write(alice, picture, "@mia @vera @bob")

    assert told() == [("Bob", "mention")]
    assert unknown == ["mia", "vera"]


def test_author_who_left_is_told_no_more(alice, bob, picture):
    Membership.objects.filter(user=bob).delete()

    write(alice, picture, "@bob are you there?")

    assert told() == []


def test_deactivated_person_is_not_told(alice, bob, picture):
    bob.is_active = False
    bob.save()

    write(alice, picture, "@bob?")

    assert told() == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "Write something"), (" \n\0 ", "Write something"), ("x" * 2001, "1 character too long")],
)
def test_nothing_and_too_much_are_refused(alice, picture, text, sentence):
    with pytest.raises(GalleryError, match=sentence):
        write(alice, picture, text)


def test_line_breaks_stay_and_longest_text_fits(alice, picture):
    assert write(alice, picture, " a\r\nb\rc ")[0].text == "a\nb\nc"
    assert len(write(alice, picture, "x" * 2000)[0].text) == 2000


@pytest.mark.parametrize("change", [{"state": "queued", "finished_at": None}, {"deleted_at": timezone.now()}])
def test_picture_that_waits_or_lies_in_the_trash_takes_none(alice, picture, change):
    Generation.objects.update(**change)
    picture.refresh_from_db()

    with pytest.raises(GalleryError, match="only comment on finished pictures"):
        write(alice, picture, "hello")


def test_changed_comment_tells_only_the_newly_mentioned(alice, bob, vera, picture):
    comment, _ = write(alice, picture, "@bob")

    comments.change(actor=alice, comment=comment, text="@bob @vera")

    assert told() == [("Bob", "mention"), ("Vera", "mention")]
    comment.refresh_from_db()
    assert (comment.text, comment.edited_at is None) == ("@bob @vera", False)


def test_only_its_author_changes_a_comment_and_managers_delete_it(alice, bob, team, picture):
    mia = make_person("Mia", team)
    comment, _ = write(bob, picture, "hello")

    for person in (alice, mia):
        with pytest.raises(PermissionDenied):
            comments.change(actor=person, comment=comment, text="bye")
    with pytest.raises(PermissionDenied):
        comments.delete(actor=mia, comment=comment)
    comments.delete(actor=alice, comment=comment)

    assert not Comment.objects.exists()
    assert not Activity.objects.exists()


def test_author_who_became_a_viewer_changes_nothing(bob, picture):
    comment, _ = write(bob, picture, "hello")
    Membership.objects.filter(user=bob).update(role=Role.VIEWER)

    with pytest.raises(PermissionDenied):
        comments.delete(actor=bob, comment=comment)


def test_picture_that_is_purged_takes_its_comments_along(alice, picture):
    write(alice, picture, "@bob look")
    actions.delete(generation=picture)
    Generation.objects.update(deleted_at=timezone.now() - timedelta(days=31))

    empty_trash()

    assert not Comment.objects.exists()
    assert not Notification.objects.exists()


@pytest.mark.parametrize("visibility", Visibility.values)
def test_who_can_be_told_is_who_sees_it(alice, bob, vera, charlie, team, picture, visibility):
    Generation.objects.update(visibility=visibility)
    picture.refresh_from_db()
    cast = [alice, bob, vera, charlie, make_person("Mia", team), make_person("Maria", team, Role.MANAGER)]
    Membership.objects.filter(user=make_person("Gone", team)).delete()

    seen = {person for person in cast if Generation.objects.visible_to(person).filter(id=picture.id).exists()}

    assert set(people_who_see(picture)) == seen


@pytest.mark.parametrize(
    ("text", "named", "unknown"),
    [
        ("@mara", {"mara"}, []),
        ("see @Mara.Kessler.", {"mara"}, []),
        ("(@mk), @JONAS!", {"mara", "jonas"}, []),
        ("@mk@example.test", {"mara"}, []),
        ("write to mk@example.test", set(), []),
        ("@anna", set(), ["anna"]),
        ("@anna.berg and @anna.holm", {"anna", "other anna"}, []),
        ("@nobody @nobody", set(), ["nobody"]),
        ("@ @@ @-", set(), []),
    ],
)
def test_words_behind_an_at_name_people(db, text, named, unknown):
    people = {}
    for key, name, email in [
        ("mara", "Mara Kessler", "mk"), ("jonas", "Jonas", "jl"), ("anna", "Anna Berg", "a1"),
        ("other anna", "Anna Holm", "a2"),
    ]:  # fmt: skip
        people[key] = make_person(email)
        people[key].name = name
    found, unsaid = named_in(text, people.values())

    assert (found, unsaid) == ({people[key].pk for key in named}, unknown)


def test_every_suggested_handle_names_its_person(db):
    people = [make_person(name) for name in ("anna", "anna.berg", "anna-berg")]
    people[1].name = "Anna"
    people[2].name = ""

    for one in mentionable(people):
        assert named_in(f"@{one.handle}", people) == ({one.user}, [])


@pytest.mark.parametrize(
    ("name", "mentions"),
    [
        ("Jörg Ærø", ["@jörg", "@JORG", "@jorg", "@Jo\u0308rg", "@jorg.aero", "@Jörg.Ærø"]),
        ("Łukasz", ["@lukasz"]),
        ("Юлия", ["@ЮЛИЯ", "@юлия"]),
        ("नीरज कुमार", ["@नीरज", "@नीरज.कुमार"]),
        ("สมศรี", ["@สมศรี"]),
        ("田中", ["@田中"]),
    ],
)
def test_mention_is_found_however_it_is_written(db, name, mentions):
    person = make_person("p1")
    person.name = name
    (known,) = mentionable([person])

    for mention in [*mentions, f"@{known.handle}"]:
        assert named_in(f"({mention}, look)", [person]) == ({person.pk}, [])
        assert parts(f"({mention}, look)", [known]) == [("(", False), (mention, True), (", look)", False)]


def test_names_that_fold_the_same_are_ambiguous(db):
    people = [make_person("Jorg"), make_person("j2")]
    people[1].name = "Jörg"

    assert named_in("@jorg @jörg", people) == (set(), ["jörg"])
    assert [one.handle for one in mentionable(people)] == ["jorg@example.test", "j2"]


def test_mentions_are_marked_and_the_rest_is_text(db):
    people = mentionable([make_person("Mara")])

    assert parts("ask @mara, <b> @who", people) == [("ask ", False), ("@mara", True), (", <b> @who", False)]
