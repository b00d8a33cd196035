"""The version that serves turns bad, and people decide what is done about it."""

import json

from e2e.bed import Room
from e2e.stories.test_containment import serves_beside_a_standby, stands_by, told
from knowngood.api.v1alpha1 import ActionRecord, ActionState, ActionType, Containment, Phase

WITHIN_S = 10
"""What people say takes effect within this time."""


def waiting(room: Room) -> ActionRecord | None:
    """The action that waits for people; None while none does."""
    found = (i.status.actions for i in room.incidents() if i.status)
    return next((a for actions in found for a in actions if a.state is ActionState.WAITING), None)


def asked(room: Room) -> ActionRecord:
    """The action that waits for people, as soon as one does."""
    found = room.wait_until(lambda: waiting(room), "people are asked", deadline_s=120)
    assert found is not None
    return found


def say(room: Room, decision: str, action: ActionRecord) -> str:
    """Answer as the person whom kubectl is; return their name."""
    me = json.loads(room.kubectl("auth", "whoami", "-o", "json"))
    name: str = me["status"]["userInfo"]["username"]
    answer = {"actionId": action.id, "decision": decision, "by": name}
    (incident,) = room.incidents()
    change = json.dumps({"spec": {"approvals": [answer]}})
    room.kubectl("patch", "aiinc", incident.metadata.name, "--type=merge", "-p", change)
    return name


def test_a_shift_waits_for_a_person_and_begins_as_soon_as_it_is_approved(room: Room) -> None:
    # Given a version that serves beside a known good one, and a policy that wants a person to decide
    stands_by(room, {"action": "ShiftToShadow", "mode": "Require"})
    with room.load() as load:
        serves_beside_a_standby(room)

        # When it begins to fail
        room.order_errors("2", 0.5)

        # Then the incident asks, says how it is answered, and nothing moves,
        action = asked(room)
        text = told(room).next_for_human or ""
        assert f"knowngood incident approve loan-1 --action {action.id} -n {room.name}" in text
        room.holds(lambda seen: seen.applied.get("2") == 100, "nothing moves", for_s=10)

        # and what a person approves begins at once,
        name = say(room, "Approve", action)
        begun = {Phase.CONTAINING, Phase.CONTAINED}
        room.wait_for(lambda seen: seen.phase in begun, "it begins", deadline_s=WITHIN_S)
        room.wait_for(lambda seen: seen.phase is Phase.CONTAINED, "contained", deadline_s=90)
        room.wait_until(lambda: room.says_of_incident(Containment.VERIFIED), "it is written", 60)
        # and the incident tells who decided.
        incident = told(room)
        assert [(a.type, a.state) for a in incident.actions] == [
            (ActionType.HOLD, ActionState.VERIFIED),
            (ActionType.SHIFT_TO_SHADOW, ActionState.VERIFIED),
        ]
        assert f"{action.id} is approved by {name}" in [e.text for e in incident.timeline]
    assert not load.ledger.lost()


def test_a_veto_in_time_keeps_the_requests_where_they_are(room: Room) -> None:
    # Given the same, where a shift begins after a while unless somebody objects
    stands_by(room, {"action": "ShiftToShadow", "mode": "VetoWindow", "timeout": "20s"})
    with room.load() as load:
        serves_beside_a_standby(room)
        room.order_errors("2", 0.5)
        action = asked(room)

        # When somebody does
        name = say(room, "Reject", action)

        # Then that is written down, and nothing moves, also when the time is over.
        room.wait_until(
            lambda: told(room).actions[-1].state is ActionState.REJECTED, "it is heard", WITHIN_S
        )
        assert f"{name} said no" in (told(room).actions[-1].result or "")
        room.holds(lambda seen: seen.applied.get("2") == 100, "nothing moves", for_s=30)
        assert room.says_of_incident(Containment.NONE)
    assert not load.ledger.lost()
