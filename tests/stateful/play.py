"""Playing stories until enough steps were checked."""

from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful import machine
from tests.stateful.world import world

BATCH = 50
MACHINES = {"v1": machine.Spending, "v2": machine.SpendingV2}


def until(version: str, steps: int, first_seed: int = 0, *, stories: int = BATCH) -> Counter[str]:
    """Play batches of stories, each with its own seed, which a failure names; return the counts."""
    machine.counts.clear()
    machine.broken.clear()
    number = first_seed
    with world(version) as stage:
        MACHINES[version].world = stage
        while machine.counts["steps"] < steps:
            play(version, number, stories=stories)
            number += 1
    return Counter(machine.counts)


def play(version: str, number: int, *, stories: int = BATCH) -> None:
    """Play one batch without shrinking, which takes minutes and plays other stories: ids, seeds and times differ."""
    chosen = settings(
        max_examples=stories, stateful_step_count=30, phases=[Phase.generate], deadline=None, database=None,
        print_blob=False, suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    seeded = seed(number)(type(MACHINES[version].__name__, (MACHINES[version],), {}))
    try:
        run_state_machine_as_test(seeded, settings=chosen)
    except BaseException as error:
        error.add_note(f"stories of {version}, seed {number}")
        raise
