"""A known good version stands by, and can not take the requests over: people hear of it before, and nothing is lost."""

from dataclasses import replace

from e2e.bed import LoanModel, Room
from e2e.models.clock import unix_seconds
from e2e.stories.test_containment import told
from e2e.stories.test_golden import golden_of
from e2e.stories.test_orders import WITHIN_S
from knowngood.api.v1alpha1 import ActionState, ActionType, Phase
from knowngood.decisions.phases import GOING_BACK

RULES = "rules-7f3a"
NEEDS = {"volumes": [{"name": "rules", "configMap": {"name": RULES}}]}
READY_S = 30


def test_what_stands_by_lacks_its_configuration_and_then_the_room_for_its_pods(room: Room) -> None:
    # Given a version that is known good, with a ConfigMap whose name is made from its content
    first = stands_by(room)
    with room.load() as load:
        # When the next one lands, and a tool takes the ConfigMap away that nobody names any more
        room.apply(first.next("2", pod=None, golden=(golden_of(room),)))
        room.kubectl("delete", "configmap", RULES)

        # Then people hear that there is no way back, before they need it,
        is_missed(room)
        # and when the version that serves begins to fail, nothing is shifted for that reason.
        room.order_errors("2", 1.0)
        room.wait_until(lambda: held(room), "an incident says so", deadline_s=90)
        assert RULES in held(room)
        room.holds(lambda seen: seen.applied == {"2": 100}, "nothing moves", for_s=5)

        # When it is there again, and there is no room for one more pod
        room.wait_until(lambda: running(room) == {"1": 1, "2": 2}, "pods are there", 60)
        room.kubectl("create", "quota", "full", "--hard=pods=3")
        room.kubectl("create", "configmap", RULES)
        room.wait_for(lambda seen: seen.phase is Phase.CONTAINING, "it is brought up", 120)

        # Then that is given up in time, and told; everybody is answered as before.
        is_given_up(room)
        # It is not tried again by itself; a person can, and take that back at once.
        room.holds(lambda seen: seen.phase is Phase.PROBATION, "it stays so", for_s=5)
        room.command("rollback", "2")
        room.wait_for(lambda seen: seen.phase in GOING_BACK, "it is tried", WITHIN_S)
        room.command("undo", "2")
        given = unix_seconds()
        room.wait_for(lambda seen: seen.phase not in GOING_BACK, "it is not any more", WITHIN_S)
        room.kubectl("delete", "quota", "full")
        room.holds(lambda seen: seen.applied == {"2": 100}, "nothing moves", for_s=5)
    assert set(load.ledger.tallies(given)) == {"2"}


def stands_by(room: Room) -> LoanModel:
    """Let the first version serve until it is known good, and return it; with one pod of two it will stand by."""
    room.kubectl("create", "configmap", RULES)
    ready = {"standby": "Warm", "progress_deadline": f"{READY_S}s"}
    first = room.model.next("1", replicas=2, pod=NEEDS, **ready)
    room.serve(replace(room.policy, contains=True), first)
    room.command("attest", "1")
    room.wait_until(
        lambda: room.record("1")["standing"] == "KnownGood", "it is good", deadline_s=30
    )
    return first


def is_missed(room: Room) -> None:
    """Return when version 2 serves, and it is said what the other one lacks."""
    lacks = "ReferencedObjectMissing"
    seen = room.wait_for(
        lambda seen: seen.serves("2") and seen.says("KnownGoodAvailable", lacks, true=False),
        "it is missed",
        deadline_s=90,
    )
    found = seen.condition("KnownGoodAvailable")
    assert found is not None
    assert f"ConfigMap {RULES}" in found.message


def is_given_up(room: Room) -> None:
    """Return when nothing is shifted any more, and the incident says so."""
    room.wait_for(lambda seen: seen.phase is Phase.PROBATION, "it is given up", READY_S + 20)
    room.tells_once("NotReturned", "it was not ready in time")
    failed = (ActionType.SHIFT_TO_SHADOW, ActionState.FAILED)
    room.wait_until(
        lambda: failed in [(a.type, a.state) for a in told(room).actions],
        "the incident says so",
        deadline_s=20,
    )


def held(room: Room) -> str:
    """Why nothing is shifted, as the one incident says it; empty while there is none."""
    found = [i.status.actions for i in room.incidents() if i.status and i.status.actions]
    return found[0][-1].result or "" if found and found[0][-1].type is ActionType.HOLD else ""


def running(room: Room) -> dict[str, int]:
    """Pods of each version."""
    return {version: len(room.pods(version)) for version in "12"}
