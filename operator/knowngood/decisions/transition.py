"""One decision: from what was observed and what was planned before to what is planned now.

It moves on what was seen, never on having asked: a weight that was asked for is asked for again until the gateway
shows it. At most one edge is taken in one decision.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from knowngood.api.v1alpha1 import Phase, Reason
from knowngood.decisions.approving import with_answers, with_refusals
from knowngood.decisions.better_seen import with_better_seen
from knowngood.decisions.breaches import breaches_of
from knowngood.decisions.clocking import clocked
from knowngood.decisions.closing import let_go_of_closed
from knowngood.decisions.common_cause import with_common_causes
from knowngood.decisions.consulting import consult
from knowngood.decisions.containing import contain, with_incidents
from knowngood.decisions.contents import notice_contents
from knowngood.decisions.copying import copy_to_standby
from knowngood.decisions.drifting import contested
from knowngood.decisions.edits import follow_edits, mark_steps
from knowngood.decisions.fixing import with_fixed
from knowngood.decisions.guarding import tell_of_blindness, tell_of_serving
from knowngood.decisions.holding import keep_holdback
from knowngood.decisions.leaving import rolling_back
from knowngood.decisions.leaving_safe_path import settle
from knowngood.decisions.obeying import obey
from knowngood.decisions.overriding import attend_route, follow_weights, held_still
from knowngood.decisions.parting import part
from knowngood.decisions.phases import RESTING, ROLLING
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.planned import plan_of
from knowngood.decisions.putting_back import settling
from knowngood.decisions.resting import drop_drained, is_untold, resting
from knowngood.decisions.rolling import rolling
from knowngood.decisions.safe_path import held, keep, standing_still, take, taken_of
from knowngood.decisions.seeing import with_power
from knowngood.decisions.signing import sign
from knowngood.decisions.situation import Situation
from knowngood.decisions.standby import keep_standby
from knowngood.decisions.starting import initializing, pending
from knowngood.decisions.suspending import resume, suspend
from knowngood.decisions.suspending_feeds import with_feeds
from knowngood.decisions.trouble import SOON, stuck
from knowngood.decisions.undoing import undo_of
from knowngood.decisions.vetoing import with_vetoes
from knowngood.decisions.witnessing import listen

RECHECK: Final = timedelta(seconds=30)
"""How often a spec that can not be started is looked at again: what is in its way may be gone."""

PHASES: Final[Mapping[Phase, Callable[[Situation, Plan], Plan]]] = {
    Phase.PENDING: pending,
    Phase.INITIALIZING: initializing,
    Phase.PROBATION: resting,
    Phase.GUARDING: resting,
    Phase.PROGRESSING: rolling,
    Phase.PAUSED: rolling,
    Phase.PROMOTING: rolling,
    Phase.ROLLING_BACK: rolling_back,
    Phase.ROLLED_BACK: resting,
    Phase.CONTAINING: rolling_back,
    Phase.CONTAINED: resting,
    Phase.SUSPENDED: lambda _, plan: plan,
    Phase.TERMINATING: lambda _, plan: plan,
}
"""What is decided in each phase."""


def decide(s: Situation) -> Plan:
    """Decide what the state of a model should be now.

    The answer depends on `s` alone: the same situation gives the same plan in every process.
    """
    before = plan_of(s.model)
    if s.model.metadata.deletion_timestamp is not None:
        plan = drop_drained(s, before)
        return part(s, replace(plan, phase=Phase.TERMINATING, weights=None))
    if s.model.spec.suspend:
        return suspend(s, before)
    if before.phase is Phase.SUSPENDED:
        return resume(s, before)
    plan = _move(s, before)
    return with_power(s, with_fixed(s, replace(plan, undo=undo_of(s, before, plan))))


def _go_on(s: Situation, still: Situation, plan: Plan) -> Plan:
    """What protects users comes first, also where a person holds everything else still."""
    shifted = contain(s, plan)
    if shifted is not None or (taken_of(plan) is not None and plan.phase in RESTING):
        return shifted or held(still, plan)
    return take(s, plan) or PHASES[plan.phase](still, plan)


def _move(s: Situation, before: Plan) -> Plan:
    """Decide about a model that neither ends nor is suspended."""
    plan = drop_drained(s, attend_route(s, before))
    plan = let_go_of_closed(s, keep_standby(s, notice_contents(s, plan)))
    if s.problem is not None:
        plan = plan.wake(s.now + RECHECK)
        key = f"{s.desired}/{s.model.metadata.generation}"
        plan = plan.tell(Notice(s.problem.reason, s.problem.message, key, warning=True))
    if s.route is not None and plan.shares and not s.does(plan.shares, plan.copies, plan.tested):
        plan = plan.wake(settling(s, plan) or s.now + SOON)
    plan = sign(s, listen(plan, s.witness))
    still = standing_still(held_still(s, plan), plan)
    if is_untold(s, plan):
        return copy_to_standby(still, before, plan)
    late = stuck(s, plan)
    if late is not None and late.reason == Reason.NOT_PROGRAMMED and plan.phase not in ROLLING:
        key = f"{late.reason}/{s.model.metadata.generation}/{late.message}"
        plan = plan.tell(Notice(late.reason, late.message, key, warning=True))
    plan = with_vetoes(s, with_refusals(s, plan))
    plan = with_common_causes(s, replace(plan, breaches=breaches_of(s, plan)))
    plan = with_better_seen(s, with_incidents(s, plan))
    plan = with_feeds(s, keep(s, consult(s, with_answers(s, plan))))
    plan, decided = obey(still, follow_edits(s, plan))
    plan = clocked(before, plan if decided else _go_on(s, still, plan), s.now)
    plan = with_vetoes(s, settle(s, tell_of_serving(s, tell_of_blindness(s, plan))))
    plan = keep_standby(s, keep_holdback(s, plan))
    plan = copy_to_standby(still, before, plan)
    return mark_steps(s, contested(s, follow_weights(before, plan, s)))
