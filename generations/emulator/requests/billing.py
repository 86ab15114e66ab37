"""The end of a run: the one charge, or none. The books are written first: whoever sees the end finds it in them."""

from dataclasses import replace
from decimal import Decimal

from generations.emulator.jobs.run import Run
from generations.emulator.state.vendor import Vendor


def bill(vendor: Vendor, run: Run) -> None:
    """The picture is drawn: take its cost, and what a test wants taken beyond what the answer will say."""
    now = vendor.now()
    cost = max(run.order.cost + vendor.behaviour.surcharge, Decimal(0))
    charged = replace(run.received, kind="CHARGED", at=now, status=200, cost=cost)
    run.complete(vendor.account.charge(charged), now)


def waive(vendor: Vendor, run: Run, text: str) -> None:
    """A submitted run failed: nothing is taken."""
    now = vendor.now()
    vendor.account.release(run.id)
    vendor.books.write(replace(run.received, kind="REFUSED", at=now, status=422, error=text))
    run.fail(text, now)


def remaining(vendor: Vendor, run: Run) -> Decimal:
    """What the answer of a charged run says is left; one charge behind, unless toggled."""
    if run.charge is None:
        return vendor.account.balance
    return run.charge.before if vendor.behaviour.remaining_credits == "before" else run.charge.after
