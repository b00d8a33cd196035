"""`incident show` names who has decided an action and who has done it, what reversed it, and when users were safe."""

from datetime import timedelta
from typing import Any

from knowngood.api.v1alpha1 import (
    ActionRecord,
    ActionState,
    ActionType,
    Containment,
    IncidentPhase,
)
from tests.cli.test_incident_shown import having, over, text
from tests.decisions.states import NOW

LEFT = "the safe path (review) is left: alice gave the requests back (undo)"
BACK = "the gateway was seen to send all requests to version 8, and none to the safe path (review)"


def on_safe_path(**more: Any) -> ActionRecord:
    told: dict[str, Any] = {
        "id": "a2",
        "type": ActionType.SAFE_PATH,
        "state": ActionState.VERIFIED,
        "started_at": NOW,
        "finished_at": NOW + timedelta(seconds=2),
        "result": "the gateway was seen to send all requests to the safe path",
        "decided_by": "alice and bob",
        **more,
    }
    return ActionRecord(**told)


def reversed_later() -> ActionRecord:
    return on_safe_path(reversed_at=NOW + timedelta(minutes=1), reversed=f"{LEFT}; {BACK}")


def test_who_has_decided_is_named_beside_the_operator_who_has_carried_it_out() -> None:
    told = text(having(over(), actions=(on_safe_path(),)))

    assert (
        "SafePath: Verified, 2026-03-01 12:00:02Z; decided by alice and bob, carried out by the operator: the gateway "
        "was seen"
    ) in told
    waits = on_safe_path(state=ActionState.WAITING)
    assert "carried out" not in text(having(over(), actions=(waits,))), "nobody has done anything"
    by_itself = on_safe_path(decided_by=None)
    assert "decided by" not in text(having(over(), actions=(by_itself,)))


def test_what_has_reversed_it_is_told_with_its_time_and_how_that_was_seen() -> None:
    told = text(having(over(), actions=(reversed_later(),)))

    assert f"2026-03-01 12:01:00Z SafePath is reversed: {LEFT}; {BACK}" in told
    assert "safe from 2026-03-01 12:00:02Z to 2026-03-01 12:01:00Z, by SafePath" in told


def test_a_version_that_is_well_again_is_not_said_to_harm_users() -> None:
    back = {"actions": (reversed_later(),), "containment": Containment.NONE}
    doubt = text(having(over(), phase=IncidentPhase.DETECTED, **back))
    well = text(having(over(), phase=IncidentPhase.ERADICATED, **back))

    assert "users are not safe: the requests were given back to version 8" in doubt
    assert "users are not safe" not in well
    assert "version 8 answers users again, and what was found about it is over" in well


def test_actions_are_told_in_the_order_in_which_they_began() -> None:
    """The object has the one last that was begun last of those that people had been asked about."""
    later = on_safe_path(id="a3", started_at=NOW + timedelta(seconds=9), decided_by="carol")

    told = text(having(over(), actions=(later, on_safe_path())))

    assert told.index("decided by alice and bob") < told.index("decided by carol")
