"""A model at rest, and the end of a model."""

from e2e.bed import Bed, Room, pause, weight
from e2e.bed.stillness import Still
from knowngood.api.v1alpha1 import WaitingFor

_OBJECTS = "deployments,services,httproutes,aimodelversions,aimodeldeployments"


def test_operator_at_rest_writes_nothing(bed: Bed, room: Room) -> None:
    # Given two versions under load, one of which waits for a person, and nothing else to do
    bed.clear()
    room.serve(room.policy, room.model)
    with room.load():
        room.apply(room.model.next("2", steps=(weight(30), pause())))
        room.wait_for(lambda seen: seen.waits_for is WaitingFor.PERSON, "it waits", deadline_s=60)

        # When time passes
        looks = room.operator.metric("knowngood_tick_seconds_count")
        assert looks
        still = Still(lambda: room.operator.metric("knowngood_api_requests", kind="write"))
        room.wait_until(
            lambda: still.last is not None and still.seconds() > 20,
            "20 s without a write",
            deadline_s=80,
        )

        # Then nothing was written, although the signals were read all the time.
        now = room.operator.metric("knowngood_tick_seconds_count")
        assert now
        assert now > looks + 10


def test_deleted_model_takes_everything_of_it_away(room: Room) -> None:
    # Given a model in the middle of a rollout
    room.serve(room.policy, room.model)
    with room.load():
        room.apply(room.model.next("2", steps=(weight(30), pause())))
        room.wait_for(lambda seen: seen.waits_for is WaitingFor.PERSON, "it waits", deadline_s=60)
    assert len(room.find_all("httproutes")) == 1

    # When it is deleted
    room.kubectl("delete", "aimd", room.model.name, "--timeout=60s")

    # Then its pods, Services, route and records go.
    room.wait_until(
        lambda: not room.kubectl("get", _OBJECTS, "-o", "name").strip(),
        "nothing of the model is left",
        deadline_s=60,
    )
    room.wait_until(
        lambda: not room.pods("1") and not room.pods("2"), "its pods are gone", deadline_s=60
    )
