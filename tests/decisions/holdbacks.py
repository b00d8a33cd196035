"""The situations of a version that is held back, for a walk of its own."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from knowngood.api.v1alpha1 import Standing, VerdictKind
from knowngood.decisions.plan import Plan
from knowngood.decisions.planned import plan_of
from knowngood.decisions.serving import Covered, ServingView
from knowngood.decisions.situation import RouteView, Situation, SpecProblem
from knowngood.decisions.trigger_views import TriggerView
from tests.decisions.situations import a_model, a_record, a_situation, a_trigger, programmed
from tests.decisions.states import NOW, STATES, STEPS, State

FRESH = "2026-03-01T11:59:30Z"
HELD = (
    "held back",
    "held back, without a share",
    "held back for nothing",
    "held back, and known good",
    "returning from being held back",
)
COMMANDS = (
    *(f"{verb} 8 {FRESH}" for verb in ("undo", "rollback", "attest", "revoke", "promote", "abort")),
    f"revoke 7 {FRESH}",
    f"retry bad {FRESH}",
)
READY = tuple({"6": 1, "7": s, "8": c, "9": 2} for s in (0, 1, 2) for c in (0, 2))
PROBLEM = SpecProblem("TemplateInvalid", "spec.serving.deployment.template: no such field")


def seen(kind: VerdictKind, *, shown: bool | None = None) -> ServingView:
    """Version 8 was seen for long enough, and one trigger compares it with version 7."""
    return saw(a_trigger(kind, shown=shown))


def saw(*triggers: TriggerView) -> ServingView:
    """Version 8 was seen for long enough, and these triggers compare it with version 7."""
    enough: dict[str, Any] = {
        "counts": True,
        "seen": 2e6,
        "requests": 10**6,
        "needed": 100,
        "judged": True,
    }
    covered = tuple(Covered(t.policy_kind, t.policy, t.trigger, **enough) for t in triggers)
    return ServingView("8", NOW - timedelta(days=2), triggers, covered, beside="7")


def promoted(s: Situation) -> Situation:
    """Version 8 stands as it stands since two days, so that its probation may be over."""
    record = s.versions["8"]
    status = record.status and record.status.model_copy(
        update={"promoted_at": NOW - timedelta(days=2)}
    )
    return replace(s, versions={**s.versions, "8": record.model_copy(update={"status": status})})


def held_back(name: str, *, holdback: int = 5, sticky: bool = False, **rest: Any) -> Situation:
    """One of the situations, as it is at first."""
    state = STATES[name]
    desired, command = rest.pop("desired", "8"), rest.pop("command", "")
    probation = {"probation": {"holdback": holdback}} if holdback else {}
    model = a_model(state, desired=desired, command=command, rollout={"steps": STEPS, **probation})
    if sticky:
        traffic = model.spec.traffic and model.spec.traffic.model_copy(update={"sticky": True})
        spec = model.spec.model_copy(update={"traffic": traffic})
        model = model.model_copy(update={"spec": spec})
    return promoted(a_situation(state, model=model, **rest))


def routes(state: State) -> tuple[RouteView, ...]:
    """As asked, as asked but not taken over, all to one, half to each."""
    asked = programmed(state.weights)
    return (
        asked,
        replace(asked, programmed=False, message="not accepted"),
        RouteView({"8": 100, "7": 0}, programmed=True),
        RouteView({"8": 50, "7": 50}, programmed=True),
    )


def holdbacks() -> Iterator[Situation]:
    """Every state, seen in every way that matters to who is held back."""
    views = (None, seen(VerdictKind.HEALTHY), seen(VerdictKind.BREACHED))
    asked = ((5, False), (2, False), (0, False), (5, True))
    wanted = ("7", "8", "9", "bad")
    for name, desired, (holdback, sticky) in itertools.product(HELD, wanted, asked):
        base = held_back(name, holdback=holdback, sticky=sticky, desired=desired)
        for ready, route, serving in itertools.product(READY, routes(STATES[name]), views):
            yield replace(base, ready=ready, route=route, serving=serving)
    for name, desired, command in itertools.product(HELD, ("7", "8", "bad"), COMMANDS):
        base = held_back(name, desired=desired, command=command)
        for ready, route in itertools.product(READY, routes(STATES[name])[:2]):
            yield replace(base, ready=ready, route=route)
    for name, desired, ready, frozen, problem, standing in itertools.product(
        HELD, ("7", "8", "9"), READY, ("", "ask alice"), (None, PROBLEM), (None, *Standing)
    ):
        base = held_back(name, desired=desired, ready=ready, frozen=frozen, problem=problem)
        others = {v: r for v, r in base.versions.items() if v != "7"}
        # None: the record of version 7 is gone
        records = {**others, "7": a_record("7", standing)} if standing else others
        yield replace(base, versions=records)


def before(s: Situation) -> Plan:
    """What was planned before."""
    return plan_of(s.model)
