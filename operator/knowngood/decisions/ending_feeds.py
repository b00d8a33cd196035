"""How what is noted of a feed is changed, and how it ends."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1.feed_status import FeedState, HeldFeed
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.safety import MESSAGE_LENGTH
from knowngood.decisions.situation import Situation

_REASONS: Final[Mapping[FeedState, str]] = {
    FeedState.RESUMED: "FeedResumed",
    FeedState.RESUMED_BY_HAND: "FeedResumed",
    FeedState.GONE: "FeedResumed",
}


def ended(s: Situation, plan: Plan, held: HeldFeed, state: FeedState, why: str) -> Plan:
    """Note that a feed is done with, and tell it."""
    text = why[:MESSAGE_LENGTH]
    reason = _REASONS.get(state, "FeedNotSuspended")
    key = f"feed/{held.incident}/{held.name}/{state}/{held.noticed_at.isoformat()}"
    plan = plan.tell(Notice(reason, text, key, warning=state is not FeedState.RESUMED))
    return changed(plan, held, {"state": state, "ended_at": s.now, "message": text})


def changed(plan: Plan, held: HeldFeed, update: Mapping[str, object]) -> Plan:
    """Change what is noted of a feed."""
    feeds = (h.model_copy(update=update) if h.name == held.name else h for h in plan.feeds)
    return replace(plan, feeds=tuple(feeds))


def without(plan: Plan, held: HeldFeed) -> Plan:
    """Forget a feed."""
    return replace(plan, feeds=tuple(h for h in plan.feeds if h.name != held.name))
