"""Where a shift would begin now: people are asked whether it does, or a limit keeps the requests where they are."""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import ServingBreach
from knowngood.decisions.approving import asks_people, is_open, request
from knowngood.decisions.containing import breached_now, may_shift, why_not_shifted
from knowngood.decisions.limiting import limited_until, why_limited
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.safety import MESSAGE_LENGTH
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import TriggerView

HELD: Final = "the policy wants people to decide about it"


def consult(s: Situation, plan: Plan) -> Plan:
    """Ask people, where the policy wants that, before anything begins; say which limit keeps a shift from beginning."""
    for breach, trigger in breached_now(s, plan):
        if (
            breach.approval is None
            and asks_people(trigger.approval)
            and may_shift(s, plan, breach, trigger)
        ):
            plan = _asked(s, plan, breach, trigger)
        limit = why_limited(s.limits, plan.shifts, s.now)
        if limit and why_not_shifted(s, plan, breach, trigger) == limit:
            plan = _limited(s, plan, breach, limit)
    return plan


def _asked(s: Situation, plan: Plan, breach: ServingBreach, trigger: TriggerView) -> Plan:
    """Ask; while people are asked about something else in the same incident, they are asked no second time."""
    others = (b for b in plan.breaches if b.incident == breach.incident and is_open(b))
    waiting = any(b.approval is not None and b.approval.overdue_at is None for b in others)
    if trigger.approval is None or waiting:
        return plan
    asked = request(trigger.approval, plan.shadow, s.now)
    meta = s.model.metadata
    call = f"knowngood incident show {breach.incident} -n {meta.namespace}"
    text = f"people are asked whether version {asked.to} gets all requests from version {breach.version} ({call})"
    key = f"approval/{breach.incident}/{s.now.isoformat()}"
    plan = plan.tell(
        Notice("ApprovalNeeded", f"{text}: {breach.message}"[:MESSAGE_LENGTH], key, warning=True)
    )
    return _with(plan, breach, approval=asked, held=HELD).wake(asked.until)


def _limited(s: Situation, plan: Plan, breach: ServingBreach, limit: str) -> Plan:
    plan = plan.wake(limited_until(s.limits, plan.shifts, s.now))
    if breach.limited is not None:
        return plan
    text = f"{limit}: {breach.message}"[:MESSAGE_LENGTH]
    plan = plan.tell(
        Notice("ShiftLimited", text, f"limited/{breach.incident}/{s.now.isoformat()}", warning=True)
    )
    return _with(plan, breach, limited=limit, limited_at=s.now, held=limit)


def _with(plan: Plan, breach: ServingBreach, **update: object) -> Plan:
    changed = breach.model_copy(update=update)
    return replace(plan, breaches=tuple(changed if b is breach else b for b in plan.breaches))
