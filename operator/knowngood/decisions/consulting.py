"""Where a shift would begin now: people are asked whether it does, or a limit keeps the requests where they are."""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import ActionState, ServingBreach
from knowngood.api.v1alpha1.safe_path import SAFE_PATH, Rung
from knowngood.decisions.approving import asks_people, is_open, request
from knowngood.decisions.ladder import PATIENCE, breached_now, is_sure, next_rung, why_not_shifted
from knowngood.decisions.limiting import limited_until, why_limited
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.questions import rule_for, target
from knowngood.decisions.safety import MESSAGE_LENGTH
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import TriggerView

HELD: Final = "the policy wants people to decide about it"


def consult(s: Situation, plan: Plan) -> Plan:
    """Ask people, where the policy wants that, before anything begins; say which limit keeps a shift from beginning."""
    for breach, trigger in breached_now(s, plan):
        rung = next_rung(s, plan, breach, trigger, limited=False)
        if rung is Rung.HOLD:
            if s.model.spec.safe_path and s.now < breach.found_at + PATIENCE:
                plan = plan.wake(breach.found_at + PATIENCE)
            continue
        limit = why_limited(s.limits, plan.shifts, s.now)
        if limit:
            plan = _limited(s, plan, breach, limit)
        elif _is_new(s, plan, breach, trigger, rung):
            plan = _asked(s, plan, breach, trigger, rung)
    return plan


def _is_new(
    s: Situation, plan: Plan, breach: ServingBreach, trigger: TriggerView, rung: Rung
) -> bool:
    """Whether people are to be asked about this rung, and were not. No question is taken back for a moment's doubt."""
    safe_path = rung is Rung.SAFE_PATH
    asked = breach.approval
    if not asks_people(rule_for(breach, trigger, safe_path=safe_path)):
        return False
    if asked is None or asked.is_safe_path is safe_path:
        return asked is None
    if (
        safe_path
    ):  # the other version is out for good, and people have had the time to read the first question
        old = s.now >= asked.asked_at + PATIENCE or not is_open(breach)
        return old and is_sure(s, plan, breach, trigger)
    return not _is_unsaid(s, breach)


def _is_unsaid(s: Situation, breach: ServingBreach) -> bool:
    """Whether the incident does not tell yet that people have said no to what they were asked before."""
    asked, incident = breach.approval, s.incidents.get(breach.incident or "")
    if asked is None or not breach.safe_path_refused:
        return False
    actions = incident.status.actions if incident and incident.status else ()
    mine = (a for a in actions if a.approval and a.approval.asked_at == asked.asked_at)
    return any(a.state is ActionState.WAITING for a in mine)


def _asked(
    s: Situation, plan: Plan, breach: ServingBreach, trigger: TriggerView, rung: Rung
) -> Plan:
    """Ask; while people are asked about something else in the same incident, they are asked no second time."""
    others = (
        b for b in plan.breaches if b.incident == breach.incident and b is not breach and is_open(b)
    )
    waiting = any(b.approval is not None and b.approval.overdue_at is None for b in others)
    spec = s.model.spec.safe_path if rung is Rung.SAFE_PATH else None
    rule = rule_for(breach, trigger, safe_path=spec is not None)
    if rule is None or waiting:
        return plan
    to, service = (SAFE_PATH, spec.service.name) if spec else (plan.shadow, None)
    asked = request(rule, to, s.now, service)
    meta = s.model.metadata
    call = f"knowngood incident show {breach.incident} -n {meta.namespace}"
    text = (
        f"people are asked whether {target(asked)} gets all requests from version {breach.version} "
        f"({call})"
    )
    key = f"approval/{breach.incident}/{s.now.isoformat()}"
    plan = plan.tell(
        Notice("ApprovalNeeded", f"{text}: {breach.message}"[:MESSAGE_LENGTH], key, warning=True)
    )
    held = HELD
    if spec is not None:
        held = f"{why_not_shifted(s, plan, breach, trigger)}; people decide about it"
    return _with(plan, breach, approval=asked, held=held[:MESSAGE_LENGTH]).wake(asked.until)


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
