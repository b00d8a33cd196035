"""Two operators run, and the one that leads is lost, stands still, is cut off or is told to stop.

Who wrote what is read from the API server's audit log, not from what the operators say.
"""

import itertools

import pytest

from e2e.bed import Room, pause, weight
from e2e.cluster.audit import Write
from e2e.models.clock import unix_seconds
from knowngood.adapters.kubernetes.lease import DURATION
from knowngood.api.v1alpha1 import IncidentPhase, Phase

pytestmark = pytest.mark.usefixtures("ours")

_PAUSED_S = 90
_LATE = frozenset({409, 422})
"""How the API server refuses what was decided on an older state than the present one."""


def test_leader_that_is_lost_while_a_bad_version_serves_is_replaced(room: Room) -> None:
    # Given a bad version that gets half of the requests
    room.serve(room.policy, room.model)
    leader, standby = room.operator.leader, room.operator.standby
    with room.load():
        room.apply(room.model.bad("2", steps=(weight(50), pause("5m"))))
        room.wait_for(lambda seen: seen.weights.get("2") == 50, "2 is to serve", deadline_s=30)

        # When the operator that leads is lost
        room.operator.lose(leader)

        # Then the one that stood by takes the version back, once.
        is_taken_back_once(room)
        assert room.operator.holder == standby
    assert turns(room) == [leader, standby]


def test_leader_that_stood_still_for_long_writes_nothing_when_it_goes_on(room: Room) -> None:
    # Given a good version that is being rolled out
    room.serve(room.policy, room.model)
    leader, standby = room.operator.leader, room.operator.standby
    with room.load():
        room.apply(room.model.next("2"))
        room.wait_for(lambda seen: seen.weights.get("2") == 20, "2 is to serve", deadline_s=30)

        # When the operator that leads stands still
        began = unix_seconds()
        with room.operator.paused(leader):
            # Then the one that stood by ends the rollout.
            room.wait_for(lambda seen: seen.serves("2"), "2 serves alone", deadline_s=60)
            assert room.operator.holder == standby

            # When the first one goes on in the middle of the next rollout
            until = began + _PAUSED_S
            room.wait_until(lambda: unix_seconds() > until - 8, "it was long", _PAUSED_S)
            room.apply(room.model.next("3", steps=(weight(50), pause("8s"))))
            room.wait_for(lambda seen: seen.weights.get("3") == 50, "3 serves", deadline_s=30)
            room.wait_until(lambda: unix_seconds() > until, "it was very long", _PAUSED_S)
            resumed = unix_seconds()
        assert room.operator.metric("knowngood_leading", leader) == 0
        room.wait_for(lambda seen: seen.serves("3"), "3 serves alone", deadline_s=60)

        # Then it writes nothing, anywhere; what was on its way for so long comes too late.
        late = [w for w in room.operator.writes() if w.pod == leader and w.at > resumed]
        assert [w for w in late if w.code not in _LATE] == []
        assert room.operator.holder == standby
        assert room.operator.ready(leader)
    assert turns(room) == [leader, standby]


def test_leader_that_is_cut_off_while_a_version_turns_bad_leaves_it_to_another(
    room: Room,
) -> None:
    # Given a good version that gets half of the requests
    room.serve(room.policy, room.model)
    leader, standby = room.operator.leader, room.operator.standby
    with room.load():
        room.apply(room.model.next("2", steps=(weight(50), pause("5m"))))
        room.wait_for(lambda seen: seen.applied.get("2") == 50, "2 has its share", deadline_s=30)

        # When the operator that leads does not reach the API server any more, and the version turns bad
        with room.operator.cut_off(leader):
            room.order_errors("2", 0.5)

            # Then it leads no more by its own account, although it sees the errors,
            room.wait_until(
                lambda: room.operator.metric("knowngood_leading", leader) == 0, "it stops", 20
            )
            # and the one that stood by takes the version back.
            is_taken_back_once(room)
            assert room.operator.holder == standby
            assert f"not leading any more as {leader}" in room.operator.log()
            assert turns(room) == [leader, standby]

        # When it reaches the API server again, and later leads again
        room.operator.hand_over(to=leader)

        # Then nothing is done a second time.
        room.holds(
            lambda seen: seen.phase is Phase.ROLLED_BACK and seen.applied == {"1": 100},
            "it stays taken back",
            for_s=4,
        )
        is_taken_back_once(room)
    assert turns(room)[:2] == [leader, standby]


def test_loss_of_the_one_that_stands_by_changes_nothing(room: Room) -> None:
    # Given a good version that is being rolled out
    room.serve(room.policy, room.model)
    leader, standby = room.operator.leader, room.operator.standby
    with room.load():
        room.apply(room.model.next("2"))
        room.wait_for(lambda seen: seen.weights.get("2") == 20, "2 is to serve", deadline_s=30)

        # When the operator that stands by is lost
        room.operator.lose(standby)

        # Then the other one goes on, and a third one stands by.
        room.wait_for(lambda seen: seen.serves("2"), "2 serves alone", deadline_s=60)
        assert room.operator.standby not in {leader, standby}
        assert room.operator.holder == leader
    assert turns(room) == [leader]


def test_upgrade_in_the_middle_of_a_rollout_hands_the_lease_over_and_waits_for_none(
    room: Room,
) -> None:
    # Given a good version that is being rolled out
    room.serve(room.policy, room.model)
    first = room.operator.leader
    old = room.operator.pods
    with room.load():
        room.apply(room.model.next("2", steps=(weight(20), pause("15s"), weight(50), pause("2s"))))
        room.wait_for(lambda seen: seen.weights.get("2") == 20, "2 is to serve", deadline_s=30)

        # When all operators are replaced
        began = unix_seconds()
        room.operator.restart()

        # Then the rollout goes on to its end,
        room.wait_for(lambda seen: seen.serves("2"), "2 serves alone", deadline_s=90)
        assert room.operator.leader not in old

    # nobody writes any more after another one has begun to,
    assert len(turns(room)) == len(set(turns(room)))
    # and whoever led gave the Lease up: the next one did not wait until it had run out.
    elections = [w for w in room.operator.writes() if w.resource == "leases" and w.at > began]
    pauses = [
        after.at - before.at
        for before, after in itertools.pairwise(w for w in elections if w.accepted)
        if before.pod != after.pod
    ]
    assert elections[0].pod == first
    assert pauses
    assert max(pauses) < DURATION


def is_taken_back_once(room: Room) -> None:
    """Return when version 1 alone serves, with one incident, told once."""
    room.wait_for(
        lambda seen: seen.phase is Phase.ROLLED_BACK and seen.applied == {"1": 100},
        "it is taken back",
        deadline_s=40,
    )
    room.wait_until(
        lambda: (
            [i.status and i.status.phase for i in room.incidents()] == [IncidentPhase.CONTAINED]
        ),
        "there is one incident, and it is contained",
        deadline_s=20,
    )
    room.tells_once("RollingBack")


def turns(room: Room) -> list[str]:
    """Which pods of the operator wrote to the room, in order; one that wrote again after another is there twice."""
    done: list[Write] = [
        w for w in room.operator.writes() if w.accepted and w.namespace == room.name
    ]
    return [pod for pod, _ in itertools.groupby(write.pod for write in done)]
