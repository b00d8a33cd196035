"""The condition KnownGoodAvailable: whether there is a version to go back to."""

from knowngood.api.v1alpha1 import ConditionType, Reason
from knowngood.decisions.contents import change_of
from knowngood.decisions.phases import GOING_BACK, ROLLING
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.standby import held_back, standby_of, standby_trouble
from knowngood.decisions.unlooked import Said, standby_before


def known_good(s: Situation, plan: Plan) -> Said:
    """Say whether there is, and why not."""
    if (plan.resume or plan.phase) in ROLLING | GOING_BACK and plan.stable:
        return _stable_good(s, plan)
    if plan.shadow:
        return ConditionType.KNOWN_GOOD_AVAILABLE, *_standby_good(s, plan)
    change = change_of(s, plan.stable)
    if change:
        return ConditionType.KNOWN_GOOD_AVAILABLE, False, Reason.CONTENT_CHANGED, change
    if plan.holdback is not None:
        return ConditionType.KNOWN_GOOD_AVAILABLE, *held_back(s, plan.holdback.version)
    text = "no other version is in service: there is nothing to go back to"
    return ConditionType.KNOWN_GOOD_AVAILABLE, False, Reason.ONLY_ONE_VERSION, text


def _standby_good(s: Situation, plan: Plan) -> tuple[bool, Reason | str, str]:
    """Whether the requests could go to the version that stands by."""
    trouble = standby_trouble(s, plan.shadow)
    if trouble is not None:
        return False, trouble.reason, trouble.message
    before = standby_before(s, plan)
    if before is not None:
        return before[1:]
    bad = next((t for t in s.serving.standby if t.breached), None) if s.serving else None
    if bad is not None:
        text = f"version {plan.shadow} stands by, and fails trigger {bad.trigger} by its answers to copies"
        return False, Reason.BREACHED, text
    text = f"version {plan.shadow} is known good and stands by ({standby_of(s).lower()})"
    return True, Reason.STANDS_BY, text


def _stable_good(s: Situation, plan: Plan) -> Said:
    """Whether a canary could go back to the stable version."""
    ready = s.ready_of(plan.stable) > 0
    text = f"version {plan.stable} {'is ready' if ready else 'has no ready endpoint'}"
    reason = Reason.STABLE_SERVING if ready else Reason.FALLBACK_NOT_READY
    change = change_of(s, plan.stable)
    if ready and change:
        return ConditionType.KNOWN_GOOD_AVAILABLE, False, Reason.CONTENT_CHANGED, change
    return ConditionType.KNOWN_GOOD_AVAILABLE, ready, reason, text
