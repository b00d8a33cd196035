"""The earlier version keeps a share of the requests while the promoted one is in probation, to be compared with it.

The share is Knowngood's own, so it has to end: with the probation, or with whatever comes before. It never leads to a
version that could not answer, and it is never a way back: what is found in probation moves nothing by itself.
"""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import (
    CanaryReplicas,
    DrainingVersion,
    Holdback,
    Reason,
    RolloutStatus,
    Standing,
)
from knowngood.decisions.adopting import DRAIN
from knowngood.decisions.contents import change_of
from knowngood.decisions.phases import SERVING
from knowngood.decisions.plan import Blocked, Notice, Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.sizing import canary_pods
from knowngood.decisions.standby import replaced
from knowngood.decisions.standings import stands

WITHDRAWALS: Final = 3
"""How often a version without a ready pod may get its share back in one probation."""

_BAD: Final = frozenset({Standing.REJECTED, Standing.SUSPECT})


def asked(s: Situation) -> int:
    """Share of the requests that the spec wants held back, in percent; 0 where none can be."""
    rollout = s.model.spec.rollout
    share = rollout.probation.holdback if rollout else None
    return 0 if share is None or s.route is None or s.sticky else share


def kept_at_promotion(s: Situation, plan: Plan, rollout: RolloutStatus) -> int:
    """Share that the version from before keeps when the canary is promoted, in percent.

    A version that comes back because it is known good is in no probation, so nothing is held back from it.
    """
    share, old = asked(s), plan.stable
    if not share or rollout.returns or old not in s.versions or s.standing_of(old) in _BAD:
        return 0
    return share if _can_answer(s, old, share) and not change_of(s, old) else 0


def hold_back(s: Situation, plan: Plan, rollout: RolloutStatus, old: str) -> Plan:
    """Note who keeps a share, and since when both are compared: evidence goes on, as at any other change of weights.

    Where a person has overruled what was found, it begins anew: it would say the same again.
    """
    began = (None if rollout.overruled else rollout.evidence_since) or s.now
    held = Holdback(
        version=old,
        since=s.now,
        evidence_since=began,
        shares=rollout.shares,
        design_effects=rollout.design_effects,
        planned=rollout.planned,
    )
    return replace(plan, holdback=held)


def end_first(s: Situation, plan: Plan) -> Plan:
    """End the share because another version is to be rolled out: no more than two versions ever answer."""
    if plan.holdback is None:
        return plan
    why = f"version {s.desired} is wanted, and is rolled out when the share has ended"
    rejected = tuple(r for r in plan.rejected if r.version != s.desired)
    return _ending(replace(plan, rejected=rejected), plan.holdback, why)


def comes_back(s: Situation, plan: Plan) -> bool:
    """Say whether the version that is wanted is the one that is held back: then it keeps its share until it has all."""
    held = plan.holdback
    if held is None or held.version != s.desired or s.ready_of(held.version) == 0:
        return False
    return not held.ends or plan.shares.get(held.version, 0) > 0


def keep_holdback(s: Situation, plan: Plan) -> Plan:
    """Give the earlier version its share, take it away while it can not answer, and end it when it is time."""
    held = plan.holdback
    if held is None:
        return plan
    if plan.phase not in SERVING:
        # On its way back: it keeps what it has until it gets everything.
        return _withdrawn(s, plan, held) or plan
    if s.now < held.since + DRAIN:
        plan = plan.wake(held.since + DRAIN)
    why = _over(s, plan, held)
    plan = _ending(plan, held, why) if why and not held.ends else plan
    held = plan.holdback or held
    if plan.override is not None:
        return plan  # a person has set other weights for a while
    if held.ends:
        return _end(s, plan, held)
    return _withdrawn(s, plan, held) or _share(s, plan, held)


def _over(s: Situation, plan: Plan, held: Holdback) -> str:
    """Say why the share ends; empty while it goes on."""
    version, services = held.version, s.model.spec.serving.services
    if stands(s, plan, plan.stable) is Standing.KNOWN_GOOD:
        return f"version {plan.stable} is known good"
    if not asked(s):
        return (
            "clients stay with a version" if s.sticky else "spec.rollout.probation.holdback is gone"
        )
    if version not in s.versions or stands(s, plan, version) in _BAD or change_of(s, version):
        return f"version {version} is suspect, rejected, changed, or not recorded any more"
    if services is not None and version not in {one.version for one in services}:
        return f"spec.serving.services does not list version {version} any more"
    if held.withdrawals >= WITHDRAWALS and s.ready_of(version) == 0:
        return f"version {version} had no ready pod {WITHDRAWALS + 1} times"
    return ""


def _ending(plan: Plan, held: Holdback, why: str) -> Plan:
    text = f"version {held.version} is held back no more: {why}"
    ends = replace(plan, holdback=held.model_copy(update={"ends": True}))
    return ends.tell(Notice("HoldbackEnds", text, _key(plan, held, "ends")))


def _end(s: Situation, plan: Plan, held: Holdback) -> Plan:
    """Take the share to 0; when that was seen, the version leaves as any other that was replaced."""
    version = held.version
    if s.ready_of(plan.stable) == 0 and plan.shares.get(version, 0) > 0:
        text = (
            f"version {version} keeps its share, because version {plan.stable} has no ready pod to answer instead: "
            "bring one up, or take the promotion back (undo, rollback)"
        )
        notice = Notice(Reason.FALLBACK_NOT_READY, text, _key(plan, held, "no-pods"), warning=True)
        return replace(plan, blocked=Blocked(notice.reason, text)).tell(notice)
    rest = {v: w for v, w in plan.shares.items() if v != version}
    shares = {**rest, plan.stable: 100}
    if not s.sticky:
        shares[version] = 0  # clients that stay would stay with it
    plan = replace(plan, weights=shares, why="HoldbackEnds")
    stays = s.sticky and s.route is not None and version in s.route.weights
    if stays or not s.does(shares, {}):
        return plan
    over = replace(
        plan,
        holdback=None,
        draining=(*plan.draining, DrainingVersion(version=version, since=s.now)),
    )
    if version == s.desired or version not in s.versions or stands(s, over, version) in _BAD:
        return over
    return replaced(s, over, version)


def _withdrawn(s: Situation, plan: Plan, held: Holdback) -> Plan | None:
    """Give its share to the promoted version while it has no pod to answer; None where it has one, or gets none."""
    version = held.version
    if plan.shares.get(version, 0) == 0 or s.ready_of(version) > 0:
        return None
    if s.ready_of(plan.stable) == 0:
        return plan  # nobody could answer instead
    count = held.withdrawals + 1
    text = f"version {version} has no ready pod: its share goes to version {plan.stable} until it has one"
    away = replace(
        plan,
        weights={**plan.shares, plan.stable: 100, version: 0},
        why="NoEndpoints",
        holdback=held.model_copy(update={"withdrawals": count}),
    )
    key = _key(plan, held, f"withdrawn/{count}")
    return away.tell(Notice("Withdrawn", text, key, warning=True))


def _share(s: Situation, plan: Plan, held: Holdback) -> Plan:
    """Follow what the spec asks for; a larger share waits for pods, and for a gateway that knows them."""
    share, now = asked(s), plan.shares.get(held.version, 0)
    if share == now or (share < now and s.ready_of(plan.stable) == 0):
        return plan
    if share > now and not (_can_answer(s, held.version, share) and s.does(plan.shares, {})):
        return plan
    shares = {**plan.shares, plan.stable: 100 - share, held.version: share}
    return replace(plan, weights=shares, why="Holdback")


def _can_answer(s: Situation, version: str, share: int) -> bool:
    """Whether enough pods of a version are ready for a share."""
    spec = s.model.spec.rollout
    sizing = spec.canary_replicas if spec else CanaryReplicas.PROPORTIONAL
    ours = s.model.spec.serving.deployment is not None
    return s.ready_of(version) >= max(1, canary_pods(s.replicas, share, sizing) if ours else 1)


def _key(plan: Plan, held: Holdback, what: str) -> str:
    return f"holdback/{plan.stable}/{held.version}/{held.evidence_since.isoformat()}/{what}"
