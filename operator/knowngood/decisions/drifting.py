"""A route that somebody else changes: it is put back, but not for ever.

Two controllers that write the same field in turn do more harm than either of them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import Phase, Reason, Standing, TrafficStatus
from knowngood.decisions.asked import is_asked_already
from knowngood.decisions.phases import GOING_BACK
from knowngood.decisions.plan import Blocked, Notice, Plan
from knowngood.decisions.situation import RouteView, Situation

CORRECTIONS: Final = 3
"""How often the same weights are put back within `WITHIN`; then people have to look."""

WITHIN: Final = timedelta(minutes=10)

_BAD: Final = frozenset({Standing.REJECTED, Standing.SUSPECT})


def notice_drift(s: Situation, plan: Plan) -> Plan:
    """Note when a route that was seen to be written as asked is so no more."""
    traffic = s.model.status.traffic if s.model.status else None
    if s.route is None or traffic is None or not is_drifted(s):
        return plan
    drifts = (*plan.drifts, s.now)[-CORRECTIONS:]
    found = words(s.route.weights, s.route.copies, s.route.tested)
    asked = words(*_asked(traffic), _tested(traffic))
    text = (
        f"the route was changed by somebody else: it gives {found}; asked for was {asked}. It is put back; weights "
        "that are set while rollouts are frozen are kept for an hour"
    )
    told = plan.tell(Notice("RouteDrifted", text, f"drift/{s.now.isoformat()}", warning=True))
    return replace(told, drifts=drifts)


def is_drifted(s: Situation) -> bool:
    """Say whether a route that was seen to be written as asked, or that a person holds, is another one now."""
    traffic = s.model.status.traffic if s.model.status else None
    if s.route is None or traffic is None or not (traffic.written or traffic.override):
        return False
    gone = s.route.problem is not None and s.route.problem.reason == Reason.ROUTE_NOT_FOUND
    return not gone and not _is_as_asked(s.route, traffic)


def is_contested(s: Situation, phase: Phase | None, traffic: TrafficStatus | None) -> bool:
    """Say whether the present weights were put back so often that they are not put back now.

    A route that is right is not contested. One that leads to a version that must not answer is never left alone, nor is
    any while a version is taken back.

    Args:
        s: What was seen.
        phase: As it is now.
        traffic: What is asked for now.
    """
    if traffic is None or s.route is None or phase in GOING_BACK:
        return False
    if len(_recent(traffic.drifts, s.now)) < CORRECTIONS:
        return False
    return not _is_as_asked(s.route, traffic) and not harms(s)


def _asked(traffic: TrafficStatus) -> tuple[dict[str, int], dict[str, int]]:
    weights = {b.version: b.weight for b in traffic.backends}
    return weights, {b.version: b.mirror_percent for b in traffic.backends if b.mirror_percent}


def _tested(traffic: TrafficStatus) -> frozenset[str]:
    return frozenset(b.version for b in traffic.backends if b.tested)


def _is_as_asked(route: RouteView, traffic: TrafficStatus) -> bool:
    weights, copies = _asked(traffic)
    same = route.splits(weights) and copies == dict(route.copies)
    return same and _tested(traffic) == route.tested


def harms(s: Situation) -> bool:
    """Say whether the route leads to a version that must not answer, or to nobody where somebody could.

    The version that serves may be in trouble itself. A route that is put back gives it more, and never less.
    """
    reached = (*s.route.weights.items(), *s.route.copies.items()) if s.route else ()
    answering = {version for version, share in reached if share > 0}
    answering |= s.route.tested if s.route else frozenset()
    status, own = s.model.status, s.model.spec.route_ref is None
    stable = status.versions.stable if status and status.versions else ""
    if any(s.standing_of(v) in _BAD for v in answering - {stable}):
        return True
    nobody = own and not answering
    return s.ready_of(stable) > 0 and (nobody or any(s.ready_of(v) == 0 for v in answering))


def _recent(drifts: Sequence[datetime], now: datetime) -> list[datetime]:
    return [at for at in drifts if timedelta(0) <= now - at < WITHIN]


def contested(s: Situation, plan: Plan) -> Plan:
    """Say that the route is left alone for a while; other weights are written again."""
    traffic = s.model.status.traffic if s.model.status else None
    same = traffic is not None and is_asked_already(traffic, plan)
    now = traffic.model_copy(update={"drifts": plan.drifts}) if traffic else None
    if not same or not is_contested(s, plan.phase, now):
        return plan
    recent = _recent(plan.drifts, s.now)
    text = (
        f"somebody else has changed the weights of the route {CORRECTIONS} times in {WITHIN.seconds // 60} minutes: it "
        "is left alone for now; find out who writes it (metadata.managedFields), for example a GitOps tool"
    )
    blocked = plan.blocked or Blocked("RouteContested", text)
    notice = Notice("RouteContested", text, f"contested/{recent[0].isoformat()}", warning=True)
    return replace(plan, blocked=blocked).tell(notice).wake(recent[0] + WITHIN)


def words(
    weights: Mapping[str, int],
    copies: Mapping[str, int] | None = None,
    tested: Collection[str] = (),
) -> str:
    """Write shares as people read them."""
    total = sum(weights.values()) or 1
    shares = sorted((v, weight * 100 // total) for v, weight in weights.items() if weight > 0)
    parts = [f"{share} % to {version}" for version, share in shares]
    parts += [
        f"copies of {percent} % to {version}" for version, percent in sorted((copies or {}).items())
    ]
    parts += [f"trial requests to {version}" for version in sorted(tested)]
    return ", ".join(parts) or "nothing to any version"
