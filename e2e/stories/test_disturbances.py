"""What happens to the operator or to its source of data, in the middle of a rollout."""

from collections.abc import Callable, Iterator

import pytest

from e2e.bed import Bed, NotInTime, Room, Seen, pause, weight
from e2e.stories.gateways import ON_BOTH_GATEWAYS
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


@ON_BOTH_GATEWAYS
@pytest.mark.usefixtures("fresh_operator")
def test_operator_that_is_killed_at_each_shift_promotes_all_the_same(room: Room) -> None:
    # Given a good version that is being rolled out
    room.serve(room.policy, room.model)
    with room.load():
        room.apply(room.model.next("2"))

        # When the operator is killed each time it has written down that it is going to shift
        shifts = kill_at_each_shift(room, lambda seen: seen.serves("2"))

        # Then it went on step by step, and ended as it would have without that.
        assert [s["2"] for s in shifts if "2" in s] == [20, 50, 100]
        assert is_told_once(room, "WeightSet")
        assert is_told_once(room, "Promoted")
        assert room.told("RollingBack") == []
        assert standing(room, "2") == Standing.PROBATION
        assert room.operator.restarts() >= len(shifts)


@ON_BOTH_GATEWAYS
@pytest.mark.usefixtures("fresh_operator")
def test_operator_that_is_killed_while_it_takes_a_version_back_takes_it_back(room: Room) -> None:
    # Given a bad version that is being rolled out
    room.serve(room.policy, room.model)
    with room.load() as load:
        room.apply(room.model.bad("2", steps=(weight(50), pause("5m"))))

        # When the operator is killed at its first share, and as it goes back
        shifts = kill_at_each_shift(
            room, lambda seen: seen.phase is Phase.ROLLED_BACK and seen.applied == {"1": 100}
        )

        # Then it is back all the same, and one incident tells of it.
        assert [s.get("2", 0) for s in shifts if s != {"1": 100}] == [50]
        assert len(shifts) >= 2
        room.wait_until(
            lambda: (
                [i.status and i.status.phase for i in room.incidents()] == [IncidentPhase.CONTAINED]
            ),
            "there is one incident, and it is contained",
            deadline_s=20,
        )
        assert is_told_once(room, "RollingBack")
        assert standing(room, "2") == Standing.REJECTED
        assert room.answering_version() == "1"
    assert load.ledger.first_of("2") is not None


def kill_at_each_shift(room: Room, ended: Callable[[Seen], bool]) -> list[dict[str, int]]:
    """Kill the operator that leads whenever the status shows new weights; return all of these in order.

    The status is written before the route is, so each kill falls somewhere into a shift.
    """
    known, shifts = {room.seen().intent}, list[dict[str, int]]()
    for seen in room.follow(_LONGEST_S):
        if ended(seen):
            return shifts
        if seen.intent not in known:
            room.operator.kill(room.operator.leader)
            known.add(seen.intent)
            shifts.append(seen.weights)
    raise NotInTime(f"not in time ({_LONGEST_S} s): the end of the rollout\n{room.diagnosis()}")


def is_told_once(room: Room, reason: str) -> bool:
    """Say whether no edge was told twice.

    One may be missing: an Event is told after the edge is written down, and a process that is killed in between tells
    it to nobody.
    """
    notes = [told.note for told in room.told(reason)]
    return len(notes) == len(set(notes))


def standing(room: Room, version: str) -> str:
    """Where a version stands, by its record."""
    (record,) = (
        o for o in room.find_all("aimodelversions") if o["spec"]["model"]["version"] == version
    )
    return str(record["status"]["standing"])
