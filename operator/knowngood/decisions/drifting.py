"""A route that somebody else changes: it is put back, but not for ever.

Two controllers that write the same field in turn do more harm than either of them.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import TrafficStatus
from knowngood.decisions.plan import Blocked, Notice, Plan
from knowngood.decisions.situation import Situation

CORRECTIONS: Final = 3
"""How often the same weights are put back within `WITHIN`; then people have to look."""

WITHIN: Final = timedelta(minutes=10)


def notice_drift(s: Situation, plan: Plan) -> Plan:
    """Note when a route that was seen to be as asked is so no more."""
    traffic = s.model.status.traffic if s.model.status else None
    if s.route is None or s.route.problem is not None:
        return plan
    if traffic is None or traffic.verified_at is None:
        return plan
    asked = _shares({b.version: b.weight for b in traffic.backends})
    found = _shares(s.route.weights)
    if asked == found:
        return plan
    drifts = (*plan.drifts, s.now)[-CORRECTIONS:]
    text = f"the route was changed by somebody else: it gives {_words(found)}; asked for was {_words(asked)}"
    told = plan.tell(Notice("RouteDrifted", text, f"drift/{s.now.isoformat()}", warning=True))
    return replace(told, drifts=drifts)


def is_contested(traffic: TrafficStatus | None, now: datetime) -> bool:
    """Say whether the present weights were put back so often that they are not put back now."""
    recent = [at for at in traffic.drifts if now - at < WITHIN] if traffic else []
    return len(recent) >= CORRECTIONS


def contested(s: Situation, plan: Plan) -> Plan:
    """Say that the route is left alone for a while; other weights are written again."""
    traffic = s.model.status.traffic if s.model.status else None
    same = traffic is not None and {b.version: b.weight for b in traffic.backends} == plan.weights
    recent = [at for at in plan.drifts if s.now - at < WITHIN]
    if not same or len(recent) < CORRECTIONS:
        return plan
    text = (
        f"somebody else has changed the weights of the route {CORRECTIONS} times in {WITHIN.seconds // 60} minutes: it "
        "is left alone for now; find out who writes it (metadata.managedFields), for example a GitOps tool"
    )
    blocked = plan.blocked or Blocked("RouteContested", text)
    notice = Notice("RouteContested", text, f"contested/{recent[0].isoformat()}", warning=True)
    return replace(plan, blocked=blocked).tell(notice).wake(recent[0] + WITHIN)


def _shares(weights: Mapping[str, int]) -> dict[str, int]:
    return {version: weight for version, weight in weights.items() if weight > 0}


def _words(weights: Mapping[str, int]) -> str:
    parts = [f"{weight} % to {version}" for version, weight in sorted(weights.items())]
    return ", ".join(parts) or "nothing to any version"
