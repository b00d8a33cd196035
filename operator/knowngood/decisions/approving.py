"""People decide about a shift where the policy wants it: how they are asked, and what follows from what they say.

The request is written into the model's status before anybody can answer it; the answers stand in the incident, and what
follows from them is written down once. A decision overrides no condition: all of them are asked again before a shift.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import ActionRecord, Incident, ServingBreach, seconds
from knowngood.api.v1alpha1.approvals import (
    MOST_ANSWERS,
    Approval,
    ApprovalAnswer,
    ApprovalDecision,
    ApprovalMode,
    ApprovalRequest,
    ApprovedAction,
    OnTimeout,
)
from knowngood.api.v1alpha1.safe_path import SafePathStep
from knowngood.decisions.breaches import which
from knowngood.decisions.people import remark
from knowngood.decisions.phases import GOING_BACK
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.questions import is_another, rule_for, target
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import TriggerView

TIMEOUT: Final = "10m"
"""How long a request waits where the policy does not say."""

_BEGUN: Final = frozenset({SafePathStep.ASKED, SafePathStep.TAKEN})

_STRICTEST: Final = (ApprovalMode.REQUIRE, ApprovalMode.VETO_WINDOW)


def asks_people(rule: Approval | None) -> bool:
    """Say whether a policy wants people to decide."""
    return rule is not None and rule.mode is not ApprovalMode.ACT


def is_undecided(breach: ServingBreach, trigger: TriggerView, *, safe_path: bool = False) -> bool:
    """Say whether nothing may begin yet because people decide. Who was asked is waited for, also after an edit."""
    if breach.approval is not None and breach.approval.is_safe_path is safe_path:
        return breach.approval.granted_at is None
    return asks_people(rule_for(breach, trigger, safe_path=safe_path))


def is_open(breach: ServingBreach) -> bool:
    """Say whether people are asked about a breach, and may still answer."""
    ended: object = breach.refused_by or breach.closed
    if breach.approval is not None and breach.approval.is_safe_path:
        ended = ended or breach.safe_path_refused
    else:
        ended = ended or breach.common_cause or breach.failed_at
    return breach.approval is not None and not ended


def request(rule: Approval, to: str, at: datetime, service: str | None = None) -> ApprovalRequest:
    """What people are asked.

    Args:
        rule: What the policy says; not in mode Act.
        to: The version that would get the requests.
        at: When they are asked.
        service: The Service of the safe path, where they are asked about that.
    """
    window = rule.mode is ApprovalMode.VETO_WINDOW
    return ApprovalRequest(
        action=None if rule.action is ApprovedAction.SHIFT_TO_SHADOW else rule.action,
        to=to,
        service=service,
        mode=rule.mode,
        people=rule.people or 1,
        on_timeout=OnTimeout.ACT if window else rule.on_timeout or OnTimeout.HOLD,
        asked_at=at,
        until=at + timedelta(seconds=seconds(rule.timeout or TIMEOUT)),
    )


def stricter(asked: ApprovalRequest, rule: Approval | None) -> ApprovalRequest:
    """What is asked once the policy was edited: of what was asked and of what it says now, the stricter one each."""
    if rule is None or not asks_people(rule):
        return asked
    now = request(rule, asked.to, asked.asked_at)
    both = (asked, now)
    held = any(one.on_timeout is OnTimeout.HOLD for one in both)
    return asked.model_copy(
        update={
            "mode": next(m for m in _STRICTEST if any(one.mode is m for one in both)),
            "people": max(one.people for one in both),
            "on_timeout": OnTimeout.HOLD if held else OnTimeout.ACT,
            "until": max(one.until for one in both),
        }
    )


def decided(
    asked: ApprovalRequest, answers: Sequence[ApprovalAnswer], now: datetime, words: str = ""
) -> str:
    """Say by whom, or by what, it is decided that something is done; empty while it is not. Nobody has objected.

    Args:
        asked: What people were asked.
        answers: What they have said to it.
        now: The present instant.
        words: What stands behind their names.
    """
    yes = list(dict.fromkeys(a.by for a in answers if a.decision is ApprovalDecision.APPROVE))
    if len(yes) >= asked.people:
        return f"{' and '.join(yes[: asked.people])}{words}"
    if now < asked.until or asked.on_timeout is OnTimeout.HOLD:
        return ""
    if asked.mode is ApprovalMode.VETO_WINDOW:
        return "nobody, who could have objected in time"
    return "the policy: too few have approved in time, and it says act then"


def with_refusals(s: Situation, plan: Plan) -> Plan:
    """Hear a no also where what was found is over by now: it comes back, and must not be asked about again then."""
    for one in [which(b) for b in plan.breaches]:
        breach = next(b for b in plan.breaches if which(b) == one)
        said = _answers(s, breach) if is_open(breach) and not _is_too_late(plan, breach) else []
        no = next((a for a in said if a.decision is ApprovalDecision.REJECT), None)
        plan = _refused(s, plan, breach, no) if no is not None else plan
    return plan


def with_answers(s: Situation, plan: Plan) -> Plan:
    """Take what people have approved, and what time has done, into the plan; who says no was heard before."""
    for one in [which(b) for b in plan.breaches]:
        breach = next(b for b in plan.breaches if which(b) == one)
        if is_open(breach):  # and not refused by now, because of another one
            plan = _attended(s, plan, breach)
    return plan


def _attended(s: Situation, plan: Plan, breach: ServingBreach) -> Plan:
    asked, incident = breach.approval, s.incidents.get(breach.incident or "")
    action = _action(incident, asked) if asked else None
    if asked is None or incident is None or action is None:
        return plan  # nobody can have read it: its time is not over before it is told
    answers = _answers(s, breach)
    if asked.granted_at is not None and _is_one_of_many(plan, breach, asked):
        taken_back = {"granted_at": None, "granted_by": None, "on_timeout": OnTimeout.HOLD}
        asked = asked.model_copy(update=taken_back)
    if asked.granted_at is not None or plan.phase in GOING_BACK:
        return plan
    if is_another(s, plan, asked):  # who approves has approved that one
        return _with(plan, breach, breach.model_copy(update={"approval": None}))
    asked = stricter(asked, _rule(s, breach))
    if len(incident.spec.approvals) >= MOST_ANSWERS:  # nobody can object any more
        asked = asked.model_copy(update={"on_timeout": OnTimeout.HOLD})
    return _gone_on(s, plan, breach, asked, answers)


def _gone_on(
    s: Situation,
    plan: Plan,
    breach: ServingBreach,
    asked: ApprovalRequest,
    answers: Sequence[ApprovalAnswer],
) -> Plan:
    """Take an approval, or the end of the time, into the plan; nobody has objected."""
    by = decided(asked, answers, s.now, remark(proved=s.people_proved))
    if by:
        asked = asked.model_copy(update={"granted_at": s.now, "granted_by": by})
    elif s.now < asked.until:
        plan = plan.wake(asked.until)
    elif asked.overdue_at is None:
        asked = asked.model_copy(update={"overdue_at": s.now})
        text = f"nobody has decided in time whether {target(asked)} gets all requests: {breach.message}"
        key = f"overdue/{breach.incident}/{asked.asked_at.isoformat()}"
        plan = plan.tell(Notice("ApprovalOverdue", text[:1024], key, warning=True))
    return _with(plan, breach, breach.model_copy(update={"approval": asked}))


def _refused(s: Situation, plan: Plan, breach: ServingBreach, no: ApprovalAnswer) -> Plan:
    """Nothing is shifted for what is known in the incident by now; what is found later is asked about anew."""
    held = f"{no.by}{remark(proved=s.people_proved)} said no"
    update: dict[str, object] = {"refused_by": no.by, "refused_at": s.now, "held": held}
    if breach.approval is not None and breach.approval.is_safe_path:
        why = f"{held} to the safe path"
        update = {"safe_path_refused": why, "safe_path_refused_at": s.now, "held": why}
    (field, _), *_ = update.items()
    same = (b.incident == breach.incident and getattr(b, field) is None for b in plan.breaches)
    told = (
        b.model_copy(update=update) if mine else b
        for b, mine in zip(plan.breaches, same, strict=True)
    )
    key = f"refused/{breach.incident}/{breach.approval.asked_at.isoformat() if breach.approval else ''}"
    notice = Notice("ShiftRefused", f"nothing is shifted: {held}", key)
    return replace(plan, breaches=tuple(told)).tell(notice)


def _answers(s: Situation, breach: ServingBreach) -> list[ApprovalAnswer]:
    """What people have said to what they are asked about a breach."""
    asked, incident = breach.approval, s.incidents.get(breach.incident or "")
    action = _action(incident, asked) if asked else None
    said = incident.spec.approvals if incident and action else ()
    return [a for a in said if action and a.action_id == action.id]


def _action(incident: Incident | None, asked: ApprovalRequest) -> ActionRecord | None:
    """The action of an incident that tells a request; people name it in their answers."""
    actions = incident.status.actions if incident and incident.status else ()
    about = (a for a in actions if a.approval and a.feed is None)
    return next((a for a in about if a.approval and a.approval.asked_at == asked.asked_at), None)


def _is_too_late(plan: Plan, breach: ServingBreach) -> bool:
    """Whether the safe path gets the requests already: who says no from here on gives them back."""
    begun = plan.safe_path is not None and plan.safe_path.step in _BEGUN
    return begun and breach.approval is not None and breach.approval.is_safe_path


def _is_one_of_many(plan: Plan, breach: ServingBreach, asked: ApprovalRequest) -> bool:
    """Whether time has decided about the safe path, and many models have turned bad since: then people do."""
    timed = asked.is_safe_path and asked.on_timeout is OnTimeout.ACT
    return timed and breach.common_cause is not None and plan.safe_path is None


def _rule(s: Situation, breach: ServingBreach) -> Approval | None:
    views = s.serving.triggers if s.serving else ()
    view = next((t for t in views if t.which == which(breach)), None)
    safe = breach.approval is not None and breach.approval.is_safe_path
    return rule_for(breach, view, safe_path=safe) if view else None


def _with(plan: Plan, breach: ServingBreach, changed: ServingBreach) -> Plan:
    return replace(plan, breaches=tuple(changed if b is breach else b for b in plan.breaches))
