"""An action that waits for nobody any more: what came of it, and what reverses it while that can be."""

import re
from typing import Final

from knowngood.api.v1alpha1 import ActionRecord, ActionState, ActionType, Incident, IncidentStatus
from knowngood.decisions.incident_phases import GONE

BEGUN: Final = frozenset({ActionState.STARTED, ActionState.VERIFIED, ActionState.FAILED})
"""States of what was begun, whatever became of it."""

_MOVES: Final = frozenset({ActionType.ROLLBACK, ActionType.SHIFT_TO_SHADOW, ActionType.SAFE_PATH})


def begun_in_words(found: Incident, begun: ActionRecord) -> str:
    """Say in a sentence how far an action is that was begun, and name the command that reverses it, and nothing else.

    Args:
        found: Its incident.
        begun: One of its actions; its state is in BEGUN.
    """
    what, back = f"{begun.id} of {found.metadata.name}", way_back(found, begun)
    if back:
        return f"{what} has begun, and waits for nobody; what reverses it: {back}"
    result = begun.reversed or begun.result
    came = f": {result}" if result else ""
    state = "is over" if _is_over(found, begun) else "has begun"
    return f"{what} {state}, and waits for nobody{came}"


def way_back(found: Incident, begun: ActionRecord) -> str:
    """The command that reverses an action; empty where none does, as far as the incident tells.

    The model's own `undo` may reverse something else by then, as a promotion from before: the incident tells of it only
    while it reverses what was done for this incident.
    """
    status = found.status or IncidentStatus()
    if status.undo is None:
        return ""
    if begun.feed is not None:
        name, where = begun.feed.partition(" ")[2], found.metadata.namespace
        told = re.search(rf"{re.escape(begun.feed)}(?![-.\w]*\w)", status.undo.what)
        return (
            f"knowngood feed resume {found.spec.model_ref.name} {name} -n {where}" if told else ""
        )
    moves = [a for a in status.actions if a.type in _MOVES and a.state in BEGUN]
    is_last = bool(moves) and moves[-1].id == begun.id
    return status.undo.command if is_last and " undo " in status.undo.command else ""


def _is_over(found: Incident, begun: ActionRecord) -> bool:
    status = found.status or IncidentStatus()
    if begun.state is ActionState.STARTED:
        return False
    over: object = begun.state is ActionState.FAILED or begun.reversed
    return bool(over) or begun.feed is not None or status.phase in GONE or status.fallback is None
