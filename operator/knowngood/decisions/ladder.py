"""The ladder: where the requests go when the version that serves turns bad, rung by rung.

A rung is left for the next one at once where it can not take the requests for a reason that is sure. Where it is only
not shown yet that it should, the next one has to wait for a while.
"""

from collections.abc import Iterator
from datetime import timedelta
from enum import IntEnum
from typing import Final

from knowngood.api.v1alpha1 import Phase, ServingBreach
from knowngood.api.v1alpha1.safe_path import SAFE_PATH, Rung, SafePathStep
from knowngood.decisions.breaches import Which, which
from knowngood.decisions.known_good import by_hand, one_of_many, unfit, unproved, unseen
from knowngood.decisions.limiting import why_limited
from knowngood.decisions.phases import SERVING
from knowngood.decisions.plan import Plan
from knowngood.decisions.safety import rank
from knowngood.decisions.serving import ServingView
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import ActionKind, TriggerView

CONTAINS: Final = SERVING | {Phase.ROLLED_BACK}
"""Phases in which what serves may be contained by another version."""

PATIENCE: Final = timedelta(minutes=2)
"""How long a breach lasts before a rung is left that might be shown to be right yet."""


class Bar(IntEnum):
    """What a reason against another version means: wait for proof, go to the next rung, or do nothing at all."""

    WAIT = 1
    NEXT = 2
    STOP = 3


def next_rung(
    s: Situation, plan: Plan, breach: ServingBreach, trigger: TriggerView, *, limited: bool = True
) -> Rung:
    """Say which rung could take the requests now, whoever decides about it; Hold where none could.

    Args:
        s: What was seen.
        plan: The plan so far.
        breach: What is found about the version that serves.
        trigger: What has found it.
        limited: Whether the limits of the policies count.
    """
    if s.serving is None or (limited and why_limited(s.limits, plan.shifts, s.now)):
        return Rung.HOLD
    bar = max((bar for bar, _ in _bars(s, plan, breach, trigger, s.serving)), default=None)
    if bar is Bar.STOP:
        return Rung.HOLD
    for rung in rungs_of(s, trigger):
        if rung is Rung.KNOWN_GOOD and bar is None:
            return rung
        if rung is Rung.KNOWN_GOOD and bar is Bar.WAIT and s.now < breach.found_at + PATIENCE:
            return Rung.HOLD
        if rung is Rung.SAFE_PATH and not why_no_safe_path(s, plan, breach):
            return rung
    return Rung.HOLD


def is_sure(s: Situation, plan: Plan, breach: ServingBreach, trigger: TriggerView) -> bool:
    """Say whether no version can take the requests for a reason that does not pass by itself."""
    bars = _bars(s, plan, breach, trigger, s.serving) if s.serving else ()
    return any(bar is Bar.NEXT for bar, _ in bars)


def rungs_of(s: Situation, trigger: TriggerView) -> tuple[Rung, ...]:
    """The rungs that a breach of a trigger walks, as its policy and its model say."""
    fallback = s.model.spec.fallback
    ladder = fallback.rungs if fallback else (Rung.KNOWN_GOOD, Rung.HOLD)
    if trigger.serving_action is ActionKind.SHIFT:
        return ladder
    if trigger.serving_action is ActionKind.SAFE_PATH and Rung.SAFE_PATH in ladder:
        return ladder[ladder.index(Rung.SAFE_PATH) :]
    return (Rung.HOLD,)


def why_not_shifted(
    s: Situation, plan: Plan, breach: ServingBreach, trigger: TriggerView | None
) -> str:
    """Say why no request is shifted to another version for a breach of what serves; empty where they may be."""
    if trigger is None or s.serving is None:
        return "it can not be seen now"
    rungs, bars = rungs_of(s, trigger), tuple(_bars(s, plan, breach, trigger, s.serving))
    stop = next((text for bar, text in bars if bar is Bar.STOP), "")
    if Rung.KNOWN_GOOD not in rungs:
        other = "spec.fallback.order names no other version"
        return stop or _then(s, plan, breach, trigger) or other
    first = next((text for _, text in bars), "")
    if first and not stop and Rung.SAFE_PATH in rungs:
        return f"{first}; {_then(s, plan, breach, trigger)}"
    return first or why_limited(s.limits, plan.shifts, s.now)


def why_no_safe_path(s: Situation, plan: Plan, breach: ServingBreach) -> str:
    """Say why the requests can not go to the safe path now; empty where they can."""
    spec, taken = s.model.spec.safe_path, plan.safe_path
    if spec is None:
        return "there is no safe path (spec.fallback.safePath)"
    if taken is not None and taken.step is not SafePathStep.LEFT:
        return "the safe path is taken already"
    if breach.safe_path_refused is not None:
        return breach.safe_path_refused
    if breach.safe_path_lost_at is not None and s.route is not None and not s.route.programmed:
        return "the gateway has not taken over yet that the safe path is left"
    return why_no_answer(s) or _can_not_be_taken(s, left=taken is not None)


def why_no_answer(s: Situation) -> str:
    """Say why the Service of the safe path could answer nobody; empty where it could, and where there is none."""
    spec = s.model.spec.safe_path
    if spec is None:
        return ""
    name = spec.service.name
    of_versions = {service for version, service in s.services.items() if version != SAFE_PATH}
    if name in of_versions:
        return f"the safe path, Service {name}, is the Service of a version"
    if s.ready_of(SAFE_PATH) == 0:
        return f"the safe path, Service {name}, has no ready endpoint"
    return ""


def _can_not_be_taken(s: Situation, *, left: bool) -> str:
    """Say why the route can not lead there now; empty where it can."""
    if left or s.route is None or s.replicas == 0:
        return "the safe path can not be taken now"
    return s.taken or (s.route.problem.message if s.route.problem else "")


def views_of(s: Situation, plan: Plan) -> dict[Which, TriggerView]:
    """What triggers say of the version that serves, where it is the one that was looked at."""
    if s.serving is None or s.serving.version != plan.stable:
        return {}
    return {t.which: t for t in s.serving.triggers if t.breached}


def breached_now(s: Situation, plan: Plan) -> Iterator[tuple[ServingBreach, TriggerView]]:
    """Breaches that are seen now, the most severe one first."""
    views = views_of(s, plan)
    found = [(b, views[which(b)]) for b in plan.breaches if which(b) in views]
    yield from sorted(found, key=lambda pair: -rank(pair[1].severity))


def _then(s: Situation, plan: Plan, breach: ServingBreach, trigger: TriggerView) -> str:
    """Say what is with the safe path."""
    lacks = why_no_safe_path(s, plan, breach)
    if lacks or s.model.spec.safe_path is None:
        return lacks
    if next_rung(s, plan, breach, trigger, limited=False) is not Rung.SAFE_PATH:
        return f"the safe path is next when this has lasted for {PATIENCE.seconds // 60} minutes"
    return f"the safe path, Service {s.model.spec.safe_path.service.name}, is next"


def _bars(
    s: Situation, plan: Plan, breach: ServingBreach, trigger: TriggerView, serving: ServingView
) -> Iterator[tuple[Bar, str]]:
    """All that keeps the requests from another version, in the order in which it is told."""
    held = trigger.serving_action not in {ActionKind.SHIFT, ActionKind.SAFE_PATH}
    fit = unfit(s, plan, serving)
    found = (
        (Bar.STOP, "the policy says hold for the version that serves" if held else ""),
        (
            Bar.NEXT,
            ""
            if trigger.sided
            else "the trigger's test does not say which of two versions is better",
        ),
        (Bar.NEXT, (breach.held or "it was tried, and failed") if breach.failed_at else ""),
        (Bar.STOP, (breach.held or f"{breach.refused_by} said no") if breach.refused_by else ""),
        (Bar.STOP, f"a person has closed incident {breach.incident}" if breach.closed else ""),
        _busy(plan),
        (Bar.STOP, unseen(s, trigger, "the version that serves")),
        (
            Bar.STOP,
            "" if s.model.spec.traffic is not None else "the traffic is not Knowngood's to shift",
        ),
        (Bar.NEXT, one_of_many(plan)),
        (Bar.STOP, by_hand(plan)),
        (Bar.NEXT, fit),
        (Bar.WAIT, "" if fit else unproved(s, plan, trigger, serving)),
    )
    yield from ((bar, text) for bar, text in found if text)


def _busy(plan: Plan) -> tuple[Bar, str]:
    if plan.phase is Phase.CONTAINED:
        return Bar.NEXT, "nobody stands by: the version that did answers now"
    if plan.phase not in CONTAINS:
        return Bar.STOP, "another version is being rolled out or taken back"
    if plan.holdback is not None:
        version = plan.holdback.version
        return (
            Bar.STOP,
            f"version {version} keeps a share of the requests until the probation is over",
        )
    return Bar.STOP, ""
