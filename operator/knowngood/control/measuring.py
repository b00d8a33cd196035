"""How much traffic a trigger has to judge by."""

import math
from dataclasses import replace

from knowngood.analysis.judging import RatioTrigger, plan_trigger
from knowngood.analysis.seeing import Measured
from knowngood.analysis.segments import waited_for
from knowngood.control.arms import Arms
from knowngood.control.policies import Bound
from knowngood.signals.ledgers import AnyLedger, counts_shares
from knowngood.signals.segments import SegmentedLedger

SOON, LONG = 120.0, 600.0
"""Seconds of a step after which its traffic is measured: at first where there is much of it, later in any case."""

ENOUGH = 20
"""Requests that are enough to tell their number in an hour, roughly."""

KNOWN = 30
"""Stable requests that are enough to tell their share of events, roughly."""

SMALLEST = "in its smallest segment "


def measured(
    bound: Bound, ledger: AnyLedger | SegmentedLedger | None, arms: Arms
) -> Measured | None:
    """The traffic of the canary in the present step, as the signal of a trigger counts it.

    Of a signal with segments: in the smallest one that is told of and waited for, under its part of the budget.
    """
    if isinstance(ledger, SegmentedLedger):
        smallest = _smallest(ledger, arms)
        own = replace(bound, alpha=bound.alpha / len(ledger.parts))
        found = measured(own, smallest, arms)
        return replace(found, where=SMALLEST) if found is not None else None
    if ledger is None or not counts_shares(ledger):
        return None
    start, end = max(arms.step_since, arms.since), ledger.settled_until
    canary = ledger.column(arms.canary.version).between(start, end)
    if end - start < (SOON if canary.total >= ENOUGH else LONG):
        return None
    try:
        effect = bound.design_effect
        planned = plan_trigger(bound.trigger, bound.alpha, arms.horizon, design_effect=effect)
    except ValueError:
        return None
    if not isinstance(planned, RatioTrigger):
        return None
    stable = ledger.column(arms.stable.version).between(arms.since, end)
    base = stable.events / stable.total if stable.total >= KNOWN else 0.5
    return Measured(planned.rule, 3600 * canary.total / (end - start), base)


def _smallest(ledger: SegmentedLedger, arms: Arms) -> AnyLedger | None:
    parts = list(ledger.parts.values())
    sides = [
        [part.column(arm.version).between(-math.inf, math.inf).total for part in parts]
        for arm in (arms.canary, arms.stable)
    ]
    least = ledger.segments.min_samples
    told = [
        (samples, number)
        for number, (samples, other, waited) in enumerate(
            zip(*sides, waited_for(*sides), strict=True)
        )
        if waited and min(samples, other) >= least
    ]
    return parts[min(told)[1]] if told else None
