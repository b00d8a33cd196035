"""A version that serves beside a known good one that stands by and answers copies, and what triggers say of both."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    IncidentPhase,
    ServingBreach,
    VerdictKind,
)
from knowngood.decisions.serving import ServingView
from knowngood.decisions.trigger_views import ActionKind, TriggerView
from tests.decisions.playing import Play
from tests.decisions.situations import a_trigger, an_incident
from tests.decisions.states import NOW

STATE = "guarding, with a standby that gets copies"
SERVES, STANDS_BY = "7", "8"
READY = {SERVES: 2, STANDS_BY: 2}


def a_breach(action: ActionKind = ActionKind.SHIFT, **more: Any) -> TriggerView:
    return replace(a_trigger(VerdictKind.BREACHED, **more), serving_action=action)


def said(kind: VerdictKind, *, at: float = NOW.timestamp(), **more: Any) -> TriggerView:
    view = a_trigger(kind, **more)
    return replace(view, verdict=replace(view.verdict, at=at))


RIGHT = said(VerdictKind.HEALTHY)


def seen(
    *triggers: TriggerView,
    standby: tuple[TriggerView, ...] = (RIGHT,),
    better: tuple[TriggerView, ...] | None = None,
) -> ServingView:
    """What is seen of both; unless told otherwise, the standby does better by each trigger that is breached."""
    proved = tuple(t for t in triggers if t.verdict.kind is VerdictKind.BREACHED)
    view = ServingView(SERVES, NOW - timedelta(hours=1), triggers, (), standby=standby)
    return replace(view, better=proved if better is None else better)


def play(**spec: Any) -> Play:
    story = Play(STATE, **{"desired": SERVES, **spec})
    story.s = replace(story.s, ready=READY)
    return story


def kept(model: AIModelDeployment) -> ServingBreach:
    assert model.status is not None
    (breach,) = model.status.serving_breaches
    return breach


def held(story: Play) -> str:
    return kept(story.s.model).held or ""


def written(story: Play, phase: IncidentPhase) -> None:
    told = an_incident("loan-1", phase)
    story.s = replace(story.s, incident=told, incidents={"loan-1": told})
