"""Ask a trigger about single numbers: one for each version."""

from collections.abc import Mapping
from typing import TypeVar

from knowngood.analysis.judging import ValueState, ValueTrigger, judge_value, plan_trigger
from knowngood.analysis.verdicts import Verdict
from knowngood.api.v1alpha1 import IdentityBy, VerdictKind
from knowngood.control.arms import Arm, Arms
from knowngood.control.identities import Identifier
from knowngood.control.policies import Bound
from knowngood.control.reading import Answers
from knowngood.signals.series import RawSeries

S = TypeVar("S")


def judge_values(
    state: S | None, bound: Bound, arms: Arms, found: Mapping[str, list[float]], now: float
) -> tuple[S | ValueState | None, Verdict]:
    """Judge the numbers of both versions.

    Args:
        state: What the last call returned.
        bound: The trigger.
        arms: Who is judged.
        found: What the source says of each version.
        now: Unix seconds.
    """
    planned = plan_trigger(bound.trigger, bound.alpha, arms.horizon, of_value=True)
    if not isinstance(planned, ValueTrigger):
        text = "the signal has no counts"
        return state, Verdict(VerdictKind.OBSERVER_ERROR, "SignalNotFound", text, now)
    crowded = next((v for v, many in found.items() if len(many) > 1), None)
    if crowded is not None:
        text = (
            f"signal {bound.trigger.signal.name} has {len(found[crowded])} values for version {crowded}: "
            "aggregate them in spec.value.query"
        )
        return state, Verdict(VerdictKind.OBSERVER_ERROR, "SeveralValues", text, now)
    canary, stable = (
        (a.version, next(iter(found[a.version]), None)) for a in (arms.canary, arms.stable)
    )
    known = state if isinstance(state, ValueState) else None
    return judge_value(known, planned, canary, stable if arms.compared else None, now)


def values(arms: Arms, arm: Arm, answers: Answers, by: IdentityBy) -> list[float]:
    """What a source says of a version."""
    whose = Identifier(arms, by)
    return [
        value
        for labels, value in answers.vector
        if (target := whose.target_of(RawSeries(labels, ()))) is not None
        and whose.version_of(target) == arm.version
    ]
