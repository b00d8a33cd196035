"""The safe path: all requests go to a Service that asks no model, until a person gives them back.

Its backend is named in the route first, and gets the requests once the gateway knows it. No version is rolled out
meanwhile. It ends by a person's word, with the shift to a version that is known good, or where it can not answer.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from knowngood.api.v1alpha1 import ServingBreach, seconds
from knowngood.api.v1alpha1.approvals import ApprovalMode
from knowngood.api.v1alpha1.safe_path import (
    SAFE_PATH,
    AtEnd,
    Rung,
    SafePathSpec,
    SafePathStatus,
    SafePathStep,
)
from knowngood.decisions.adopting import SETTLE
from knowngood.decisions.approving import is_undecided
from knowngood.decisions.breaches import which
from knowngood.decisions.freezing import freeze_start
from knowngood.decisions.ladder import breached_now, next_rung
from knowngood.decisions.leaving_safe_path import leave, let_go, notice, told_of
from knowngood.decisions.limiting import counted
from knowngood.decisions.plan import Plan
from knowngood.decisions.questions import rule_for, without_questions
from knowngood.decisions.resting import is_rejected
from knowngood.decisions.situation import Situation
from knowngood.decisions.timeline import instant
from knowngood.decisions.trigger_views import TriggerView

WITHIN: Final = timedelta(minutes=2)
"""How long the gateway may take to be seen to follow; then it is given up, and people are called."""

_HOLDS: Final = frozenset({SafePathStep.NAMED, SafePathStep.ASKED, SafePathStep.TAKEN})


def taken_of(plan: Plan) -> SafePathStatus | None:
    """The safe path while requests go there, or are to; None while the versions answer."""
    taken = plan.safe_path
    return taken if taken is not None and taken.step in _HOLDS else None


def answers(plan: Plan) -> bool:
    """Say whether the safe path is to get all requests."""
    return plan.shares.get(SAFE_PATH, 0) > 0


def standing_still(s: Situation, plan: Plan) -> Situation:
    """Roll nothing out while the safe path is taken."""
    taken = taken_of(plan)
    if taken is None or s.frozen:
        return s
    meta = s.model.metadata
    call = f"knowngood undo {meta.name} --version {plan.stable} -n {meta.namespace}"
    why = f"the requests go to the safe path ({taken.service}), so nothing is rolled out: `{call}` gives them back"
    return replace(s, frozen=why)


def held(s: Situation, plan: Plan) -> Plan:
    """Start nothing, and say so where something is wanted."""
    wanted = s.desired != plan.stable and s.problem is None and not is_rejected(s, plan)
    return freeze_start(s, plan) if wanted else plan


def take(s: Situation, plan: Plan) -> Plan | None:
    """Begin to send the requests to the safe path for the worst breach that leads there; None where none does."""
    for breach, trigger in breached_now(s, plan):
        rung, spec = next_rung(s, plan, breach, trigger), s.model.spec.safe_path
        undecided = is_undecided(breach, trigger, safe_path=True)
        if rung is Rung.SAFE_PATH and spec is not None and not undecided:
            return _begun(s, plan, breach, _decided_by(breach, trigger), spec)
    return None


def keep(s: Situation, plan: Plan) -> Plan:
    """Go a step on with a safe path that is taken, or give it up; where it is left, let go of it."""
    taken = plan.safe_path
    if taken is None:
        return plan
    if taken.step is SafePathStep.LEFT:
        return let_go(s, plan, taken)
    if plan.override is not None:
        return plan  # a person has set other weights for a while
    if s.ready_of(SAFE_PATH) == 0:
        return _lost(s, plan, taken)
    steps = {SafePathStep.NAMED: _named, SafePathStep.ASKED: _asked, SafePathStep.TAKEN: _over}
    return steps[taken.step](s, plan, taken)


def _begun(s: Situation, plan: Plan, breach: ServingBreach, by: str, spec: SafePathSpec) -> Plan:
    service = spec.service
    taken = SafePathStatus(
        service=service.name,
        port=service.port,
        step=SafePathStep.NAMED,
        version=plan.stable,
        incident=breach.incident,
        by=by,
        since=s.now,
        step_at=s.now,
    )
    named = replace(
        plan,
        safe_path=taken,
        incident=breach.incident or "",
        breaches=_asked_no_more(plan, breach),
        shifts=counted(plan.shifts, s.now),
        weights={**plan.shares, SAFE_PATH: 0},
        why="SafePath",
    )
    text = f"the safe path ({service.name}) is to get all requests from version {plan.stable}, as {by} has decided"
    return named.tell(notice(taken, "SafePathBegun", f"{text}: {breach.message}"[:1024])).wake(
        s.now + SETTLE
    )


def _asked_no_more(plan: Plan, breach: ServingBreach) -> tuple[ServingBreach, ...]:
    """Ask nobody any more about another version, nor, for another breach, about what begins."""
    others = without_questions(plan.breaches, breach, safe_path=True)
    kept = (breach if which(b) == which(breach) else b for b in others)
    return without_questions(kept, breach, safe_path=False)


def _decided_by(breach: ServingBreach, trigger: TriggerView) -> str:
    if breach.approval is not None and breach.approval.granted_by:
        return breach.approval.granted_by
    rule = rule_for(breach, trigger, safe_path=True)
    asks = rule is not None and rule.mode is not ApprovalMode.ACT
    return "nobody" if asks else f"policy {trigger.policy}"


def _named(s: Situation, plan: Plan, taken: SafePathStatus) -> Plan:
    """Wait until the gateway knows the backend: one that is new, and comes with a share, loses requests."""
    refused = next((b.safe_path_refused for b in told_of(plan, taken) if _is_since(b, taken)), None)
    if refused or taken.incident is None:
        return leave(s, plan, refused or "a person has closed the incident")
    settled = taken.step_at + SETTLE
    known = s.route is not None and SAFE_PATH in s.route.weights
    if s.now < settled:
        return plan.wake(settled)
    if known and s.does(plan.shares, plan.copies, plan.tested) and not plan.copies:
        shares = {**dict.fromkeys(plan.shares, 0), SAFE_PATH: 100}
        asked = taken.model_copy(update={"step": SafePathStep.ASKED, "step_at": s.now})
        weights = {SAFE_PATH: 100} if s.sticky else shares
        return replace(plan, safe_path=asked, weights=weights, why="SafePath")
    return _late(s, plan, taken)


def _is_since(breach: ServingBreach, taken: SafePathStatus) -> bool:
    """Whether people said no after it began; what they refused before is no word about this time."""
    return breach.safe_path_refused_at is not None and breach.safe_path_refused_at > taken.since


def _asked(s: Situation, plan: Plan, taken: SafePathStatus) -> Plan:
    """Wait until the gateway was seen to send all requests there."""
    stays = s.sticky and s.route is not None and s.route.weights.keys() != {SAFE_PATH}
    if stays or not s.does(plan.shares, plan.copies, plan.tested):
        return _late(s, plan, taken)
    spec = s.model.spec.safe_path or SafePathSpec.model_validate(
        {"service": {"name": taken.service}}
    )
    until = s.now + timedelta(seconds=seconds(spec.max_duration))
    update = {
        "step": SafePathStep.TAKEN,
        "step_at": s.now,
        "taken_at": s.now,
        "until": until,
    }
    text = f"the safe path ({taken.service}) answers all requests, and no version does, until {instant(until)} at most"
    done = replace(plan, safe_path=taken.model_copy(update=update))
    return done.tell(notice(taken, "SafePathTaken", text)).wake(until)


def _late(s: Situation, plan: Plan, taken: SafePathStatus) -> Plan:
    until = taken.step_at + WITHIN
    if s.now < until:
        return plan.wake(until)
    why = s.route.message if s.route and s.route.message else "it was not seen to follow"
    return leave(s, plan, f"the gateway has not taken it over in time: {why}"[:1024], failed=True)


def _lost(s: Situation, plan: Plan, taken: SafePathStatus) -> Plan:
    """Nobody is left to answer there: whoever can answer does, although that is known to be bad."""
    if s.ready_of(plan.stable) == 0 and answers(plan):
        return plan
    why = f"Service {taken.service} has no ready endpoint any more"
    return leave(s, plan, why, failed=True)


def _over(s: Situation, plan: Plan, taken: SafePathStatus) -> Plan:
    """At the end of its time people are told; no clock sends anybody to a version that is wrong, but for atEnd."""
    until, spec = taken.until, s.model.spec.safe_path
    if until is None or taken.overdue_at is not None:
        return plan
    if s.now < until:
        return plan.wake(until)
    over = replace(plan, safe_path=taken.model_copy(update={"overdue_at": s.now}))
    text = f"the safe path ({taken.service}) is taken for longer than it may be (maxDuration)"
    if spec is not None and spec.at_end is AtEnd.RETURN and s.ready_of(plan.stable) > 0:
        return leave(s, over, "its maxDuration is over, and atEnd is Return")
    text = f"{text}: nothing moves before a person gives the requests back"
    return over.tell(notice(taken, "SafePathOverdue", text))
