"""Actions in an incident: their ids, and how one that people have decided about begins."""

from datetime import datetime

from knowngood.api.v1alpha1 import ActionRecord, ActionState, ActionType

_Actions = tuple[ActionRecord, ...]


def begun(kind: ActionType, at: datetime, number: int = 1) -> ActionRecord:
    """An action that has started."""
    return ActionRecord(id=f"a{number}", type=kind, state=ActionState.STARTED, started_at=at)


def with_begun(actions: _Actions, kind: ActionType, at: datetime) -> _Actions:
    """Begin an action: the one of its kind that people have decided about, else a new one.

    It is the last one from here on: what ends it looks there.
    """
    granted = (a for a in actions if a.type is kind and is_granted(a))
    waited = next(granted, None)
    if waited is None:
        return (*actions, begun(kind, at, len(actions) + 1))
    others = tuple(a for a in actions if a is not waited)
    by = waited.approval.granted_by if waited.approval else None
    update = {"state": ActionState.STARTED, "started_at": at, "result": f"decided by {by}"}
    return (*others, waited.model_copy(update=update))


def is_granted(action: ActionRecord) -> bool:
    """Say whether people have decided that an action begins, and it has not."""
    asked = action.approval
    return (
        action.state is ActionState.WAITING and asked is not None and asked.granted_at is not None
    )
