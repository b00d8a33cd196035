"""How much traffic a trigger has to judge by."""

from knowngood.analysis.judging import RatioTrigger, plan_trigger
from knowngood.analysis.seeing import Measured
from knowngood.control.arms import Arms
from knowngood.control.policies import Bound
from knowngood.signals.ledgers import AnyLedger, counts_shares

SOON, LONG = 120.0, 600.0
"""Seconds of a step after which its traffic is measured: at first where there is much of it, later in any case."""

ENOUGH = 20
"""Requests that are enough to tell their number in an hour, roughly."""

KNOWN = 30
"""Stable requests that are enough to tell their share of events, roughly."""


def measured(bound: Bound, ledger: AnyLedger | None, arms: Arms) -> Measured | None:
    """The traffic of the canary in the present step, as the signal of a trigger counts it."""
    if ledger is None or not counts_shares(ledger):
        return None
    start, end = max(arms.step_since, arms.since), ledger.settled_until
    canary = ledger.column(arms.canary.version).between(start, end)
    if end - start < (SOON if canary.total >= ENOUGH else LONG):
        return None
    try:
        planned = plan_trigger(bound.trigger, bound.alpha, arms.horizon)
    except ValueError:
        return None
    if not isinstance(planned, RatioTrigger):
        return None
    stable = ledger.column(arms.stable.version).between(arms.since, end)
    base = stable.events / stable.total if stable.total >= KNOWN else 0.5
    return Measured(planned.rule, 3600 * canary.total / (end - start), base)
