"""What an incident tells of one action: what was done, on whose word, by whom, and what has reversed it."""

from collections.abc import Iterable
from typing import Final

from knowngood.api.v1alpha1 import ActionRecord, ActionState, ActionType
from knowngood.cli.views.lines import Line
from knowngood.cli.views.phrases import moment

_STATES: Final = {ActionState.STARTED: "it goes on", ActionState.WAITING: "it waits for people"}
_DONE: Final = frozenset({ActionState.STARTED, ActionState.VERIFIED, ActionState.FAILED})


def actions(told: Iterable[ActionRecord]) -> tuple[Line, ...]:
    """Tell of actions, in the order in which they began."""
    return tuple(line for one in sorted(told, key=lambda a: a.started_at) for line in _action(one))


def _action(told: ActionRecord) -> tuple[Line, ...]:
    ended = f", {moment(told.finished_at)}" if told.finished_at else ""
    state = _STATES.get(told.state, f"{told.state}{ended}")
    result = f": {told.result}" if told.result else ""
    head = f"  {moment(told.started_at)}  "
    done = Line(f"{_name(told)}: {state}{_by_whom(told)}{result}", head=head)
    if told.reversed is None:
        return (done,)
    back = Line(
        f"{_name(told)} is reversed: {told.reversed}", head=f"  {moment(told.reversed_at)}  "
    )
    return done, back


def gave_way(told: ActionRecord) -> bool:
    """Say whether it has sent users to the safe path."""
    return told.type is ActionType.SAFE_PATH and told.state is ActionState.VERIFIED


def _name(told: ActionRecord) -> str:
    what = f"{told.type} {told.feed}" if told.feed else told.type
    return f"{told.id} {what}" if told.approval else what


def _by_whom(told: ActionRecord) -> str:
    """Who has decided it and who has done it; nothing where nobody was asked, or nothing was done."""
    if told.decided_by is None or told.state not in _DONE:
        return ""
    return f"; decided by {told.decided_by}, carried out by the operator"
