"""Actions in an incident: their ids, and how one that people have decided about begins."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import ActionRecord, ActionState, ActionType

_Actions = tuple[ActionRecord, ...]

WITHDRAWN: Final = (
    "nobody is asked any more: what was found is over, or closed, or acted on otherwise"
)


ACTIONS_KEPT: Final = 64
"""Actions that an incident holds; the oldest one that is over makes room for another one."""

_GOES_ON: Final = frozenset({ActionState.WAITING, ActionState.STARTED})


def begun(
    kind: ActionType, at: datetime, number: int = 1, decided_by: str | None = None
) -> ActionRecord:
    """An action that has started."""
    return ActionRecord(
        id=f"a{number}",
        type=kind,
        state=ActionState.STARTED,
        started_at=at,
        decided_by=decided_by,
    )


def last_move(actions: _Actions) -> ActionRecord | None:
    """The last action that is about users' requests, and not about what feeds the model."""
    return next((a for a in reversed(actions) if a.feed is None), None)


def next_number(actions: _Actions, answered: Collection[str] = ()) -> int:
    """The number in the id of the next action: none is given twice, for people answer by it.

    Args:
        actions: Those that there are.
        answered: Ids that people have named already: what was said before a question is no answer to it.
    """
    number = max(map(_number, actions), default=0) + 1
    while f"a{number}" in answered:
        number += 1
    return number


def with_action(actions: _Actions, action: ActionRecord) -> _Actions:
    """Add an action. What is left out is over for long, and the timeline has told it."""
    over = (a for a in actions if a.state not in _GOES_ON)
    oldest = min(over, key=_number, default=None) if len(actions) >= ACTIONS_KEPT else None
    return (*(a for a in actions if a is not oldest), action)


def with_begun(
    actions: _Actions, kind: ActionType, at: datetime, decided_by: str | None = None
) -> _Actions:
    """Begin an action: the one of its kind that people have decided about, else a new one.

    It is the last one from here on: what ends it looks there. `decided_by` has ordered a new one, if anybody has.
    """
    granted = (a for a in actions if a.type is kind and is_granted(a))
    waited = next(granted, None)
    if waited is None:
        return with_action(actions, begun(kind, at, next_number(actions), decided_by))
    others = tuple(a for a in actions if a is not waited)
    by = waited.approval.granted_by if waited.approval else None
    update = {
        "state": ActionState.STARTED,
        "started_at": at,
        "result": f"decided by {by}",
        "decided_by": by,
    }
    return (*others, waited.model_copy(update=update))


def asked_no_more(actions: _Actions) -> _Actions:
    """Withdraw what waits for people."""
    return tuple(withdrawn(a) if a.state is ActionState.WAITING else a for a in actions)


def withdrawn(action: ActionRecord) -> ActionRecord:
    """An action that nobody is asked about any more."""
    return action.model_copy(update={"state": ActionState.WITHDRAWN, "result": WITHDRAWN})


def is_granted(action: ActionRecord) -> bool:
    """Say whether people have decided that an action begins, and it has not."""
    asked = action.approval
    return (
        action.state is ActionState.WAITING and asked is not None and asked.granted_at is not None
    )


def _number(action: ActionRecord) -> int:
    digits = action.id.removeprefix("a")
    return int(digits) if digits.isascii() and digits.isdigit() else 0
