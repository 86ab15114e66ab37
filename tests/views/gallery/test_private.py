"""A private picture of another is nowhere: not its words, its file, its cost, nor that it is there."""

import pytest

from generations.models import Generation, Role, Visibility
from tests.factories import draw, make_person, order

pytestmark = pytest.mark.django_db
WORDS = "a surprise for the harbour"


@pytest.fixture
def secret(bob, team, emulator):
    row = draw(bob, team, prompt=WORDS)
    Generation.objects.filter(id=row.id).update(visibility=Visibility.PRIVATE)
    return row


@pytest.fixture
def mia(as_, team):
    return as_(make_person("Mia", team))


@pytest.mark.parametrize(
    "address",
    [
        "/t/harbour/", "/t/harbour/?q=surprise", "/t/harbour/?layout=list", "/t/harbour/?remix={id}",
        "/t/harbour/?use={id}", "/t/harbour/?seed_of={id}", "/t/harbour/queue/", "/t/harbour/trash/",
        "/t/harbour/collections/", "/t/harbour/poll/?ids={id}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("state", ["done", "queued", "trashed"])
def test_page_does_not_tell_of_it(mia, secret, address, state):
    changes = {"queued": {"state": "queued", "finished_at": None}, "trashed": {"deleted_at": secret.finished_at}}
    Generation.objects.filter(id=secret.id).update(**changes.get(state, {}))

    html = mia.get(address.format(id=secret.id), follow=True).content.decode()

    told = [word for word in (WORDS, f"/g/{secret.id}/", str(secret.seed), "1 picture") if word in html]
    assert told == []


@pytest.mark.parametrize("path", ["", "image", "image?download", "thumb/640.webp"])
def test_its_own_addresses_are_missing(mia, secret, path):
    assert mia.get(f"/g/{secret.id}/{path}").status_code == 404


@pytest.mark.parametrize("action", ["favourite", "delete", "restore", "cancel", "ask", "retry", "lost"])
def test_nothing_can_be_done_to_it(mia, secret, action):
    assert mia.post(f"/g/{secret.id}/{action}").status_code == 404


def test_it_is_nobodys_neighbour_and_in_no_sum(as_, mia, bob, alice, team, secret):
    (before,) = order(alice, team, at=secret.created_at)
    Generation.objects.filter(id=before.id).update(state="failed")
    draw(alice, team)

    item = mia.get(f"/g/{before.id}/").context["item"]
    assert str(secret.id) not in item.around.previous_url + item.around.next_url
    (day,) = mia.get("/t/harbour/").context["feed"].days
    (bobs,) = as_(bob).get("/t/harbour/").context["feed"].days
    assert (day.summary[:10], bobs.summary[:10]) == ("2 pictures", "3 pictures")
    assert mia.get("/t/harbour/").context["feed"].count_text == "2 pictures"


def test_queue_counts_what_each_may_see(as_, mia, bob, team):
    order(bob, team, count=2)
    Generation.objects.update(visibility=Visibility.PRIVATE)

    assert mia.get("/t/harbour/").context["site"].queue == {"mine": 0, "all": 0}
    assert as_(bob).get("/t/harbour/").context["site"].queue == {"mine": 2, "all": 2}


@pytest.mark.parametrize("who", ["bob", "manager"])
def test_its_maker_and_managers_see_it_with_a_lock(as_, bob, team, secret, who):
    client = as_(bob if who == "bob" else make_person("Maria", team, Role.MANAGER))
    html = client.get("/t/harbour/").content.decode()

    assert WORDS in html
    assert f'title="Visible to {"you" if who == "bob" else "Bob"} and managers"' in html
