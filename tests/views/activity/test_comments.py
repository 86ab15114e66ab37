"""Comments on a picture's page: writing, changing, deleting, and what is kept when something is wrong."""

import pytest
from django.urls import reverse

from generations.models import Comment, Generation, Membership, Notification, Role, Visibility
from generations.queries.activity import comments as queries
from generations.services.activity import comments
from tests.factories import draw, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(bob, team, emulator):
    return draw(bob, team)


def page(client, picture):
    return client.get(f"/g/{picture.id}/").content.decode()


def send(client, picture, text, **options):
    return client.post(f"/g/{picture.id}/comments/", {"text": text}, **options)


def test_comment_stands_on_the_page_escaped_and_with_its_lines(as_, alice, bob, picture):
    answer = send(as_(alice), picture, "<script>x</script>\n@bob look")

    assert answer.url == f"/g/{picture.id}/#comments"
    text = page(as_(bob), picture)
    assert "&lt;script&gt;x&lt;/script&gt;\n" in text
    assert '<span class="comment-mention" dir="auto">@bob</span> look' in text
    assert Notification.objects.get().user == bob


def test_too_long_comment_comes_back_whole(as_, alice, picture):
    typed = "y" * 2001
    answer = send(as_(alice), picture, typed, follow=True)

    assert "1 character too long; the maximum is 2,000" in answer.content.decode()
    assert f"data-mention>{typed}</textarea>" in answer.content.decode()
    assert not Comment.objects.exists()


def test_name_that_reaches_nobody_is_said(as_, alice, picture):
    answer = send(as_(alice), picture, "@nobody, look", follow=True)

    assert "@nobody didn&#x27;t match anyone" in answer.content.decode()


def test_viewer_reads_and_does_not_write(as_, alice, vera, picture):
    comments.write(actor=alice, generation=picture, text="fine dusk")

    assert "fine dusk" in page(as_(vera), picture)
    assert "Write a comment" not in page(as_(vera), picture)
    assert send(as_(vera), picture, "me too").status_code == 403


def test_stranger_finds_nothing(as_, alice, charlie, picture):
    comment, _ = comments.write(actor=alice, generation=picture, text="fine")
    client = as_(charlie)

    assert send(client, picture, "hello").status_code == 404
    for name in ("change_comment", "delete_comment"):
        assert client.post(reverse(name, args=[picture.id, comment.id]), {"text": "x"}).status_code == 404


def test_comments_of_a_private_picture_are_hidden_with_it(as_, alice, team, picture):
    mia = make_person("Mia", team)
    comment, _ = comments.write(actor=mia, generation=picture, text="fine")
    Generation.objects.update(visibility=Visibility.PRIVATE)
    client = as_(mia)

    assert send(client, picture, "more").status_code == 404
    for name in ("change_comment", "delete_comment"):
        assert client.post(reverse(name, args=[picture.id, comment.id]), {"text": "x"}).status_code == 404
    assert "fine" in page(as_(alice), picture)


def test_own_comment_is_changed_and_says_so(as_, alice, bob, picture):
    comment, _ = comments.write(actor=bob, generation=picture, text="fine")
    change, remove = (reverse(name, args=[picture.id, comment.id]) for name in ("change_comment", "delete_comment"))

    assert as_(alice).post(change, {"text": "bad"}).status_code == 403
    assert as_(bob).post(change, {"text": "finer"}).status_code == 302
    assert "· edited" in page(as_(alice), picture)
    assert Comment.objects.get().text == "finer"
    assert as_(alice).post(remove).status_code == 302
    assert not Comment.objects.exists()


def test_change_that_is_not_taken_is_kept_in_its_field(as_, bob, picture):
    comment, _ = comments.write(actor=bob, generation=picture, text="fine")
    typed = "z" * 2001

    answer = as_(bob).post(reverse("change_comment", args=[picture.id, comment.id]), {"text": typed}, follow=True)

    assert f"data-mention>{typed}</textarea>" in answer.content.decode()


def test_comment_is_found_under_its_own_picture_only(as_, bob, team, picture):
    comment, _ = comments.write(actor=bob, generation=picture, text="fine")
    other = draw(bob, team)

    assert as_(bob).post(reverse("delete_comment", args=[other.id, comment.id])).status_code == 404


def test_member_deletes_only_her_own(as_, bob, team, picture):
    comment, _ = comments.write(actor=bob, generation=picture, text="fine")

    answer = as_(make_person("Mia", team)).post(reverse("delete_comment", args=[picture.id, comment.id]))

    assert answer.status_code == 403


def test_trash_hides_comments_and_restoring_brings_them_back(as_, bob, picture):
    comment, _ = comments.write(actor=bob, generation=picture, text="fine dusk")
    client = as_(bob)
    client.post(f"/g/{picture.id}/delete")

    assert "fine dusk" not in page(client, picture)
    assert client.post(reverse("change_comment", args=[picture.id, comment.id]), {"text": "x"}).status_code == 404
    client.post(f"/g/{picture.id}/restore")
    assert "fine dusk" in page(client, picture)


def test_earlier_comments_have_an_address(as_, bob, picture, monkeypatch):
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    for word in ("first", "second", "third"):
        comments.write(actor=bob, generation=picture, text=f"the {word} word")
    client = as_(bob)
    text = page(client, picture)
    assert "the first word" not in text
    assert text.index("the second word") < text.index("the third word")

    earlier = f"/g/{picture.id}/?earlier={Comment.objects.get(text='the second word').id}"
    assert earlier in text
    assert "the first word" in client.get(earlier).content.decode()


def test_words_of_who_left_stay(as_, alice, bob, picture):
    comments.write(actor=alice, generation=picture, text="fine dusk")
    Membership.objects.filter(user=bob).update(role=Role.OWNER)
    former = f"Former member {alice.pk}"
    alice.delete()

    text = page(as_(bob), picture)
    assert "fine dusk" in text
    assert former in text


@pytest.mark.parametrize("number", [1, 3])
def test_comments_cost_the_same_for_one_and_three(as_, alice, bob, picture, number, django_assert_max_num_queries):
    client = as_(bob)
    page(client, picture)
    with django_assert_max_num_queries(40) as none:
        page(client, picture)
    for _ in range(number):
        comments.write(actor=alice, generation=picture, text="@bob fine")

    # One more, for the notification that is unread now.
    with django_assert_max_num_queries(len(none.captured_queries) + 1):
        page(client, picture)
