"""Rollouts whose policy is taken away.

A policy that was deleted or edited by mistake must not let a version through that it would have judged. So the triggers
that watched are remembered until a version is promoted; where one is gone or does less, a person is asked.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import WaitingFor, Watch, WatchedBy
from knowngood.decisions.plan import Notice, Plan, edge_key
from knowngood.decisions.situation import Situation

_PARTS: Final = {
    Watch.BREACHES: frozenset({"take back"}),
    Watch.GATE: frozenset({"hold"}),
    Watch.PROMOTION: frozenset({"take back", "hold"}),
    Watch.GATE_PROOF: frozenset({"hold", "prove"}),
    Watch.PROOF: frozenset({"take back", "hold", "prove"}),
}
"""What each does: one that lacks a part of another does less."""

REMEMBERED: Final = 64


def remember_watch(s: Situation, plan: Plan) -> Plan:
    """Note which triggers watch, and the most that each was seen to do."""
    known = {w.trigger: w.does for w in plan.watch}
    for trigger, does in s.watch.items():
        if does is not None:
            known[trigger] = _both(known.get(trigger, does), does)
    return replace(plan, watch=_listed(known))


def accept_watch(s: Situation, plan: Plan) -> Plan:
    """A person has said that the rollout may go on as it is watched now."""
    return replace(plan, watch=_listed({t: does for t, does in s.watch.items() if does}))


def left_by(s: Situation, plan: Plan) -> tuple[str, ...]:
    """The triggers that watched and are gone, or do less now; one whose signal is away for a while is blind."""
    return tuple(
        was.trigger for was in plan.watch if _is_less(s.watch.get(was.trigger, _GONE), was.does)
    )


def _is_less(does: Watch | str | None, than: Watch) -> bool:
    if does == _GONE:
        return True
    return does is not None and not _PARTS[than] <= _PARTS[Watch(does)]


def _both(one: Watch, other: Watch) -> Watch:
    """What does the parts of both, and no more."""
    parts = _PARTS[one] | _PARTS[other]
    return next(watch for watch, found in _PARTS.items() if found == parts)


def _listed(known: dict[str, Watch]) -> tuple[WatchedBy, ...]:
    found = (WatchedBy(trigger=trigger, does=known[trigger]) for trigger in sorted(known))
    return tuple(found)[:REMEMBERED]


_GONE: Final = "gone"
_NAMED: Final = 3


def left_alone(version: str, triggers: Sequence[str]) -> str:
    """Say so."""
    named = ", ".join(triggers[:_NAMED]) + (" and others" if len(triggers) > _NAMED else "")
    return (
        f"version {version} waits for a person: what watched it in mode Act is gone or does less now ({named}); it "
        "goes on when that watches again, or by the promote command"
    )


def ask_a_person(s: Situation, plan: Plan) -> Plan:
    """Wait, and say for whom."""
    if plan.rollout is None:
        return plan
    key = edge_key(plan.rollout, "left-alone")
    text = left_alone(plan.rollout.version, left_by(s, plan))
    notice = Notice("LeftAlone", text, key, warning=True)
    return plan.waiting(WaitingFor.PERSON).tell(notice)
