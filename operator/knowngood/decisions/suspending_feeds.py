"""Whether feeds are suspended when what serves turns bad: who is asked, what follows, and what was seen of it.

It hangs on no shift: both are asked about for themselves, and a freeze keeps neither back. What is to be written,
and what was there before, is in the status before it is done. Nothing but a person's command resumes a feed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import IncidentPhase, ServingBreach
from knowngood.api.v1alpha1.feed_status import FeedState, HeldFeed
from knowngood.api.v1alpha1.feeds import ObjectRef
from knowngood.decisions.approving import asks_people, request
from knowngood.decisions.asked_feeds import attended, is_wanted, rule_for, rule_now
from knowngood.decisions.ending_feeds import changed, ended, without
from knowngood.decisions.feeds import (
    ENDED,
    HELD,
    REQUIRED,
    FeedView,
    field,
    owner,
    words,
)
from knowngood.decisions.holding_feeds import LATER, SOON, resuming, suspended, suspending
from knowngood.decisions.ladder import breached_now
from knowngood.decisions.limiting import counted, limited_until, why_limited
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.safety import MESSAGE_LENGTH
from knowngood.decisions.situation import Situation
from knowngood.decisions.suspendable import LONGEST_VALUE
from knowngood.decisions.trigger_views import TriggerView

_RUNS_AGAIN: Final = frozenset({FeedState.RESUMED, FeedState.RESUMED_BY_HAND})

KEPT: Final = 8
"""Feeds that a status holds: as many as a model may have."""


def with_feeds(s: Situation, plan: Plan) -> Plan:
    """Go on with every feed that is suspended or is to be, and begin with those that a breach asks for."""
    for held in plan.feeds:
        plan = _gone_on(s, plan, held)
    for breach, trigger in breached_now(s, plan):
        for target in _wanted(s, trigger):
            plan = _begun(s, plan, breach, trigger, target)
    return plan


def _wanted(s: Situation, trigger: TriggerView) -> Iterator[ObjectRef]:
    rule = trigger.suspends
    for feed in s.model.spec.feeds if rule is not None else ():
        target = feed.target
        if rule is not None and target is not None and rule.is_for(target.name):
            yield target


def _begun(
    s: Situation, plan: Plan, breach: ServingBreach, trigger: TriggerView, target: ObjectRef
) -> Plan:
    """Begin with a feed that nothing is known of in this incident yet."""
    view = s.feeds.get(target.name)
    known = any(held.name == target.name for held in plan.feeds)
    if known or breach.incident is None or breach.closed:
        return plan
    if len(plan.feeds) >= KEPT:
        return _no_room(plan, breach, target).wake(s.now + LATER)
    if view is None:
        return plan.wake(s.now + SOON)  # it is not read yet
    held = HeldFeed(
        name=target.name,
        api_version=target.api_version,
        kind=target.kind,
        incident=breach.incident,
        policy=breach.policy,
        policy_kind=breach.policy_kind,
        trigger=breach.trigger,
        state=FeedState.WAITING,
        noticed_at=s.now,
    )
    why = _why_not(s, held, view)
    if why:
        plan = replace(plan, feeds=(*plan.feeds, held))
        return ended(s, plan, held, FeedState.SKIPPED, why)
    rule = rule_for(trigger, breach)
    if not asks_people(rule):
        return _by_itself(s, replace(plan, feeds=(*plan.feeds, held)), held, view)
    asked = request(rule, breach.version, s.now)
    held = held.model_copy(update={"approval": asked})
    return _asked(s, replace(plan, feeds=(*plan.feeds, held)), held).wake(asked.until)


def _no_room(plan: Plan, breach: ServingBreach, target: ObjectRef) -> Plan:
    text = f"{words(target)} is not suspended: {KEPT} other feeds are; resume one that is not needed any more"
    key = f"feed/{breach.incident}/{target.name}/no-room"
    return plan.tell(Notice("FeedNotSuspended", text, key, warning=True))


def _why_not(s: Situation, held: HeldFeed, view: FeedView) -> str:
    """Say why there is nothing to suspend; empty where there is."""
    if view.problem:
        return view.problem
    if view.gone:
        return f"spec.feeds: there is no {words(held)} in namespace {s.model.metadata.namespace}"
    if view.value is not None and len(view.value) > LONGEST_VALUE:
        return (
            f"{field(view.path)} of {words(held)} has more than {LONGEST_VALUE} characters, so what undoes it could "
            "not be written down; it is left as it is"
        )
    if view.value != view.wanted:
        return ""
    what = f"{words(held)} was suspended already ({field(view.path)} is {view.wanted})"
    by = f" by {owner(view.by)}" if view.by else ""
    return f"{what}{by}; it is left as it is"


def _asked(s: Situation, plan: Plan, held: HeldFeed) -> Plan:
    call = f"knowngood incident show {held.incident} -n {s.model.metadata.namespace}"
    text = f"people are asked whether {words(held)}, which feeds the model, is suspended ({call})"
    key = f"feed/{held.incident}/{held.name}/asked/{held.noticed_at.isoformat()}"
    return plan.tell(Notice("ApprovalNeeded", text[:MESSAGE_LENGTH], key, warning=True))


def _by_itself(s: Situation, plan: Plan, held: HeldFeed, view: FeedView) -> Plan:
    """Suspend it without anybody's word, unless a limit holds that back."""
    # Feeds that are suspended together are one action.
    before = tuple(at for at in plan.suspensions if at != s.now)
    limit = why_limited(s.limits, before, s.now, "no feed is suspended")
    if not limit:
        if s.now not in plan.suspensions:
            plan = replace(plan, suspensions=counted(plan.suspensions, s.now))
        return _start(s, plan, held, view)
    plan = plan.wake(limited_until(s.limits, before, s.now))
    if held.limited_at is not None:
        return plan
    state = FeedState.WAITING if held.approval else FeedState.LIMITED
    update = {"state": state, "limited_at": s.now, "limit": f"{words(held)}: {limit}"}
    key = f"feed/{held.incident}/{held.name}/limited/{s.now.isoformat()}"
    told = plan.tell(Notice("FeedNotSuspended", f"{words(held)}: {limit}", key, warning=True))
    return changed(told, held, update)


def _start(s: Situation, plan: Plan, held: HeldFeed, view: FeedView) -> Plan:
    """Write down what is to be done, and what undoes it. It is done after that, and seen later."""
    update = {
        "state": FeedState.SUSPENDING,
        "since": s.now,
        "uid": view.uid,
        "path": view.path,
        "before": view.value,
        "value": view.wanted,
    }
    return changed(plan, held, update).wake(s.now + SOON)


def _gone_on(s: Situation, plan: Plan, held: HeldFeed) -> Plan:
    """Go on with a feed. What is over is forgotten with its incident, and what is suspended never."""
    incident = s.incidents.get(held.incident)
    status = incident.status if incident else None
    closed = status is not None and status.phase is IncidentPhase.CLOSED
    over = closed or (incident is None and plan.incident != held.incident)
    if held.state in ENDED:
        return without(plan, held) if over and not _is_resumed_since(plan, held) else plan
    wanted = _lasts(plan, held) and is_wanted(s, held)
    if held.state not in HELD and (over or not wanted):
        refused = None if over else _refused(s, plan, held)
        return refused or without(plan, held)  # nobody is asked any more
    view = s.feeds.get(held.name)
    if view is None:
        return plan.wake(s.now + SOON)
    return _STATES[held.state](s, plan, held, view)


def _lasts(plan: Plan, held: HeldFeed) -> bool:
    which = (held.incident, held.policy_kind, held.policy, held.trigger)
    return any(
        which == (b.incident, b.policy_kind, b.policy, b.trigger) and not b.closed
        for b in plan.breaches
    )


def _is_resumed_since(plan: Plan, held: HeldFeed) -> bool:
    """Whether somebody has it run although he knew what is found: that is not undone by another incident's policy."""
    at = held.ended_at if held.state in _RUNS_AGAIN else None
    return at is not None and any(b.found_at <= at and not b.closed for b in plan.breaches)


def _refused(s: Situation, plan: Plan, held: HeldFeed) -> Plan | None:
    """Hear a no, also where what was found is over by now: it may come back; None where nobody has said one."""
    heard = attended(s, plan, held) if held.state is FeedState.WAITING else None
    if heard is None or heard.no is None:
        return None
    plan = changed(plan, held, {"by": heard.no})
    return ended(s, plan, held, FeedState.REJECTED, f"it stays as it is: {heard.no_words}")


def _waiting(s: Situation, plan: Plan, held: HeldFeed, view: FeedView) -> Plan:
    """People decide, or time does."""
    refused = _refused(s, plan, held)
    if refused is not None:
        return refused
    heard = attended(s, plan, held)
    if heard.asked.overdue_at is not None and held.approval is not None:
        if held.approval.overdue_at is None:
            text = f"nobody has decided in time whether {words(held)} is suspended"
            key = f"feed/{held.incident}/{held.name}/overdue/{heard.asked.asked_at.isoformat()}"
            plan = plan.tell(Notice("ApprovalOverdue", text, key, warning=True))
    elif heard.asked.granted_at is None:
        plan = plan.wake(max(heard.asked.until, s.now + SOON))
    asked = held.model_copy(update={"approval": heard.asked})
    plan = changed(plan, held, {"approval": heard.asked})
    why = _why_not(s, held, view)
    if why:
        return ended(s, plan, asked, FeedState.SKIPPED, why)
    if heard.asked.granted_at is None:
        return plan
    return _start(s, plan, asked, view) if heard.by_people else _by_itself(s, plan, asked, view)


def _limited(s: Situation, plan: Plan, held: HeldFeed, view: FeedView) -> Plan:
    why = _why_not(s, held, view)
    if why:
        return ended(s, plan, held, FeedState.SKIPPED, why)
    rule = rule_now(s, plan, held)
    if not asks_people(rule):
        return _by_itself(s, plan, held, view)
    asked = request(rule or REQUIRED, plan.stable, s.now)
    update = {"state": FeedState.WAITING, "approval": asked, "limited_at": None, "limit": None}
    return _asked(s, changed(plan, held, update), held).wake(asked.until)


_STATES: Final[Mapping[FeedState, Callable[[Situation, Plan, HeldFeed, FeedView], Plan]]] = {
    FeedState.WAITING: _waiting,
    FeedState.LIMITED: _limited,
    FeedState.SUSPENDING: suspending,
    FeedState.SUSPENDED: suspended,
    FeedState.RESUMING: resuming,
}
"""What is decided about a feed in each state that is not the end."""
