"""Blocked words: which texts contain one, who may set them, and that nothing is reserved for a refused prompt."""

import uuid

import pytest

from generations.errors import BlockedWordInPrompt, GalleryError, NotAllowed
from generations.models import (
    ApprovalRequest,
    AuditAction,
    AuditEvent,
    Generation,
    LedgerEntry,
    RequestState,
    Role,
    State,
)
from generations.services.generations.unknown_outcome import retry_accepting_second_charge
from generations.services.orders.approvals import approve, submit_or_request_approval
from generations.services.orders.blocked_words import find, list_of, set_blocked_words
from generations.services.orders.submit import GenerationRequest
from tests.factories import clean_values, make_person, order
from tests.pipeline.reconciliation.unknown_attempts import doubt

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.mark.parametrize(
    ("word", "text", "is_in"),
    [
        ("ass", "a glass of water", False),
        ("ass", "an ASS, grazing", True),
        ("ass", "ass", True),
        ("ass", "grass and ass", True),
        ("café", "outside the CAFE", True),
        ("cafe", "outside the cafe\u0301", True),
        ("hot dog", "a hot  dog", True),
        ("hot dog", "hot-dog stand", True),
        ("hot dog", "a hot doggy", False),
        ("nude", "n\u200bude", True),
        ("nude", "under_nude_light", True),
        ("18+", "rated 18+ only", True),
        ("18", "1800 ships", False),
        ("血", "在血中", True),
        ("कम", "कमाल", False),
        ("straße", "die STRASSE", True),
        ("a.b", "axb", False),
    ],
)
def test_words_are_compared_folded_and_as_a_whole(word, text, is_in):
    assert bool(find([word], text)) is is_in


def test_list_is_replaced_and_audited_without_its_words(alice, team):
    set_blocked_words(actor=alice, team=team, words=["gun", "blood"])
    set_blocked_words(actor=alice, team=team, words=["Blood", " gore  scene ", "", "GORE SCENE"])

    assert list_of(team) == ["Blood", "gore scene"]
    events = AuditEvent.objects.filter(action=AuditAction.SET_BLOCKED_WORDS, team=team).order_by("id")
    assert [one.detail for one in events] == [
        "2 in the list, 2 added, 0 removed", "2 in the list, 2 added, 2 removed"
    ]  # fmt: skip


def test_unchanged_list_is_no_event(alice, team):
    for _turn in range(2):
        set_blocked_words(actor=alice, team=team, words=["gun"])

    assert AuditEvent.objects.filter(action=AuditAction.SET_BLOCKED_WORDS).count() == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([f"word{n}" for n in range(501)], "The list has 501 words and phrases; the maximum is 500. Remove some."),
        (["x" * 101], f"“{'x' * 30}…” has 101 characters; the maximum is 100. Shorten it."),
        (["--"], "“--” contains no letters or digits. Enter a word or a phrase."),
    ],
)
def test_unusable_list_changes_nothing(alice, team, words, sentence):
    set_blocked_words(actor=alice, team=team, words=["gun"])

    with pytest.raises(GalleryError) as refused:
        set_blocked_words(actor=alice, team=team, words=words)

    assert refused.value.message == sentence
    assert list_of(team) == ["gun"]


def test_managers_set_them_and_members_do_not(bob, team):
    set_blocked_words(actor=make_person("Mona", team, Role.MANAGER), team=team, words=["gun"])

    with pytest.raises(NotAllowed):
        set_blocked_words(actor=bob, team=team, words=[])


def test_prompt_with_a_blocked_word_reserves_nothing(alice, team):
    set_blocked_words(actor=alice, team=team, words=["harbour"])

    with pytest.raises(BlockedWordInPrompt, match="Your team doesn't allow “harbour” in prompts") as refused:
        order(alice, team, prompt="a quiet Harbour")

    assert refused.value.field == "prompt"
    assert not Generation.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_one_picture_of_a_batch_with_a_blocked_word_refuses_the_batch(alice, team):
    set_blocked_words(actor=alice, team=team, words=["gun"])
    cells = (clean_values(prompt="a boat"), clean_values(prompt="a gun"))

    with pytest.raises(BlockedWordInPrompt):
        submit_or_request_approval(actor=alice, team=team, order=GenerationRequest({}, 2, cells=cells))

    assert not Generation.objects.exists()


def test_another_teams_words_do_not_count(alice, team, charlie):
    set_blocked_words(actor=charlie, team=charlie.teams.get(), words=["harbour"])

    assert order(alice, team, prompt="a quiet harbour")


def test_request_for_approval_is_refused_when_made_and_when_approved(alice, bob, team):
    team.approval_above = 0
    team.save()
    asked = submit_or_request_approval(actor=bob, team=team, order=GenerationRequest(clean_values(prompt="a gun"), 2))
    assert isinstance(asked, ApprovalRequest)
    set_blocked_words(actor=alice, team=team, words=["gun"])

    with pytest.raises(BlockedWordInPrompt, match="Decline this request, or change the blocked words"):
        approve(actor=alice, request=asked)
    with pytest.raises(BlockedWordInPrompt, match="Edit the prompt"):
        submit_or_request_approval(
            actor=bob, team=team, order=GenerationRequest(clean_values(prompt="two guns, a gun"))
        )

    assert ApprovalRequest.objects.get().state == RequestState.PENDING
    assert not Generation.objects.exists()


def test_retry_of_an_old_picture_is_refused_and_holds_nothing_more(alice, team):
    attempt = doubt(alice, team)
    row = attempt.generation
    set_blocked_words(actor=alice, team=team, words=[row.prompt])
    before = LedgerEntry.objects.count()

    with pytest.raises(BlockedWordInPrompt):
        retry_accepting_second_charge(actor=alice, generation=row, attempt_id=attempt.id)

    row.refresh_from_db()
    assert (row.state, LedgerEntry.objects.count()) == (State.UNKNOWN, before)


def test_form_that_was_sent_before_returns_its_pictures(alice, team):
    first = order(alice, team, prompt="a gun", key=(key := uuid.uuid4()))
    set_blocked_words(actor=alice, team=team, words=["gun"])

    assert order(alice, team, prompt="a gun", key=key) == first
