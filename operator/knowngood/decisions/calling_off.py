"""A containment that waits for pods: asked again before the requests go, and called off when its reason is gone."""

from typing import Final

from knowngood.api.v1alpha1 import Phase, RolloutStatus, ServingBreach, VerdictKind
from knowngood.decisions.breaches import nobody_acts, which
from knowngood.decisions.known_good import why_not_now
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.taking_back import awaited, stay
from knowngood.decisions.trigger_views import ActionKind, TriggerView

NOT_NOW: Final = "by what is seen now, the requests must not go there"


def awaited_or_called_off(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan | None:
    """Wait for what a version needs that gets all requests, or give up; None once they may go there."""
    if plan.phase is not Phase.CONTAINING:
        return awaited(s, plan, rollout)
    over = _over(s, plan, rollout)
    if over:
        return stay(s, plan, over)
    lacks = NOT_NOW if _not_yet(s, plan, rollout) else ""
    # Who has not looked yet has waited for nothing: the process that began it may have been gone for long.
    return awaited(s, plan, rollout, lacks=lacks, ends=s.serving is not None)


def _over(s: Situation, plan: Plan, rollout: RolloutStatus) -> str:
    """Say why nothing is to be shifted any more; empty while it is."""
    breach, trigger = _reason(s, plan, rollout)
    if rollout.failure is None or rollout.failure.incident is None:
        return "a person has closed the incident"
    if breach is None or (trigger is None and _is_gone(s, plan)):
        return "the trigger is not there any more, or acts no more"
    if breach.refused_by or breach.common_cause:
        return breach.common_cause or breach.held or f"{breach.refused_by} said no"
    if trigger is None:
        return ""  # it can not be seen now
    if trigger.verdict.kind is VerdictKind.HEALTHY:
        return "what was found is over"
    held = trigger.serving_action not in {ActionKind.SHIFT, ActionKind.SAFE_PATH}
    return "the policy says hold for it by now" if held else ""


def _is_gone(s: Situation, plan: Plan) -> bool:
    """Whether a trigger that is not among those that act is gone, and not only out of sight."""
    return nobody_acts(s) or (s.serving is not None and s.serving.version == plan.stable)


def _not_yet(s: Situation, plan: Plan, rollout: RolloutStatus) -> str:
    """Say what keeps the requests where they are although all pods are there; empty where nothing does."""
    _, trigger = _reason(s, plan, rollout)
    if trigger is None or s.serving is None or trigger.verdict.kind is not VerdictKind.BREACHED:
        return "the version that serves can not be seen now"
    return why_not_now(s, plan, trigger, s.serving)


def _reason(
    s: Situation, plan: Plan, rollout: RolloutStatus
) -> tuple[ServingBreach | None, TriggerView | None]:
    """The breach that the shift is for, and what its trigger says now."""
    failure = rollout.failure
    if failure is None:
        return None, None
    wanted = str(failure.policy_kind or ""), failure.policy or "", failure.trigger or ""
    breach = next((b for b in plan.breaches if which(b) == wanted), None)
    seen = s.serving if s.serving and s.serving.version == plan.stable else None
    views = seen.triggers if seen else ()
    return breach, next((t for t in views if t.which == wanted and t.acts), None)
