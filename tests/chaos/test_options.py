"""Options are understood, or rejected with a sentence that shows them."""

import pytest

from tests.chaos.options import FAULTS, KEY_VARIABLE, Misread, Options, read


def test_nothing_said_is_a_thousand_on_sqlite():
    assert read([], {}) == Options("sqlite", "v1", 1000, (1,), FAULTS)


def test_every_word_is_taken():
    words = ["naive", "DB=pg", "API=v2", "N=200", "SEEDS=2..4", "FAULTS=redis,pg", "LATE=1"]

    assert read(words, {KEY_VARIABLE: "SG_0123456789"}) == Options(
        "pg", "v2", 200, (2, 3, 4), ("redis", "pg"), late=True, naive=True, key="SG_0123456789"
    )


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("DB=mysql", "DB is 'mysql'; choose sqlite or pg."),
        ("API=v3", "API is 'v3'; choose v1 or v2."),
        ("N=0", "N is '0'; give a whole number from 1 to 100000."),
        ("N=many", "N is 'many'; give a whole number from 1 to 100000."),
        ("SEEDS=3..1", "SEEDS is '3..1'; the range counts up and holds at most 100 seeds."),
        ("SEEDS=x", "SEEDS is 'x'; give one seed such as 7, or a range such as 1..3."),
        ("FAULTS=fire", "FAULTS is 'fire'; write all, or some of workers, redis, pg, sweeper, enospc, upstream"),
        ("FAULTS=pg", "FAULTS=pg has nothing to restart while DB=sqlite; add DB=pg."),
        ("LATE=yes", "LATE is 'yes'; write 1 or 0."),
        ("SPEED=9", "'SPEED=9' is not understood; write DB=…, API=…, N=…, SEEDS=…, FAULTS=…, LATE=…."),
        ("pg", "'pg' is not understood"),
    ],
)
def test_word_that_makes_no_sense_is_refused(word, sentence):
    with pytest.raises(Misread) as caught:
        read([word], {})

    assert sentence in str(caught.value)


@pytest.mark.parametrize("key", ["short", "with a blank in it", "schlüssel-lang-genug"])
def test_key_that_cannot_travel_is_refused_and_not_shown(key):
    with pytest.raises(Misread) as caught:
        read([], {KEY_VARIABLE: key})

    assert key not in str(caught.value)


def test_command_to_repeat_a_seed_leads_back_to_the_same_run():
    options = read(["DB=pg", "N=50", "SEEDS=2..4", "FAULTS=redis", "LATE=1"], {})
    verb, *words = options.words(3)

    assert verb == "chaos"
    assert read(words, {}) == Options("pg", "v1", 50, (3,), ("redis",), late=True)
