"""The product of states and observations that the walk goes through."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

from knowngood.api.v1alpha1 import (
    IncidentPhase,
    OnInconclusive,
    Phase,
    PolicyMode,
    Standing,
    VerdictKind,
)
from knowngood.decisions.phases import GOING_BACK, RESTING
from knowngood.decisions.plan import Plan
from knowngood.decisions.planned import plan_of
from knowngood.decisions.serving import ServingView
from knowngood.decisions.situation import RouteView, Situation, SpecProblem
from knowngood.decisions.transition import decide
from knowngood.decisions.trigger_views import ActionKind, TriggerView
from tests.decisions.situations import (
    BLIND,
    KINDS,
    a_model,
    a_situation,
    a_trigger,
    an_incident,
    programmed,
)
from tests.decisions.states import NOW, ROLLING_STATES, STATES, STEPS, State

PROBLEM = SpecProblem("TemplateInvalid", "spec.serving.deployment.template: no such field")
READY = tuple({"6": 1, "7": s, "8": c, "9": 0} for s in (0, 2) for c in (0, 2))
DESIRED = ("7", "8", "9", "bad")
FRESH = "2026-03-01T11:59:30Z"
COMMANDS = (
    *(
        f"{verb} {v} {FRESH}"
        for verb in ("promote", "abort", "rollback", "retry")
        for v in ("8", "bad")
    ),
    *(
        f"{verb} 8 {FRESH}"
        for verb in ("undo", "force", "pause", "resume", "keep", "release", "attest", "revoke")
    ),
    f"promote 8 {FRESH}-again",
    "promote 8 2026-03-01T09:00:00Z",
    "promote it now please",
    "x",
)


def routes(state: State) -> tuple[RouteView, ...]:
    """Absent, as asked, as asked but not taken over, and something else."""
    other = {"7": 100} if state.weights != {"7": 100} else {"8": 100}
    tested = frozenset({state.canary} if state.tested else ())
    as_asked = replace(programmed(state.weights, state.mirror), tested=tested)
    return (
        RouteView({}, programmed=False, message="there is no route yet"),
        as_asked,
        replace(as_asked, programmed=False, message="not accepted"),
        RouteView(other, programmed=True),
    )


def trigger_sets() -> Iterator[tuple[TriggerView, ...]]:
    """None; every verdict alone in every mode and for every action; and blind ones beside others."""
    yield ()
    of_canaries = (ActionKind.ROLLBACK, ActionKind.HOLD, ActionKind.GATE)
    for kind, mode, action in itertools.product(KINDS, PolicyMode, of_canaries):
        yield (a_trigger(kind, mode=mode, action=action),)
    yield (a_trigger(VerdictKind.BREACHED, stable_breached=True),)
    for kind in BLIND:
        yield a_trigger(kind), a_trigger(VerdictKind.BREACHED, name="latency")
        yield a_trigger(kind), a_trigger(VerdictKind.HEALTHY, name="latency")


def rollouts() -> Iterator[Situation]:
    """Every state of a rollout, seen in every way."""
    for state in ROLLING_STATES.values():
        models = [a_model(state, desired=desired) for desired in DESIRED]
        base = a_situation(state)
        for model, ready, route, triggers, problem in itertools.product(
            models, READY, routes(state), TRIGGERS, (None, PROBLEM)
        ):
            yield replace(
                base, model=model, ready=ready, route=route, triggers=triggers, problem=problem
            )


_EARLY = {"endEarly": "WhenNonInferior", "minDuration": "1m"}
PAUSES: tuple[tuple[int, dict[str, Any], dict[str, Any]], ...] = (
    (2, {}, _EARLY),
    (6, {}, {}),
    *((31, {"maxDuration": "30m", "onInconclusive": choice}, {}) for choice in OnInconclusive),
    (6, {"maxDuration": "30m", "onInconclusive": "Promote"}, {}),
)
"""Minutes since a pause began, what it says, and what the rollout says."""


def pauses() -> Iterator[Situation]:
    """A pause before its end, at it and long after it, that ends in every way, with and without proof."""
    uses = (
        (ActionKind.ROLLBACK, True), (ActionKind.ROLLBACK, False), (ActionKind.GATE, True),
    )  # fmt: skip
    asking = [
        (a_trigger(kind, action=action, shown=shown, critical=critical),)
        for kind, (action, critical), shown in itertools.product(KINDS, uses, (None, True, False))
    ]
    for (minutes, pause, rollout), more in itertools.product(PAUSES, ([], [{"setWeight": 50}])):
        state = replace(STATES["pause is over"], age=timedelta(minutes=minutes))
        steps = [STEPS[0], {"pause": {"duration": "5m", "minSamples": 100, **pause}}, *more]
        base = a_situation(state, model=a_model(state, rollout={"steps": steps, **rollout}))
        for triggers, samples, ready in itertools.product(asking, (5000, 99), READY[1::2]):
            yield replace(base, triggers=triggers, samples=samples, ready=ready)


def everything_else() -> Iterator[Situation]:
    """Every state with every command, with a route or without traffic of ours, and when deleted."""
    for state in STATES.values():
        base = a_situation(state)
        said = [a_model(state, desired=d, command=c) for d in DESIRED for c in ("", *COMMANDS)]
        gone = [a_model(state, deleted=True), a_model(state, command=COMMANDS[0], deleted=True)]
        for model, ready, route, problem in itertools.product(
            said + gone, READY, (*routes(state), None), (None, PROBLEM)
        ):
            yield replace(base, model=model, ready=ready, route=route, problem=problem)


def serving() -> Iterator[Situation]:
    """States at rest, seen with a trigger that is breached for what serves, or not, and what the standby says to it."""
    for state in (one for one in STATES.values() if one.phase in RESTING | GOING_BACK):
        told = an_incident("loan-1", IncidentPhase.CONTAINED) if state.incident else None
        base = a_situation(state, incident=told)
        models = [a_model(state, desired=desired) for desired in DESIRED]
        for model, ready, route, view in itertools.product(
            models, READY, routes(state), serving_views(state.stable or "7")
        ):
            yield replace(base, model=model, ready=ready, route=route, serving=view)


def serving_views(version: str) -> Iterator[ServingView]:
    """What serves is fine; it is breached, in a policy that shifts or holds, and the standby says everything."""
    since = NOW - timedelta(hours=1)
    yield ServingView(version, since, (a_trigger(VerdictKind.HEALTHY),), ())
    yield ServingView(
        version, since, (a_trigger(VerdictKind.BREACHED, mode=PolicyMode.OBSERVE),), ()
    )
    for action in (ActionKind.SHIFT, ActionKind.HOLD):
        bad = replace(a_trigger(VerdictKind.BREACHED), serving_action=action)
        yield ServingView(version, since, (bad,), ())
        for kind in KINDS:
            standby = (a_trigger(kind),)
            yield ServingView(version, since, (bad,), (), standby=standby, better=(bad,))
            yield ServingView(version, since, (bad,), (), better=(a_trigger(kind),))


TRIGGERS = tuple(trigger_sets())


@cache
def walked() -> tuple[tuple[Situation, Plan], ...]:
    """Every situation with its decision: minutes, once for each process that asks."""
    return tuple((s, decide(s)) for s in (*rollouts(), *pauses(), *serving(), *everything_else()))


def before(s: Situation) -> Plan:
    """What was planned before."""
    return plan_of(s.model)


def phase_of(s: Situation) -> Phase:
    return before(s).phase


def chosen(s: Situation) -> OnInconclusive | None:
    """What the present pause does when it is as long as it may be."""
    rollout = before(s).rollout
    step = s.steps[rollout.step] if rollout and rollout.step < len(s.steps) else None
    return step.pause.on_inconclusive if step and step.pause else None


def is_bad_or_unseen(s: Situation) -> bool:
    """Whether something that is waited for is breached or can not be seen."""
    bad = {VerdictKind.BREACHED, *BLIND}
    return any(t.acts and t.critical and t.verdict.kind in bad for t in s.triggers)


def canary_share(weights: Mapping[str, int]) -> int:
    return sum(weight for version, weight in weights.items() if version in {"8", "9", "bad"})


def offenders(claim: Callable[[Situation, Plan], bool]) -> list[str]:
    """Walk, and tell the situations in which a claim does not hold, in few words."""
    found = [(s, plan) for s, plan in walked() if not claim(s, plan)]
    return [
        f"{phase_of(s)} {dict(before(s).shares)} -> {plan.phase} {dict(plan.shares)}: ready {s.ready},"
        f" route {s.route}, desired {s.desired}, problem {s.problem is not None},"
        f" {[(t.mode, t.action, t.verdict.kind, t.stable_breached) for t in s.triggers]},"
        f" {dict(s.model.metadata.annotations)}"
        for s, plan in found[:3]
    ]


def withdrawn(s: Situation, plan: Plan) -> bool:
    """The canary goes, or is rejected, in this decision."""
    rejected = any(c.standing is Standing.REJECTED for c in plan.standings)
    back = plan.phase is Phase.ROLLING_BACK and phase_of(s) is not Phase.ROLLING_BACK
    return back or (rejected and phase_of(s) is not Phase.ROLLING_BACK)
