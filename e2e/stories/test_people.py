"""What people say to a rollout, and what becomes of it."""

from e2e.bed import Room, Seen, pause, weight
from e2e.bed.policy import APPROVALS
from knowngood.api.v1alpha1 import CommandResult, Phase, WaitingFor


def test_rollout_waits_for_a_person_and_is_promoted_by_annotation(room: Room) -> None:
    # Given a good version that waits for a person, with half of the requests
    room.serve(room.policy, room.model)
    with room.load():
        room.apply(room.model.next("2", steps=(weight(50), pause())))
        room.wait_for(
            lambda seen: seen.says("Reconciling", "AwaitingPromotion", true=True),
            "it waits for a person",
            deadline_s=60,
        )
        room.wait_until(
            lambda: room.metric("knowngood_canary_samples", trigger=APPROVALS),
            "its answers are counted",
            deadline_s=30,
        )

        # When commands are given that are too old, or make no sense
        wrong = {
            "promote 2 2020-01-01T00:00:00Z": "a command is good for 10 minutes",
            "promote": "expected three words, got 1",
            "launch 2 2020-01-01T00:00:00Z-x": "unknown verb 'launch'",
        }
        for command, why in wrong.items():
            room.annotate(command)
            # Then each is refused with an Event that says why, and the rollout waits on.
            is_refused(room, why)
        room.command("promote", "7")
        is_refused(room, "version 7 is not being rolled out")
        room.holds(waits_at_half, "it waits on", for_s=2)

        # When the right one is given
        room.command("promote", "2")

        # Then it is promoted.
        seen = room.wait_for(lambda seen: seen.serves("2"), "it is promoted", deadline_s=60)
        assert seen.status.last_command is not None
        assert seen.status.last_command.result is CommandResult.DONE


def test_aborted_version_is_not_tried_again_until_somebody_says_so(room: Room) -> None:
    # Given a version that was aborted by annotation
    room.serve(room.policy, room.model)
    with room.load():
        second = room.model.next("2", steps=(weight(20), pause()))
        room.apply(second)
        room.wait_for(lambda seen: seen.waits_for is WaitingFor.PERSON, "it waits", deadline_s=60)
        room.command("abort", "2")
        room.wait_for(is_rejected, "it is taken back and rejected", deadline_s=30)
        assert room.incidents() == []

        # When it is applied once more, and the operator starts anew
        room.apply(second)
        room.operator.replace()

        # Then it stays rejected,
        room.holds(is_rejected, "it stays rejected", for_s=4)
        # and is tried again when that is asked for.
        room.command("retry", "2")
        room.wait_for(lambda seen: seen.applied == {"1": 80, "2": 20}, "it is back", deadline_s=60)


def test_first_version_has_nothing_to_go_back_to_and_says_so(room: Room) -> None:
    # Given a model with one version
    room.serve(room.policy, room.model)
    with room.load():
        assert room.seen().says("KnownGoodAvailable", "OnlyOneVersion", true=False)

        # When somebody wants to go back
        room.command("rollback", "1")

        # Then that is refused with a reason,
        is_refused(room, "there is nothing to go back to")
        room.command("abort", "1")
        is_refused(room, "version 1 is not being rolled out")
        # and the version serves on.
        seen = room.seen()
        assert seen.serves("1")
        assert seen.says("Ready", "Serving", true=True)


def is_refused(room: Room, why: str) -> None:
    """An Event refuses a command for a reason."""
    room.wait_until(
        lambda: any(why in event.note for event in room.told("CommandRefused")),
        f"a command is refused: {why}",
        deadline_s=15,
    )


def waits_at_half(seen: Seen) -> bool:
    return seen.phase is Phase.PAUSED and seen.weights == {"1": 50, "2": 50}


def is_rejected(seen: Seen) -> bool:
    return (
        seen.phase is Phase.ROLLED_BACK
        and seen.applied == {"1": 100}
        and seen.says("Stalled", "VersionRejected", true=True)
    )


def test_frozen_namespace_holds_a_rollout_until_it_is_thawed(room: Room) -> None:
    # Given a version on its way
    room.serve(room.policy, room.model)
    with room.load():
        room.apply(room.model.next("2", steps=(weight(20), pause("5s"), weight(50), pause("3s"))))
        room.wait_for(lambda seen: seen.applied.get("2") == 20, "it has a share", deadline_s=60)

        # When its namespace is frozen
        room.kubectl("annotate", "namespace", room.name, "knowngood.dev/freeze=quarter end")

        # Then it goes no further, says so, and nobody can push it,
        room.wait_for(
            lambda seen: seen.says("RolloutsFrozen", "Frozen", true=True), "it is frozen", 10
        )
        room.holds(lambda seen: seen.applied.get("2") == 20, "it keeps its share", for_s=8)
        room.command("promote", "2")
        is_refused(room, "quarter end")
        # and it goes on as soon as it is thawed.
        room.kubectl("annotate", "namespace", room.name, "knowngood.dev/freeze-")
        seen = room.wait_for(lambda seen: seen.serves("2"), "it is promoted", deadline_s=90)
        assert seen.condition("RolloutsFrozen") is None


def test_model_is_scaled_in_the_middle_of_a_rollout(room: Room) -> None:
    # Given a version that waits for a person, with half of the requests
    room.serve(room.policy, room.model)
    with room.load():
        room.apply(room.model.next("2", steps=(weight(50), pause())))
        room.wait_for(waits_at_half, "it has its share", deadline_s=60)

        # When the model is scaled, as an autoscaler does it
        room.kubectl("scale", "aimd", "loan", "--replicas=2")

        # Then the stable version follows at once, while the rollout is where it was, and it goes on from there,
        seen = room.wait_for(lambda seen: seen.status.replicas == 2, "two pods are ready", 60)
        assert seen.stable == "1"
        assert waits_at_half(seen)
        room.command("promote", "2")
        seen = room.wait_for(lambda seen: seen.serves("2"), "it is promoted", deadline_s=90)
        # and what answers afterwards has the new size, and is what the autoscaler looks at.
        assert seen.status.replicas == 2
        assert seen.status.selector == "knowngood.dev/model=loan,knowngood.dev/version=2"
