"""What people get wrong in a manifest, and what they are told."""

import json
from typing import Any

from e2e.bed import Room, pause, weight
from e2e.bed.loan import route
from e2e.stories.gateways import ON_BOTH_GATEWAYS
from knowngood.api.v1alpha1 import Phase, WaitingFor


def test_bad_template_is_stalled_with_the_words_of_the_api_server(room: Room) -> None:
    # Given a model whose first version answers users
    room.serve(room.policy, room.model)
    with room.load():
        # When a version is asked for whose template the API server would not take
        room.apply(room.model.next("2", container={"imagePullPolicy": "Sometimes"}))

        # Then the reason is what the API server says about it,
        seen = room.wait_for(
            lambda seen: seen.says("Stalled", "TemplateInvalid", true=True), "it is stalled", 30
        )
        stalled = seen.condition("Stalled")
        assert stalled is not None
        assert "imagePullPolicy" in stalled.message
        assert 'Unsupported value: "Sometimes"' in stalled.message
        assert seen.weights == {"1": 100}
        assert not room.pods("2")
        # and the next version is rolled out as if nothing had been.
        room.apply(room.model.next("3", steps=(weight(20), pause())))
        room.wait_for(lambda seen: seen.applied == {"1": 80, "3": 20}, "version 3 is tried", 60)


def test_version_never_changes_its_meaning(room: Room) -> None:
    # Given a version that was tried and given up
    room.serve(room.policy, room.model)
    with room.load() as load:
        second = room.model.next("2", steps=(weight(20), pause()))
        room.apply(second)
        room.wait_for(lambda seen: seen.waits_for is WaitingFor.PERSON, "it waits", 60)
        room.apply(room.model)
        room.wait_for(lambda seen: seen.serves("1"), "version 1 serves alone", 60)

        # When another model is given its name
        room.apply(room.model.next("2", kind="boosted", steps=second.steps))

        # Then that is refused, with a name that would do, and users are served as before.
        seen = room.wait_for(
            lambda seen: seen.says("Stalled", "VersionMeaningChanged", true=True), "it stalls", 30
        )
        stalled = seen.condition("Stalled")
        assert stalled is not None
        assert '"2-r2"' in stalled.message
        assert seen.weights == {"1": 100}
        assert seen.says("Available", "Serving", true=True)
    assert load.ledger.first_of("2") is not None


def test_route_of_somebody_else_is_never_touched(room: Room) -> None:
    # Given somebody's own route, which has the name that the model's route would get
    theirs = room.model.next("0").workload("theirs")
    room.apply(*theirs, route(room.name, room.model.name, room.host, "theirs"))
    room.wait_until(lambda: room.answering_version() == "0", "their model answers", deadline_s=60)
    before = identity(room.find("httproutes", room.model.name))
    with room.load() as load:
        # When the model is applied
        room.apply(room.policy, room.model)

        # Then it stalls, and says whose name it would have taken,
        seen = room.wait_for(
            lambda seen: seen.says("Stalled", "Claimed", true=True), "it stalls", 30
        )
        assert seen.phase is Phase.PENDING
        stalled = seen.condition("Stalled")
        assert stalled is not None
        assert f"HTTPRoute {room.model.name} exists" in stalled.message
        # and the route is what it was, also when the model is given up.
        assert identity(room.find("httproutes", room.model.name)) == before
        room.kubectl("delete", "aimd", room.model.name, "--timeout=60s")
        assert identity(room.find("httproutes", room.model.name)) == before
    assert set(load.ledger.tallies()) == {"0"}


@ON_BOTH_GATEWAYS
def test_shares_that_somebody_edits_in_the_route_are_put_back(room: Room) -> None:
    # Given a version with a small share of the requests
    room.serve(room.policy, room.model)
    with room.load() as load:
        room.apply(room.model.next("2", steps=(weight(20), pause())))
        room.wait_for(lambda seen: seen.waits_for is WaitingFor.PERSON, "it waits", deadline_s=60)
        room.wait_until(lambda: load.ledger.first_of("2"), "it answers", deadline_s=20)
        asked_for = backends(room)

        # When somebody gives it all of them by hand
        theirs = [{**ref, "weight": 100 - ref["weight"]} for ref in asked_for]
        change = [{"op": "replace", "path": "/spec/rules/0/backendRefs", "value": theirs}]
        room.kubectl("patch", "httproute", "loan", "--type=json", "-p", json.dumps(change))

        # Then the shares are put back, it is told, and no request is lost over it.
        room.wait_until(lambda: backends(room) == asked_for, "they are put back", deadline_s=20)
        room.wait_until(lambda: room.told("RouteDrifted"), "it is told", deadline_s=20)
        room.wait_for(lambda seen: seen.applied == {"1": 80, "2": 20}, "it is so", deadline_s=20)


def backends(room: Room) -> Any:
    """Where the route of the model leads, in its only rule."""
    found = room.find("httproutes", "loan")
    assert found is not None
    return found["spec"]["rules"][0]["backendRefs"]


def identity(body: dict[str, Any] | None) -> Any:
    """What nobody but its owner may change in a route."""
    assert body is not None
    meta = body["metadata"]
    kept = ("uid", "generation", "labels", "annotations", "ownerReferences", "finalizers")
    return {key: meta.get(key) for key in kept}, body["spec"]
