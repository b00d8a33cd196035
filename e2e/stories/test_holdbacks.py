"""The earlier version keeps a share after a promotion, until the promoted one has proved itself."""

from e2e.bed import Room
from e2e.bed.policy import ERRORS
from e2e.models.clock import unix_seconds
from e2e.stories.gateways import ON_BOTH_GATEWAYS
from knowngood.api.v1alpha1 import Containment, Phase


@ON_BOTH_GATEWAYS
def test_earlier_version_is_held_back_until_the_promoted_one_is_known_good(room: Room) -> None:
    # Given a model whose versions are held back at a tenth of the requests while the next one is in probation
    asked = {"duration": "25s", "minDecisions": 500, "holdback": 10}
    first = room.model.next("1", probation=asked)
    room.serve(room.policy, first)
    with room.load() as load:
        # When a version is promoted that is as good
        room.apply(first.next("2"))
        held = {"1": 10, "2": 90}
        room.wait_for(
            lambda seen: seen.status.holdback and seen.applied == held,
            "version 2 is promoted, and version 1 keeps its share",
            deadline_s=90,
        )
        since = unix_seconds() + room.gateway.lag_s
        room.wait_until(lambda: room.record("1")["role"] == "Holdback", "its record says so", 10)

        # Then both answer, as the answers themselves say, and are compared,
        room.wait_until(lambda: said(room, "beside version 1: "), "they are compared", 20)
        room.holds(lambda seen: seen.applied == held, "both answer", for_s=10)
        tallies = load.ledger.tallies(since)
        answers = {version: tally.answers for version, tally in tallies.items()}
        assert set(answers) == {"1", "2"}
        assert 0.04 < answers["1"] / sum(answers.values()) < 0.18

        # until version 2 is known good: then it answers everybody, and no request is lost over it.
        room.wait_for(lambda seen: seen.phase is Phase.GUARDING, "it is known good", deadline_s=90)
        seen = room.wait_for(lambda seen: seen.serves("2"), "it serves alone", deadline_s=30)
        assert seen.status.holdback is None
        over = unix_seconds() + room.gateway.lag_s
        room.wait_until(lambda: not room.pods("1"), "version 1 has no pods", deadline_s=90)
        room.tells_once("HoldbackEnds")
    last = load.ledger.last_of("1")
    assert last is not None
    assert last.sent_at <= over
    assert set(load.ledger.tallies(over)) == {"2"}


def test_harm_after_a_promotion_is_told_and_moves_nothing_by_itself(room: Room) -> None:
    # Given a promoted version beside the one that is held back
    asked = {"duration": "10m", "minDecisions": 500, "holdback": 10}
    first = room.model.next("1", probation=asked)
    room.serve(room.policy, first)
    with room.load():
        room.apply(first.next("2"))
        held = {"1": 10, "2": 90}
        room.wait_for(lambda seen: seen.status.holdback and seen.applied == held, "both answer", 90)
        room.wait_until(lambda: said(room, "beside version 1: "), "they are compared", 20)

        # When it begins to fail requests
        room.order_errors("2", 0.3)

        # Then people are told, it is suspect, and the shares stay as they are,
        room.wait_until(
            lambda: room.record("2")["standing"] == "Suspect", "it is suspect", deadline_s=60
        )
        room.tells_once("ProbationFailed", ERRORS)
        room.holds(lambda seen: seen.applied == held, "nothing is shifted", for_s=3)
        room.wait_until(lambda: room.says_of_incident(Containment.NONE), "an incident says so", 30)

        # until a person takes the promotion back, which the same incident tells.
        room.command("undo", "2")
        room.wait_for(lambda seen: seen.phase is Phase.ROLLED_BACK, "it is back", deadline_s=60)
        assert room.seen().applied == {"1": 100}
        assert room.seen().status.holdback is None
        room.wait_until(lambda: room.says_of_incident(Containment.VERIFIED), "it is told", 60)


def said(room: Room, words: str) -> bool:
    """Say whether the record of version 2 says that it is in probation, with these words."""
    conditions = room.record("2").get("conditions", ())
    return any(words in c["message"] for c in conditions if c["type"] == "KnownGood")
