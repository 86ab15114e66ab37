"""Which row of the provider's history is an attempt's, and when none can be."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generations.models import Attempt
from generations.pipeline.reconciliation import history_matching
from generations.providers.base import PastCall
from tests.factories import make_person, make_team
from tests.pipeline.reconciliation.unknown_attempts import doubt

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
OURS, OTHER = 4711, 4712
MODEL = "hidream-l1-fast"


def told(one, *, request_id="", seed=OURS, minutes=0, model=MODEL, prompt=""):
    at = None if minutes is None else one.sent_at + timedelta(minutes=minutes)
    return PastCall(request_id, model, True, False, None, seed, prompt, at, "")


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "request_id": st.sampled_from(["", "a", "b", "other-attempt"]),
            "seed": st.sampled_from([None, OURS, OTHER]),
            "minutes": st.sampled_from([None, -600, -1, 0, 2, 600]),
            "model": st.sampled_from(["", MODEL, "flux-dev"]),
        }
    ),
    max_size=4,
)


@settings(deadline=None)  # a busy machine is no mistake
@given(ROWS)
def test_attempt_is_missing_only_where_no_row_can_be_its_own(drawn):
    one = _doubt()
    rows = [told(one, **parts) for parts in drawn]
    could_be = [
        row
        for row in rows
        if row.seed == OURS or (row.seed is None and row.model != "flux-dev" and row.request_id != "other-attempt")
    ]

    assert history_matching.is_missing(one, rows) == (not could_be)


@settings(deadline=None)  # a busy machine is no mistake
@given(ROWS)
def test_row_is_the_attempts_only_where_no_other_has_its_seed(drawn):
    one = _doubt()
    rows = [told(one, **parts) for parts in drawn]
    far = timedelta(hours=1)
    fitting = [
        row
        for row in rows
        if row.seed == OURS and row.model != "flux-dev" and (row.at is None or abs(row.at - one.sent_at) < far)
    ]

    assert history_matching.find_row(one, rows) == (fitting[0] if len(fitting) == 1 else None)


@pytest.mark.parametrize(
    ("prompt", "ours"),
    [
        ("", True), ("a harbour at dusk", True), (" a  harbour\nat dusk ", True), ("a harbour at…", True),
        ("a harbour at dawn", False), ("a harbour at dusk, in oil", False),
    ],
)  # fmt: skip
def test_row_with_other_words_is_somebody_elses(prompt, ours):
    """The seed alone is no proof: people like 42, and others may use the same key."""
    one = _doubt()
    one.generation.prompt = "a harbour at dusk"

    assert (history_matching.find_row(one, [told(one, prompt=prompt)]) is not None) == ours
    assert not history_matching.is_missing(one, [told(one, prompt=prompt)])


def test_request_id_decides_before_the_seed():
    one = _doubt()
    one.request_id = "a"
    rows = [told(one, request_id="b"), told(one, request_id="a", seed=None), told(one, request_id="c")]

    assert history_matching.find_row(one, rows) == rows[1]


def test_order_without_a_seed_can_be_no_row_and_is_never_missing():
    one = _doubt()
    one.seed = None

    assert history_matching.find_row(one, [told(one, seed=None)]) is None
    assert not history_matching.is_missing(one, [])


def test_model_that_is_gone_may_have_had_any_name():
    one = _doubt()
    one.generation.model = "gone"

    assert not history_matching.is_missing(one, [told(one, seed=None, model="flux-dev", request_id="a")])


def test_seed_of_an_order_that_was_never_sent_is_free():
    one = _doubt()
    Attempt.objects.filter(request_id="other-attempt").update(seed=OURS, state="released", sent_at=None)

    assert history_matching.find_row(one, [told(one)])


def _doubt():
    """One doubt with a chosen seed, and another attempt of this site; made once for all examples of a property."""
    found = Attempt.objects.filter(seed=OURS).select_related("generation").first()
    if found is not None:
        return found
    team = make_team()
    alice = make_person("Alice", team)
    doubt(alice, team, request_id="other-attempt", seed=str(OTHER))
    return doubt(alice, team, seed=str(OURS))
