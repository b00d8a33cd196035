"""Feeds that are suspended, or are about to be: what was seen of each, and how that ends."""

from datetime import timedelta
from typing import Final

from knowngood.api.v1alpha1.feed_status import FeedState, HeldFeed
from knowngood.decisions.ending_feeds import changed, ended
from knowngood.decisions.feeds import FeedView, field, is_ours, owner, words
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.safety import MESSAGE_LENGTH
from knowngood.decisions.situation import Situation

SOON: Final = timedelta(seconds=1)
"""How often it is looked whether a write is seen."""

LATER: Final = timedelta(seconds=10)
"""How often it is looked whether somebody else has resumed a feed."""

RUNS: Final = 8
"""Runs that are named."""


def suspending(s: Situation, plan: Plan, held: HeldFeed, view: FeedView) -> Plan:
    """See whether it is suspended, or why not."""
    if _is_another(held, view):
        return ended(s, plan, held, FeedState.FAILED, f"{words(held)} is not there any more")
    if view.value == held.value:
        if not is_ours(s.model, view.by):
            by = owner(view.by) if view.by else "somebody else"
            text = f"{words(held)} was suspended meanwhile by {by}; it is left to them"
            return ended(s, plan, held, FeedState.SKIPPED, text)
        update = {
            "state": FeedState.SUSPENDED,
            "verified_at": s.now,
            "running": tuple(name[:253] for name in view.running[:RUNS]),
        }
        text = f"{words(held)} is suspended, and stays so until a person resumes it"
        key = f"feed/{held.incident}/{held.name}/suspended"
        plan = plan.tell(Notice("FeedSuspended", text, key, warning=True))
        return changed(plan, held, update).wake(s.now + LATER)
    refused = view.refused or view.problem
    if not refused and view.value != held.before:
        refused = f"{field(held.path or '')} was changed meanwhile; it is {view.value} now"
    if refused:
        return ended(s, plan, held, FeedState.FAILED, f"{words(held)}: {refused}")
    return plan.wake(s.now + SOON)


def suspended(s: Situation, plan: Plan, held: HeldFeed, view: FeedView) -> Plan:
    """See whether it stays so. What a person has done by hand is not fought."""
    if _is_another(held, view):
        text = f"{words(held)} was deleted while it was suspended"
        return ended(s, plan, held, FeedState.GONE, text)
    if not view.problem and view.value != held.value:
        return _by_hand(s, plan, held, view)
    return plan.wake(s.now + LATER)


def resuming(s: Situation, plan: Plan, held: HeldFeed, view: FeedView) -> Plan:
    """See whether it is resumed, or why not."""
    if _is_another(held, view):
        text = f"{words(held)} was deleted while it was suspended"
        return ended(s, plan, held, FeedState.GONE, text)
    if not view.problem and view.value not in {held.value, held.before}:
        return _by_hand(s, plan, held, view)
    if not view.problem and view.value != held.value:
        was = "absent" if held.before is None else held.before
        text = f"{words(held)} is resumed ({field(held.path or '')} is {was} again), as {held.by} asked"
        return ended(s, plan, held, FeedState.RESUMED, text)
    refused = view.refused or view.problem
    if refused:
        text = f"{words(held)} could not be resumed: {refused}"
        key = f"feed/{held.incident}/{held.name}/not-resumed/{s.now.isoformat()}"
        plan = plan.tell(Notice("FeedNotResumed", text[:MESSAGE_LENGTH], key, warning=True))
        return changed(plan, held, {"state": FeedState.SUSPENDED, "message": text[:MESSAGE_LENGTH]})
    return plan.wake(s.now + SOON)


def _by_hand(s: Situation, plan: Plan, held: HeldFeed, view: FeedView) -> Plan:
    text = f"{words(held)} was resumed by hand; it is not suspended again"
    if view.value != held.before:
        now = "not there any more" if view.value is None else f"{view.value[:253]} now"
        text = (
            f"{words(held)} was changed by hand ({field(held.path or '')} is {now}); it is left so"
        )
    return ended(s, plan, held, FeedState.RESUMED_BY_HAND, text)


def _is_another(held: HeldFeed, view: FeedView) -> bool:
    return view.gone or (view.uid not in {"", held.uid})
