"""The version that serves turns bad, long after its promotion, and nobody is there."""

from dataclasses import replace

from e2e.bed import Room
from e2e.bed.loan import Json
from e2e.bed.policy import LIMIT
from e2e.models.clock import unix_seconds
from e2e.stories.test_mirroring import copied
from knowngood.api.v1alpha1 import ActionState, ActionType, Containment, IncidentStatus, Phase


def stands_by(room: Room, *approval: Json) -> None:
    """Version 2 is about to replace version 1, which is known good and is to answer copies."""
    policy = replace(room.policy, contains=True, approval=approval)
    first = room.model.next("1", side_effects="None", standby="Warm", copies=100)
    room.serve(policy, first)
    room.command("attest", "1")
    room.wait_until(
        lambda: room.record("1")["standing"] == "KnownGood", "it is good", deadline_s=30
    )


def serves_beside_a_standby(room: Room) -> None:
    """Version 2 serves, and version 1 answers copies."""
    room.apply(room.model.next("2", side_effects="None", standby="Warm", copies=100))
    room.wait_for(lambda seen: seen.serves("2"), "version 2 serves alone", deadline_s=90)
    room.wait_until(lambda: copied(room) == 100, "copies are asked for", deadline_s=90)
    room.wait_for(
        lambda seen: seen.says("RouteProgrammed", "Programmed", true=True), "it does it", 20
    )
    room.holds(lambda seen: seen.serves("2"), "it serves", for_s=30)


def told(room: Room) -> IncidentStatus:
    """What the one incident says."""
    (incident,) = room.incidents()
    assert incident.status is not None
    return incident.status


def test_what_serves_turns_bad_and_the_version_that_stands_by_takes_over(room: Room) -> None:
    # Given a version that serves alone, and a known good one that answers copies of its requests
    stands_by(room)
    with room.load() as load:
        serves_beside_a_standby(room)
        assert room.incidents() == []

        # When the version that serves begins to fail
        room.order_errors("2", 0.5)

        # Then the other one gets its pods, and all requests,
        room.wait_for(lambda seen: seen.phase is Phase.CONTAINED, "contained", deadline_s=120)
        since = unix_seconds() + room.gateway.lag_s
        room.holds(lambda seen: seen.applied.get("1") == 100, "version 1 serves", for_s=10)
        assert set(load.ledger.tallies(since)) == {"1"}
        assert room.record("2")["standing"] == "Suspect"
        assert room.pods("2"), "they are kept for people to look at"

        # and the incident tells all of it,
        room.wait_until(lambda: room.says_of_incident(Containment.VERIFIED), "it is written", 60)
        incident = told(room)
        assert [(a.type, a.state) for a in incident.actions] == [
            (ActionType.HOLD, ActionState.VERIFIED),
            (ActionType.SHIFT_TO_SHADOW, ActionState.VERIFIED),
        ]
        found = [(e.trigger, e.better) for e in incident.evidence]
        assert found == [(LIMIT, None), (LIMIT, "1")], "the harm, and that version 1 does better"
        assert incident.attained is not None

        # and the version comes back only by a person's word, as a canary.
        room.order_errors("2", 0.0)
        room.command("undo", "2")
        room.wait_for(
            lambda seen: seen.phase is Phase.PROGRESSING, "it is tried again", deadline_s=30
        )
        # With its first share the all-clear is over.
        room.wait_until(lambda: room.says_of_incident(Containment.UNDONE), "it is told", 90)
    assert not load.ledger.lost()


def test_what_feeds_every_version_breaks_and_nobody_is_sent_anywhere(room: Room) -> None:
    # Given the same
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
    assert not load.ledger.lost()
