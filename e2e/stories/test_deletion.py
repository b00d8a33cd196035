"""What is deleted while nobody, or somebody, looks after it: users are answered as long as they can be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.bed import Bed, Room, holds
from e2e.cluster.errors import KubectlFailed

pytestmark = pytest.mark.usefixtures("ours")

KIND = "customresourcedefinition/aimodeldeployments.knowngood.dev"
KINDS = Path(__file__).parents[2] / "charts/knowngood/crds"
SEEN_S = 8.0
"""For how long users are seen to be answered: the garbage collector is much faster."""


@pytest.mark.parametrize("cascade", ["background", "foreground"])
def test_model_that_is_deleted_with_no_operator_serves_until_one_takes_it_apart(
    room: Room, cascade: str
) -> None:
    # Given a model that serves
    room.serve(room.policy, room.model)
    with room.operator.scaled(0):
        with room.load():
            # When it is deleted with no operator there
            room.kubectl("delete", "aimd", room.model.name, f"--cascade={cascade}", "--wait=false")

            # Then it waits, and serves; no request is lost,
            holds(lambda: serves(room), "the model serves", for_s=SEEN_S, diagnose=room.diagnosis)
        assert room.seen().exists
    # and once there is an operator again everything goes, the route before the pods.
    room.wait_until(lambda: is_gone(room), "nothing of the model is left", deadline_s=60)
    deleted = [
        write.resource
        for write in room.operator.writes()
        if write.namespace == room.name and write.verb == "delete" and write.accepted
    ]
    assert deleted.index("httproutes") < deleted.index("deployments")


@pytest.fixture
def kinds(bed: Bed) -> Iterator[None]:
    """Whatever a story does to our kinds, the next one finds them all, and an operator that knows them."""
    yield
    restore(bed)
    bed.operator.replace()


@pytest.mark.usefixtures("kinds")
def test_kind_that_is_deleted_takes_no_request_from_users_who_are_to_be_served(
    bed: Bed, room: Room
) -> None:
    # Given a model that serves
    room.serve(room.policy, room.model)
    with room.load():
        # When somebody deletes the kind itself, then it is refused.
        with pytest.raises(KubectlFailed, match="may-be-deleted=true"):
            bed.cluster.kubectl("delete", KIND)
        assert room.seen().serves("1")

        # When it is meant, and the model's pods and route are to stay
        room.kubectl(
            "patch",
            "aimd",
            room.model.name,
            "--type=merge",
            '-p={"spec":{"deletionPolicy":"Orphan"}}',
        )
        room.wait_for(
            lambda seen: seen.serves("1") and seen.status.observed_generation == 2, "it is seen", 20
        )
        bed.cluster.kubectl("annotate", KIND, "knowngood.dev/may-be-deleted=true")
        bed.cluster.kubectl("delete", KIND, "--timeout=60s")

        # Then users are answered with no model there,
        holds(lambda: serves(room), "the pods serve", for_s=SEEN_S, diagnose=bed.operator.log)

        # and once the kind and the model are back it is looked after again, and no request was lost.
        restore(bed)
        room.apply(room.model)
        room.wait_for(lambda seen: seen.serves("1"), "the model is taken over", deadline_s=120)


def serves(room: Room) -> bool:
    """Say whether the model's route and its pods are there."""
    return bool(room.find("httproutes", room.model.name) and room.pods("1"))


def is_gone(room: Room) -> bool:
    """Say whether nothing of the model is left."""
    left = room.find("httproutes", room.model.name) or room.find_all("deployments")
    return not left and not room.seen().exists


def restore(bed: Bed) -> None:
    """Put our kinds back, as an upgrade does."""
    bed.cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(KINDS))
    bed.cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", str(KINDS))
