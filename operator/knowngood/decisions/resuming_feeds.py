"""What the command resume-feed does: a feed that Knowngood has suspended is as it was before."""

from dataclasses import replace

from knowngood.api.v1alpha1.feed_status import FeedState
from knowngood.decisions.calling import order
from knowngood.decisions.commands import Command
from knowngood.decisions.feeds import field, owner, words
from knowngood.decisions.people import COMMAND_BY_ANNOTATION, recorded
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation


def resume_feed(s: Situation, plan: Plan, command: Command) -> Plan | str:
    """Have a feed resumed; say in words why not. The command names the feed where others name a version."""
    held = next((h for h in plan.feeds if h.name == command.version), None)
    if held is None or held.state not in {FeedState.SUSPENDING, FeedState.SUSPENDED}:
        return _nothing(s, plan, command.version)
    by = recorded(
        s.model.metadata.annotations.get(COMMAND_BY_ANNOTATION, ""), proved=s.people_proved
    )
    update = {"state": FeedState.RESUMING, "by": by, "resuming_at": s.now, "message": None}
    changed = (h.model_copy(update=update) if h is held else h for h in plan.feeds)
    return replace(plan, feeds=tuple(changed)).wake(s.now)


def what_it_does(s: Situation, before: Plan, name: str) -> str:
    """Say what a command that is carried out does."""
    held = next((h for h in before.feeds if h.name == name), None)
    if held is None or held.path is None:
        return ""
    was = "away again" if held.before is None else f"{held.before} again"
    state = f"`{order(s.model, 'feed list')}` says when that was seen"
    return f"{words(held)} is being resumed: {field(held.path)} is to be {was}; {state}"


def _nothing(s: Situation, plan: Plan, name: str) -> str:
    held = next((h for h in plan.feeds if h.name == name), None)
    if held is not None and held.state is FeedState.RESUMING:
        return f"{words(held)} is being resumed already"
    if held is not None and held.state is FeedState.WAITING:
        call = f"knowngood incident veto {held.incident} -n {s.model.metadata.namespace}"
        return f"{words(held)} is not suspended: people decide whether it is ({call})"
    view = s.feeds.get(name)
    runs = view is None or view.value != view.wanted
    if held is not None and runs and held.state in {FeedState.RESUMED, FeedState.RESUMED_BY_HAND}:
        return f"{words(held)} is resumed already"
    named = {f.target.name for f in s.model.spec.feeds if f.target is not None}
    known = sorted(named.union(h.name for h in plan.feeds))
    if name not in known:
        return (
            f"this model has no feed {name} (spec.feeds); there are: {', '.join(known) or 'none'}"
        )
    by = f"; it was suspended by {owner(view.by)}" if view is not None and view.by else ""
    return f"feed {name} was not suspended by Knowngood for this model, so there is nothing to resume{by}"
