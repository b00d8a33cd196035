"""What people order while a model serves: they stop it, take things back, and have the last word. Who did is told."""

import json

from e2e.bed import Room, pause, weight
from e2e.bed.chart import NAMESPACE as OPERATOR
from e2e.bed.policy import APPROVALS
from e2e.models.clock import unix_seconds
from knowngood.api.v1alpha1 import CommandResult, Phase, WaitingFor

WITHIN_S = 10
"""What people order takes effect within this time, while requests come in."""


def test_canary_takes_no_step_while_its_model_its_namespace_or_everything_is_frozen(
    room: Room,
) -> None:
    # Given a version that gets more every few seconds
    room.serve(room.policy, room.model)
    with room.load():
        shares = range(10, 90, 10)
        steps = [one for share in shares for one in (weight(share), pause("3s"))]
        room.apply(room.model.next("2", steps=tuple(steps)))
        room.wait_for(lambda seen: seen.applied.get("2", 0) > 0, "it has a share", deadline_s=60)

        for what in (
            ("aimd", room.model.name),
            ("namespace", room.name),
            ("namespace", OPERATOR),
        ):
            # When that is frozen
            room.kubectl("annotate", *what, "knowngood.dev/freeze=night")
            try:
                room.wait_for(
                    lambda seen: seen.says("RolloutsFrozen", "Frozen", true=True),
                    "frozen",
                    WITHIN_S,
                )

                # Then no step follows,
                led = weights(room)
                room.holds(lambda _: weights(room) == led, "the route stays", for_s=8)  # noqa: B023  - at once
                assert max(led) < 100, "the rollout was over before"
            finally:
                room.kubectl("annotate", *what, "knowngood.dev/freeze-")
            # and it goes on when that is over.
            room.wait_until(lambda: weights(room) != led, "it gets more", deadline_s=20)  # noqa: B023  - likewise
        room.wait_for(lambda seen: seen.serves("2"), "it is promoted", deadline_s=90)


def test_promotion_is_undone_by_a_person_who_is_named(room: Room) -> None:
    # Given a version that was promoted
    room.serve(room.policy, room.model)
    with room.load() as load:
        room.apply(room.model.next("2", steps=(weight(50), pause("3s"))))
        seen = room.wait_for(lambda seen: seen.serves("2"), "it is promoted", deadline_s=90)
        assert seen.status.undo is not None
        assert seen.status.undo.command == "undo 2"

        # When somebody takes that back in their own name
        me = json.loads(room.kubectl("auth", "whoami", "-o", "json"))
        name = me["status"]["userInfo"]["username"]
        given = unix_seconds()
        room.command("undo", "2", by=name)

        # Then version 1 answers everybody at once, and it is written down who asked,
        seen = room.wait_for(lambda seen: seen.applied == {"1": 100}, "version 1 is back", WITHIN_S)
        last = seen.status.last_command
        assert last is not None
        assert (last.verb, last.by, last.result) == ("undo", name, CommandResult.DONE)
        # and version 2 is suspect, and not rolled out again by itself.
        seen = room.wait_for(lambda seen: seen.phase is Phase.ROLLED_BACK, "it is over", 30)
        room.holds(lambda seen: seen.applied == {"1": 100}, "it stays so", for_s=4)
        standing = {
            record["spec"]["model"]["version"]: record["status"]["standing"]
            for record in room.find_all("aimodelversions")
        }
        assert standing == {"1": "Probation", "2": "Suspect"}
    last_of_it = load.ledger.last_of("2")
    assert last_of_it is not None
    assert last_of_it.answered_at - given < WITHIN_S


def test_version_is_promoted_by_force_past_the_trigger_that_took_it_back(room: Room) -> None:
    # Given a version that was taken back by a trigger, and goes on as it is
    room.serve(room.policy, room.model)
    with room.load():
        room.apply(room.model.bad("2", steps=(weight(30), pause("5m"))))
        room.wait_for(
            lambda seen: seen.says("Stalled", "VersionRejected", true=True), "it is rejected", 90
        )
        (incident,) = room.wait_until(
            lambda: [i for i in room.incidents() if i.status and i.status.clocks], "an incident", 10
        )

        # When a person has the last word
        room.command("force", "2")

        # Then it is promoted, whatever the trigger says,
        room.wait_for(lambda seen: seen.serves("2"), "it is promoted", deadline_s=60)
        room.holds(lambda seen: seen.serves("2"), "it stays so", for_s=5)
        # and the Event and the incident say what was gone past.
        room.tells_once("CommandDone", APPROVALS)
        room.wait_until(
            lambda: any(
                APPROVALS in entry.text and "force" in entry.text
                for found in room.incidents()
                if found.metadata.name == incident.metadata.name and found.status
                for entry in found.status.timeline
            ),
            "the incident tells of it",
            deadline_s=10,
        )


def test_pause_by_a_person_holds_a_rollout_until_resume(room: Room) -> None:
    # Given a version on its way
    room.serve(room.policy, room.model)
    with room.load():
        room.apply(room.model.next("2", steps=(weight(20), pause("5s"), weight(50), pause("3s"))))
        room.wait_for(lambda seen: seen.applied.get("2") == 20, "it has a share", deadline_s=60)

        # When it is paused
        room.command("pause", "2")

        # Then it stays as it is,
        seen = room.wait_for(
            lambda seen: seen.waits_for is WaitingFor.RESUME, "it is paused", WITHIN_S
        )
        shares = seen.weights
        room.holds(lambda seen: seen.weights == shares, "it keeps its share", for_s=8)
        # and goes on by resume.
        room.command("resume", "2")
        room.wait_for(lambda seen: seen.serves("2"), "it is promoted", deadline_s=90)


def test_weights_that_a_person_sets_are_kept_while_frozen(room: Room) -> None:
    # Given a version that waits for a person, and a freeze
    room.serve(room.policy, room.model)
    with room.load():
        room.apply(room.model.next("2", steps=(weight(50), pause())))
        room.wait_for(lambda seen: seen.waits_for is WaitingFor.PERSON, "it waits", deadline_s=60)
        room.kubectl("annotate", "aimd", room.model.name, "knowngood.dev/freeze=incident next door")
        room.wait_for(
            lambda seen: seen.says("RolloutsFrozen", "Frozen", true=True), "it is frozen", WITHIN_S
        )

        # When somebody sets other weights by hand
        set_by_hand(room, [90, 10])

        # Then they are kept, and it is said how to put them back,
        room.wait_for(
            lambda seen: seen.says("RouteProgrammed", "RouteOverridden", true=False),
            "they are kept",
            WITHIN_S,
        )
        room.holds(lambda _: weights(room) == [90, 10], "they stay", for_s=5)
        room.tells_once("RouteOverridden", "knowngood release")
        # and by that command they are put back.
        room.command("release", "1")
        room.wait_until(lambda: weights(room) == [50, 50], "they are put back", WITHIN_S)


def weights(room: Room) -> list[int]:
    """What the route gives to versions 1 and 2."""
    (route,) = room.find_all("httproutes")
    refs = route["spec"]["rules"][0]["backendRefs"]
    return [ref["weight"] for ref in sorted(refs, key=lambda ref: str(ref["name"]))]


def set_by_hand(room: Room, wanted: list[int]) -> None:
    """Change the weights of versions 1 and 2 as kubectl edit does."""
    (route,) = room.find_all("httproutes")
    refs = route["spec"]["rules"][0]["backendRefs"]
    order = sorted(range(len(refs)), key=lambda i: str(refs[i]["name"]))
    patch = [
        {"op": "replace", "path": f"/spec/rules/0/backendRefs/{i}/weight", "value": weight}
        for i, weight in zip(order, wanted, strict=True)
    ]
    name = route["metadata"]["name"]
    room.kubectl("patch", "httproute", name, "--type=json", "-p", json.dumps(patch))
