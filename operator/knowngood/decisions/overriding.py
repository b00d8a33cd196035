"""Weights that a person sets by hand on the route while an incident is open or rollouts are frozen: kept for a while.

Nothing is rolled out meanwhile. What protects users acts as always, and needs other weights; and weights that lead to a
version that must not answer are put back at once. Nothing is put back without an Event.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from knowngood.api.v1alpha1 import IncidentPhase, Phase, RouteOverride, Share
from knowngood.decisions.commands import Command
from knowngood.decisions.drifting import harms, is_drifted, notice_drift, words
from knowngood.decisions.phases import RESTING
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.splits import is_same_split
from knowngood.decisions.taking_back import is_waiting

KEPT: Final = timedelta(hours=1)

_KEEPS: Final = RESTING | {Phase.PROGRESSING, Phase.PAUSED}
"""Phases in which nothing is in such a hurry that a person's weights could not stay."""


def attend_route(s: Situation, plan: Plan) -> Plan:
    """Keep weights that somebody else has set, where people may; else they are put back."""
    held = plan.override
    if not is_drifted(s):
        return plan if held is None else replace(plan, override=None)
    why = _why_kept(s, plan)
    if not why:
        return _ended(s, plan, "incidents are closed, rollouts are not frozen, or it would harm")
    found = _weights(s)
    if held is None or not is_same_split(found, {w.version: w.weight for w in held.weights}):
        return _begun(s, plan, why)
    if s.now >= held.since + KEPT:
        return _ended(s, plan, "an hour is over")
    return plan.wake(held.since + KEPT)


def held_still(s: Situation, plan: Plan) -> Situation:
    """Roll nothing out over weights that a person has set."""
    if plan.override is None or s.frozen:
        return s
    return replace(s, frozen=f"the route is held by hand: {_how(s)}")


def follow_weights(before: Plan, plan: Plan, s: Situation) -> Plan:
    """End what a person has set where other weights are needed, or where copies must end."""
    ends = bool(before.copies) and not plan.copies
    if plan.override is None or (is_same_split(before.shares, plan.shares) and not ends):
        return plan
    return _ended(s, plan, f"other weights are needed ({plan.why})")


def keep(s: Situation, plan: Plan, command: Command) -> Plan | str:
    """Keep the weights for another hour; say in words why not."""
    held = _held(plan, command)
    if isinstance(held, str):
        return held
    return replace(plan, override=held.model_copy(update={"since": s.now})).wake(s.now + KEPT)


def release(_: Situation, plan: Plan, command: Command) -> Plan | str:
    """Put the route back; say in words why not."""
    held = _held(plan, command)
    return held if isinstance(held, str) else replace(plan, override=None)


def overridden(s: Situation, held: RouteOverride) -> str:
    """Say how the route is held, until when, and what people can do."""
    until = f"{held.since + KEPT:%H:%M:%SZ}"
    now = words({w.version: w.weight for w in held.weights})
    return f"somebody has set the weights of the route by hand: {now}. They are left so until {until}; {_how(s)}"


def _held(plan: Plan, command: Command) -> RouteOverride | str:
    if plan.override is None:
        return "no weights that somebody has set by hand are kept"
    if command.version != plan.stable:
        return f"name the version that answers users: {plan.stable}"
    return plan.override


def _why_kept(s: Situation, plan: Plan) -> str:
    awaited = plan.phase is Phase.CONTAINING and is_waiting(plan)
    if (plan.phase not in _KEEPS and not awaited) or harms(s) or not any(_weights(s).values()):
        return ""
    if s.frozen:
        return s.frozen
    status = s.incident.status if s.incident else None
    is_open = status is not None and status.phase not in {None, IncidentPhase.CLOSED}
    return f"incident {plan.incident} is open" if is_open else ""


def _begun(s: Situation, plan: Plan, why: str) -> Plan:
    shares = tuple(Share(version=v, weight=w) for v, w in sorted(_weights(s).items()))
    held = RouteOverride(weights=shares, since=s.now)
    text = f"{overridden(s, held)}. They are kept because {why}. Asked for was {words(plan.shares)}"
    notice = Notice("RouteOverridden", text, f"overridden/{s.now.isoformat()}", warning=True)
    return replace(plan, override=held).tell(notice).wake(s.now + KEPT)


def _ended(s: Situation, plan: Plan, why: str) -> Plan:
    if plan.override is None:
        return notice_drift(s, plan)
    key = f"override-ended/{plan.override.since.isoformat()}"
    text = (
        f"the weights that somebody has set by hand are put back: {why}. The route is to give {words(plan.shares)}; it "
        f"gave {words(_weights(s))}"
    )
    return replace(plan, override=None).tell(Notice("OverrideEnded", text, key, warning=True))


def _weights(s: Situation) -> dict[str, int]:
    return dict(s.route.weights) if s.route else {}


def _how(s: Situation) -> str:
    meta = s.model.metadata
    call = f"{meta.name} -n {meta.namespace}"
    return f"`knowngood keep {call}` leaves them for another hour, `knowngood release {call}` puts the route back"
