"""Pauses of a rollout, some minutes after they began."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from knowngood.api.v1alpha1 import (
    Phase,
    VerdictKind,
    WaitingFor,
)
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import ActionKind, TriggerView
from tests.decisions.situations import a_model, a_situation, a_trigger
from tests.decisions.states import STATES

HEALTHY, BREACHED = VerdictKind.HEALTHY, VerdictKind.BREACHED
UNSURE = VerdictKind.INCONCLUSIVE
SHOWN, NOT_SHOWN = a_trigger(HEALTHY, shown=True), a_trigger(UNSURE, shown=False)
CLOSED = a_trigger(BREACHED, action=ActionKind.GATE, name="quality")
RARE = a_trigger(VerdictKind.NO_DATA, critical=False, name="rare")
PAUSE = {"duration": "5m", "minSamples": 100}
Triggers = tuple[TriggerView, ...]


def pausing(
    *triggers: TriggerView,
    minutes: float = 6,
    samples: int | None = 5000,
    last: bool = False,
    rollout: dict[str, Any] | None = None,
    **pause: Any,
) -> Situation:
    """A pause of 5 minutes and 100 requests that began some minutes ago; `last`: the last of the steps."""
    more = [] if last else [{"setWeight": 50}]
    steps = [{"setWeight": 10}, {"pause": {**PAUSE, **pause}}, *more]
    state = replace(STATES["pause is over"], age=timedelta(minutes=minutes))
    model = a_model(state, rollout={"steps": steps, **(rollout or {})})
    return a_situation(state, model=model, triggers=triggers, samples=samples)


def waits(plan: Plan) -> WaitingFor:
    assert plan.rollout is not None
    assert (plan.phase, plan.rollout.step) == (Phase.PAUSED, 1)
    return plan.rollout.waiting_for


def went_on(plan: Plan) -> bool:
    return plan.rollout is not None and plan.rollout.step == 2


def told(plan: Plan) -> list[str]:
    return [n.reason for n in plan.notices if n.reason != "NonInferior"]
