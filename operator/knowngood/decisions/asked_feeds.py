"""People decide whether a feed is suspended: what they have said, or what time has."""

from dataclasses import dataclass

from knowngood.api.v1alpha1 import ActionRecord, Incident, ServingBreach
from knowngood.api.v1alpha1.approvals import (
    MOST_ANSWERS,
    Approval,
    ApprovalAnswer,
    ApprovalDecision,
    ApprovalMode,
    ApprovalRequest,
    OnTimeout,
)
from knowngood.api.v1alpha1.feed_status import HeldFeed
from knowngood.decisions.approving import decided, stricter
from knowngood.decisions.breaches import Which, which
from knowngood.decisions.feeds import REQUIRED, target_of, words
from knowngood.decisions.people import remark
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import TriggerView


@dataclass(frozen=True, slots=True)
class Heard:
    """How far a question is.

    Attributes:
        asked: The question, as it stands now.
        no: Who has objected; None while nobody has.
        no_words: The same in words.
        by_people: It was people who have granted it, not time.
    """

    asked: ApprovalRequest
    no: str | None = None
    no_words: str = ""
    by_people: bool = False


def rule_for(trigger: TriggerView, breach: ServingBreach) -> Approval:
    """Who decides. What many models have in common is decided by people, whatever the policy says."""
    rule = trigger.suspends.approval if trigger.suspends is not None else REQUIRED
    if breach.common_cause is None or rule.mode is ApprovalMode.REQUIRE:
        return rule if breach.common_cause is None else _never_by_time(rule)
    return REQUIRED


def _never_by_time(rule: Approval) -> Approval:
    return rule.model_copy(update={"on_timeout": OnTimeout.HOLD})


def attended(s: Situation, plan: Plan, held: HeldFeed) -> Heard:
    """Hear what people have said to a question about a feed."""
    asked, incident = held.approval, s.incidents.get(held.incident)
    if asked is None:
        raise ValueError(f"nobody was asked about {held.name}")
    action = action_about(incident, held) if incident else None
    if incident is None or action is None:
        return Heard(asked)  # nobody can have read it: its time is not over before it is told
    answers = [a for a in incident.spec.approvals if a.action_id == action.id]
    no = next((a for a in answers if a.decision is ApprovalDecision.REJECT), None)
    behind = remark(proved=s.people_proved)
    if no is not None:
        return Heard(asked, no.by, f"{no.by}{behind} said no")
    yes = len({a.by for a in answers if a.decision is ApprovalDecision.APPROVE})
    if asked.granted_at is not None:
        if yes >= asked.people or not _is_one_of_many(plan, held):
            return Heard(asked, by_people=yes >= asked.people)
        # Time has decided, and a limit held it back; many models have turned bad since, so people do.
        taken_back = {"granted_at": None, "granted_by": None, "on_timeout": OnTimeout.HOLD}
        asked = asked.model_copy(update=taken_back)
    asked = stricter(asked, rule_now(s, plan, held))
    if len(incident.spec.approvals) >= MOST_ANSWERS:  # nobody can object any more
        asked = asked.model_copy(update={"on_timeout": OnTimeout.HOLD})
    return _gone_on(s, asked, answers, behind)


def _gone_on(
    s: Situation, asked: ApprovalRequest, answers: list[ApprovalAnswer], behind: str
) -> Heard:
    by = decided(asked, answers, s.now, behind)
    yes = len({a.by for a in answers if a.decision is ApprovalDecision.APPROVE})
    if by:
        granted = asked.model_copy(update={"granted_at": s.now, "granted_by": by})
        return Heard(granted, by_people=yes >= asked.people)
    if s.now >= asked.until and asked.overdue_at is None:
        asked = asked.model_copy(update={"overdue_at": s.now})
    return Heard(asked)


def is_wanted(s: Situation, held: HeldFeed) -> bool:
    """Say whether the model still names it, and its policy still wants it suspended, as far as that is seen."""
    named = any(feed.target == target_of(held) for feed in s.model.spec.feeds)
    trigger = _trigger(s, held)
    if trigger is None or not named:
        return named
    return trigger.suspends is not None and trigger.suspends.is_for(held.name)


def rule_now(s: Situation, plan: Plan, held: HeldFeed) -> Approval | None:
    """What the policy says now about who decides; None where it can not be seen."""
    trigger, breach = _trigger(s, held), _breach(plan, held)
    return rule_for(trigger, breach) if trigger is not None and breach is not None else None


def _which(held: HeldFeed) -> Which:
    return str(held.policy_kind), held.policy, held.trigger


def _trigger(s: Situation, held: HeldFeed) -> TriggerView | None:
    views = s.serving.triggers if s.serving else ()
    return next((t for t in views if t.which == _which(held)), None)


def _breach(plan: Plan, held: HeldFeed) -> ServingBreach | None:
    return next((b for b in plan.breaches if which(b) == _which(held)), None)


def _is_one_of_many(plan: Plan, held: HeldFeed) -> bool:
    breach = _breach(plan, held)
    return breach is not None and breach.common_cause is not None


def action_about(incident: Incident, held: HeldFeed) -> ActionRecord | None:
    """The action of an incident that tells a question about a feed; people name it in their answers."""
    actions = incident.status.actions if incident.status else ()
    if held.approval is None:
        return None
    at, feed = held.approval.asked_at, words(held)
    same = (a for a in actions if a.feed == feed and a.approval and a.approval.asked_at == at)
    return next(same, None)
