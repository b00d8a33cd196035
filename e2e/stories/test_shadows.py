"""A known good version stands by, answers copies of the requests, and shows what the one that serves does wrong."""

from dataclasses import replace

from e2e.bed import Room
from e2e.bed.policy import SHADOW
from e2e.models.clock import unix_seconds
from e2e.stories.test_mirroring import copied
from knowngood.api.v1alpha1 import ActionState, ActionType, Phase


def held(room: Room) -> bool:
    """Whether the one incident that there is says that nothing was shifted, and why."""
    (incident,) = room.incidents()
    actions = incident.status.actions if incident.status else ()
    return [(a.type, a.state) for a in actions] == [(ActionType.HOLD, ActionState.VERIFIED)]


def test_harm_of_the_version_that_serves_is_found_by_the_answers_to_copies(room: Room) -> None:
    # Given a version that is known good and is replaced, in a model whose requests may be answered twice
    policy = replace(room.policy, shadow=True)
    first = room.model.next("1", side_effects="None", standby="Warm", copies=100)
    room.serve(policy, first)
    room.command("attest", "1")
    room.wait_until(
        lambda: room.record("1")["standing"] == "KnownGood", "it is good", deadline_s=30
    )
    with room.load() as load:
        room.apply(first.next("2"))
        room.wait_for(lambda seen: seen.serves("2"), "version 2 serves alone", deadline_s=90)

        # Then it gets copies once its last requests are answered, and nobody gets its answers,
        room.wait_until(lambda: copied(room) == 100, "copies are asked for", deadline_s=90)
        room.wait_for(
            lambda seen: seen.says("RouteProgrammed", "Programmed", true=True), "it does it", 20
        )
        since = unix_seconds() + room.gateway.lag_s
        room.holds(lambda seen: seen.serves("2"), "it serves", for_s=10)
        assert set(load.ledger.tallies(since)) == {"2"}
        assert not room.told("ServingBreached")

        # and when version 2 begins to fail, people are told what the copies showed; the policy holds, so nothing moves,
        room.order_errors("2", 0.3)
        room.wait_until(lambda: room.told("ServingBreached"), "people are told", deadline_s=90)
        room.tells_once("ServingBreached", "version 1 (by copies)")
        room.tells_once("ProbationFailed", SHADOW)
        assert room.seen().applied == {"2": 100}
        room.wait_until(lambda: held(room), "the incident is written", deadline_s=30)

        # until a person goes back; then nobody gets copies any more.
        room.command("undo", "2")
        room.wait_for(lambda seen: seen.phase is Phase.ROLLED_BACK, "it is back", deadline_s=60)
        assert copied(room) is None
        back = unix_seconds() + room.gateway.lag_s
        room.holds(lambda seen: seen.applied.get("1") == 100, "version 1 serves", for_s=5)
    assert set(load.ledger.tallies(back)) == {"1"}
    assert not load.ledger.lost()
