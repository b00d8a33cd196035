"""The version that stands by: the newest known good one beside the stable one, and never more than one."""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import Observed, Reason, Standby, Standing
from knowngood.decisions.contents import change_of
from knowngood.decisions.golden import latest_fault
from knowngood.decisions.phases import COPIED
from knowngood.decisions.plan import Plan
from knowngood.decisions.references import LOOK_AGAIN, STANDBY_LOOK
from knowngood.decisions.situation import Situation, SpecProblem

_STANDING_BY: Final = frozenset({Standing.KNOWN_GOOD, Standing.SUSPECT})
"""A suspect version stands by no less, but nobody is sent to it: its pods are there for people to look at."""


def standby_of(s: Situation) -> Standby:
    """How a known good version stands by."""
    shadow = s.model.spec.shadow
    return shadow.standby if shadow else Standby.NONE


def standby_pods(s: Situation) -> int:
    """Pods of the version that stands by."""
    shadow = s.model.spec.shadow
    return shadow.replicas if shadow and shadow.standby is Standby.WARM else 0


def copies_asked(s: Situation, plan: Plan) -> int:
    """Percent of the requests that the version which stands by should get copies of; 0 where it should get none."""
    spec, shadow = s.model.spec, s.model.spec.shadow
    if shadow is None or shadow.standby is not Standby.WARM or not spec.may_mirror:
        return 0
    if plan.phase not in COPIED or plan.shadow in {"", plan.stable, plan.canary}:
        return 0
    return shadow.mirror_percent if s.standing_of(plan.shadow) is Standing.KNOWN_GOOD else 0


def keep_standby(s: Situation, plan: Plan) -> Plan:
    """Let go of a version that stands by no more: it is tried again, it is not good, or nobody wants a standby."""
    if not plan.shadow:
        return plan
    if plan.shadow in {plan.stable, plan.canary}:
        return replace(plan, shadow="")
    if s.standing_of(plan.shadow) not in _STANDING_BY:
        return replace(plan, shadow="")
    if standby_of(s) is Standby.NONE:
        return replace(plan, shadow="").stand(plan.shadow, Standing.RETIRED, "NoStandby")
    soon = bool(missing_of(s, plan.shadow)) or bool(plan.breaches)
    return plan.wake(s.now + (LOOK_AGAIN if soon else STANDBY_LOOK))


def replaced(s: Situation, plan: Plan, old: str) -> Plan:
    """Let the version that answered before stand by where it is known good, and retire it where it is not."""
    good = s.standing_of(old) is Standing.KNOWN_GOOD and not change_of(s, old)
    if not good or standby_of(s) is Standby.NONE:
        return plan.stand(old, Standing.RETIRED, "Replaced")
    older = plan.shadow
    plan = replace(plan, shadow=old)
    return plan.stand(older, Standing.RETIRED, "Replaced") if older not in {"", old} else plan


def stand_by_again(s: Situation, plan: Plan, version: str) -> Plan:
    """Let a known good version stand by again that was on its way back and is not wanted any more."""
    good = s.standing_of(version) is Standing.KNOWN_GOOD and not change_of(s, version)
    if not good or plan.shadow or standby_of(s) is Standby.NONE:
        return plan
    return replace(plan, shadow=version)


def standby_trouble(s: Situation, version: str) -> SpecProblem | None:
    """Say why nobody could be sent to the version that stands by; None when they could."""
    change = change_of(s, version)
    if change:
        return SpecProblem(Reason.CONTENT_CHANGED, change)
    missing = missing_of(s, version)
    if missing:
        text = (
            f"version {version} stands by, but could not start: {', '.join(missing)} is not there"
        )
        return SpecProblem(Reason.REFERENCED_OBJECT_MISSING, text)
    standing = s.standing_of(version)
    if standing is not Standing.KNOWN_GOOD:
        text = f"version {version} is {(standing or Standing.CANDIDATE).lower()}"
        return SpecProblem(Reason.FALLBACK_NOT_READY, text)
    if standby_of(s) is Standby.WARM and s.ready_of(version) == 0:
        text = f"version {version} stands by, but has no ready endpoint"
        return SpecProblem(Reason.FALLBACK_NOT_READY, text)
    fault, silent = latest_fault(s.tried, version, s.now)
    reason = Reason.FALLBACK_NOT_READY if silent else Reason.GOLDEN_REQUEST_WRONG
    return SpecProblem(reason, fault) if fault else None


def held_back(s: Situation, version: str) -> tuple[bool, Reason, str]:
    """Say whether the version that keeps a share during a probation is one to go back to: so, why, and in words."""
    if s.standing_of(version) is not Standing.KNOWN_GOOD:
        text = f"version {version} keeps a share of the requests, and was not known good"
        return False, Reason.FALLBACK_NOT_READY, text
    if s.ready_of(version) == 0:
        text = f"version {version} is known good, and has no ready endpoint"
        return False, Reason.FALLBACK_NOT_READY, text
    text = f"version {version} is known good and keeps a share of the requests"
    return True, Reason.STANDS_BY, text


def missing_of(s: Situation, version: str) -> tuple[str, ...]:
    """What a version's pods need and is not there, as it was last looked."""
    if version in s.missing:
        return s.missing[version]
    record = s.versions.get(version)
    seen = record.status.observed if record and record.status else None
    return (seen or Observed()).missing_refs
