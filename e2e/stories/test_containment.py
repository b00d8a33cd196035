"""The version that serves turns bad, and nobody is sent to the one that stands by; `test_outside.py` contains it."""

from dataclasses import replace

from e2e.bed import LoanModel, Room
from e2e.bed.loan import Json
from e2e.bed.policy import LIMIT
from e2e.models.clock import unix_seconds
from e2e.stories.test_mirroring import copied
from e2e.stories.test_orders import WITHIN_S, set_by_hand, weights
from knowngood.api.v1alpha1 import Containment, IncidentStatus


def copied_model(room: Room, version: str) -> LoanModel:
    """A version that may answer copies; nothing that is waited for is given up in a story."""
    changes = {"side_effects": "None", "standby": "Warm", "copies": 100}
    return room.model.next(version, progress_deadline="10m", **changes)


def stands_by(room: Room, *approval: Json) -> None:
    """Version 2 is about to replace version 1, which is known good and is to answer copies."""
    policy = replace(room.policy, contains=True, approval=approval)
    room.serve(policy, copied_model(room, "1"))
    room.command("attest", "1")
    room.wait_until(
        lambda: room.record("1")["standing"] == "KnownGood", "it is good", deadline_s=30
    )


def serves_beside_a_standby(room: Room) -> None:
    """Version 2 serves, and version 1 answers copies."""
    room.apply(copied_model(room, "2"))
    room.wait_for(lambda seen: seen.serves("2"), "version 2 serves alone", deadline_s=90)
    room.wait_until(lambda: copied(room) == 100, "copies are asked for", deadline_s=90)
    room.wait_for(
        lambda seen: seen.says("RouteProgrammed", "Programmed", true=True), "it does it", 20
    )
    room.holds(lambda seen: seen.serves("2"), "it serves", for_s=10)


def told(room: Room) -> IncidentStatus:
    """What the one incident says."""
    (incident,) = room.incidents()
    assert incident.status is not None
    return incident.status


def test_what_feeds_every_version_breaks_and_nobody_is_sent_anywhere(room: Room) -> None:
    # Given a version that serves alone, and a known good one that answers copies of its requests
    stands_by(room)
    with room.load() as load:
        serves_beside_a_standby(room)

        # When both versions begin to fail, because of what they share
        room.order_errors("1", 0.5)
        room.order_errors("2", 0.5)

        # Then an incident says that nothing was shifted, and why; and nothing is.
        room.wait_until(lambda: room.says_of_incident(Containment.NONE), "it is written", 120)
        assert "version 1" in (told(room).actions[0].result or "")
        room.holds(lambda seen: seen.applied.get("2") == 100, "nothing moves", for_s=15)
        room.tells_once("ServingBreached", LIMIT)

        # And weights that a person sets in the meantime are kept, and it is said how to put them back;
        assert room.record("2")["standing"] == "Suspect"
        set_by_hand(room, [50, 50])
        room.wait_for(
            lambda seen: seen.says("RouteProgrammed", "RouteOverridden", true=False),
            "they are kept",
            WITHIN_S,
        )
        room.holds(lambda _: weights(room) == [50, 50], "they stay", for_s=5)
        room.tells_once("RouteOverridden", f"knowngood release loan -n {room.name}")
        assert {"1", "2"} <= set(load.ledger.tallies(unix_seconds() - 4))
        # by that command they are.
        room.command("release", "2")
        room.wait_until(lambda: weights(room) == [0, 100], "they are put back", WITHIN_S)
    assert not load.ledger.lost()
