"""What happens to the operator or to its source of data, in the middle of a rollout."""

from collections.abc import Callable, Iterator

import pytest

from e2e.bed import Bed, NotInTime, Room, Seen, pause, weight
from knowngood.api.v1alpha1 import IncidentPhase, Phase, Standing, WaitingFor

pytestmark = pytest.mark.usefixtures("ours")

_LONGEST_S = 120


@pytest.fixture
def fresh_operator(bed: Bed) -> Iterator[None]:
    """A process that was killed often is started late; the next story gets a new one."""
    yield
    bed.operator.replace()


def test_rollout_holds_while_prometheus_is_down_says_so_and_goes_on_after(
    bed: Bed, room: Room
) -> None:
    # Given a good version that is being rolled out
    room.serve(room.policy, room.model)
    with room.load():
        steps = (weight(20), pause("4s", samples=40), weight(50), pause("2s"))
        room.apply(room.model.next("2", steps=steps))
        share = {"1": 80, "2": 20}
        room.wait_for(lambda seen: seen.applied == share, "it has its first share", deadline_s=60)

        # When Prometheus stops
        bed.cluster.stop_prometheus()
        try:
            # Then the operator says that it is blind, and changes nothing,
            seen = room.wait_for(
                lambda seen: (
                    seen.says("Guarded", "ObserverDown", true=False)
                    and seen.waits_for is WaitingFor.DATA
                ),
                "nobody guards the rollout",
                deadline_s=30,
            )
            assert seen.says("Available", "Serving", true=True)
            room.holds(
                lambda seen: seen.phase is Phase.PAUSED and seen.weights == share,
                "the shares stay",
                for_s=8,
            )
            assert room.incidents() == []
        finally:
            bed.cluster.start_prometheus()
        # and when it is back the rollout goes on to its end.
        room.wait_for(
            lambda seen: seen.says("Guarded", true=True), "the rollout is guarded", deadline_s=60
        )
        room.wait_for(lambda seen: seen.serves("2"), "version 2 serves alone", deadline_s=90)


@pytest.mark.usefixtures("fresh_operator")
def test_operator_that_is_killed_at_each_shift_promotes_all_the_same(room: Room) -> None:
    # Given a good version that is being rolled out
    room.serve(room.policy, room.model)
    with room.load():
        room.apply(room.model.next("2"))

        # When the operator is killed each time it has written down that it is going to shift
        kills = kill_at_each_shift(room, lambda seen: seen.serves("2"))

        # Then the rollout ended as it would have without that.
        assert kills >= 3
        assert len(room.told("WeightSet")) == 2
        room.wait_until(lambda: len(room.told("Promoted")) == 1, "it is told", deadline_s=10)
        assert room.told("RollingBack") == []
        assert standing(room, "2") == Standing.PROBATION
        assert room.operator.restarts() >= kills


@pytest.mark.usefixtures("fresh_operator")
def test_operator_that_is_killed_while_it_takes_a_version_back_takes_it_back(room: Room) -> None:
    # Given a bad version that is being rolled out
    room.serve(room.policy, room.model)
    with room.load() as load:
        room.apply(room.model.bad("2", steps=(weight(50), pause("5m"))))

        # When the operator is killed at its first share, and as it goes back
        kills = kill_at_each_shift(
            room, lambda seen: seen.phase is Phase.ROLLED_BACK and seen.applied == {"1": 100}
        )

        # Then it is back all the same, and one incident tells of it.
        assert kills >= 2
        room.wait_until(
            lambda: (
                [i.status and i.status.phase for i in room.incidents()] == [IncidentPhase.CONTAINED]
            ),
            "there is one incident, and it is contained",
            deadline_s=20,
        )
        assert len(room.told("RollingBack")) <= 1
        assert standing(room, "2") == Standing.REJECTED
        assert room.answering_version() == "1"
    assert load.ledger.first_of("2") is not None


def kill_at_each_shift(room: Room, ended: Callable[[Seen], bool]) -> int:
    """Kill the operator whenever the status shows new weights; return how often that was.

    The status is written before the route is, so each kill falls somewhere into a shift.
    """
    operator, pod = room.operator, room.operator.pod
    known, kills = {room.seen().intent}, 0
    for seen in room.follow(_LONGEST_S):
        if ended(seen):
            return kills
        if seen.intent not in known:
            operator.kill(pod)
            known.add(seen.intent)
            kills += 1
    raise NotInTime(f"not in time ({_LONGEST_S} s): the end of the rollout\n{room.diagnosis()}")


def standing(room: Room, version: str) -> str:
    """Where a version stands, by its record."""
    (record,) = (
        o for o in room.find_all("aimodelversions") if o["spec"]["model"]["version"] == version
    )
    return str(record["status"]["standing"])
