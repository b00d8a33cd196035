"""Copies of requests for the version that stands by: it answers what the stable one answers, and nobody gets it.

Only at rest, while the stable version answers everybody and nobody else is in the route: a rollout, a way back and a
version that is held back come first. A rule has one mirror at most.
"""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment, Reason
from knowngood.decisions.phases import COPIED, RESTING
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.sending import can_not, goes_elsewhere, unable
from knowngood.decisions.situation import RouteView, Situation
from knowngood.decisions.standby import copies_asked, standby_trouble
from knowngood.decisions.workloads import pods_for

FIELD: Final = "spec.shadow.mirrorPercent"
_OUT: Final = "set it to 0"


def copy_to_standby(s: Situation, before: Plan, plan: Plan) -> Plan:
    """Follow what the spec asks for: end copies at once where there should be none, begin them when all is there.

    Args:
        s: What was seen. While it is frozen no copies begin, and those that are sent go on.
        before: What was planned before this decision.
        plan: The plan so far.
    """
    share, why = _share(s, plan)
    now = plan.mirror if plan.phase in COPIED and plan.shadow == before.shadow else 0
    if share <= now:
        ended = _set(before, plan, share)
        if not now or share or not why:
            return ended
        text = f"version {before.shadow} stands by and gets no copies any more: {why}"
        key = f"standby-mirror-ended/{s.now.isoformat()}"
        return ended.tell(Notice("MirrorEnded", text, key, warning=True))
    return _begun(s, _set(before, plan, now), share)


def asks_for_copies(model: AIModelDeployment, route: RouteView) -> bool:
    """Say whether a standby is to get copies and does not yet: only then must be known lately what a gateway does."""
    status, shadow = model.status, model.spec.shadow
    if status is None or status.versions is None or status.phase not in RESTING or route.copies:
        return False
    asked = shadow.mirror_percent if shadow and model.spec.may_mirror else 0
    return asked > 0 and status.versions.shadow != ""


def _begun(s: Situation, plan: Plan, share: int) -> Plan:
    """Send copies, or more of them, as soon as all that they need is there; else the plan with what is sent now."""
    if s.frozen:
        return plan
    refused = unable(s, share, FIELD, _OUT)
    if refused is not None:
        key = f"standby-mirror/{refused.reason}/{plan.shadow}/{s.model.metadata.generation}"
        return plan.tell(Notice(refused.reason, refused.message, key, warning=True))
    if s.gateway is None or s.ready_of(plan.shadow) < pods_for(s, share):
        return plan
    # It is named first: a gateway loses what it sends to a Service that it does not know yet.
    named = replace(plan, weights={**plan.shares, plan.shadow: 0})
    known = s.route is not None and plan.shadow in s.route.weights
    if not known or not s.does(named.shares, named.copies, named.tested):
        return named
    text = f"version {plan.shadow} stands by and gets copies of {share} % of the requests"
    notice = Notice("MirrorSet", text, f"standby-mirror/{s.now.isoformat()}")
    return replace(named, mirror=share, why="Mirror").tell(notice)


def _share(s: Situation, plan: Plan) -> tuple[int, str]:
    """Which share may be copied at most, and why none where one is asked for."""
    asked = copies_asked(s, plan)
    alone = plan.shares.keys() - {plan.shadow} == {plan.stable} and not plan.draining
    alone = alone and plan.holdback is None
    if asked == 0 or s.route is None or not alone:
        return 0, ""
    trouble = standby_trouble(s, plan.shadow)
    # Who answers golden requests wrong goes on being asked: that says whether it is the version, or what reaches all.
    if trouble is not None and trouble.reason is not Reason.GOLDEN_REQUEST_WRONG:
        return 0, trouble.message
    if s.ready_of(plan.shadow) == 0:
        return 0, f"version {plan.shadow} has no ready endpoint"
    if goes_elsewhere(s):
        return 0, "its route goes to another gateway"
    if plan.mirror and can_not(s, min(asked, plan.mirror)):
        return 0, "the gateway does not send them"
    return asked, ""


def _set(before: Plan, plan: Plan, share: int) -> Plan:
    """Send copies of this share, at most what is sent now; who gets none any more has no place in the route."""
    rollout = plan.rollout
    used = {plan.stable, plan.canary, *(d.version for d in plan.draining)}
    used |= {rollout.version, rollout.returning or ""} if rollout else set()
    used |= {plan.holdback.version} if plan.holdback else set()
    idle = {before.shadow, plan.shadow} - used
    if share:
        idle.discard(plan.shadow)
    shares = {v: w for v, w in plan.shares.items() if w > 0 or v not in idle}
    weights = None if plan.weights is None else shares
    why = plan.why if share == plan.mirror else "Mirror"
    return replace(plan, mirror=share, weights=weights, why=why)
