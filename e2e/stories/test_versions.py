"""What a version means and needs, and the way back to one that is known good."""

import pytest

from e2e.bed import Bed, Room
from e2e.models.image import loan_model
from knowngood.api.v1alpha1 import Phase
from knowngood.decisions.naming import child_name


def test_known_good_version_stands_by_and_is_back_at_once(room: Room) -> None:
    # Given a known good version that another one has replaced
    first = room.model.next("1", standby="Warm")
    room.serve(room.policy, first)
    room.call_good("1")
    with room.load() as load:
        room.apply(first.next("2"))
        seen = room.wait_for(lambda seen: seen.serves("2"), "version 2 serves", deadline_s=90)
        assert seen.status.versions is not None
        assert seen.status.versions.shadow == "1"
        room.wait_for(lambda seen: not seen.status.draining, "nothing drains", deadline_s=60)
        assert seen.says("KnownGoodAvailable", "StandsBy", true=True)
        assert len(room.pods("1")) == 1
        steps = len(room.told("WeightSet"))

        # When the spec goes back to it
        room.apply(first)

        # Then it answers everybody again without a step, as good as before, and no request is lost.
        room.wait_for(lambda seen: seen.serves("1"), "version 1 serves again", deadline_s=60)
        assert len(room.told("WeightSet")) == steps
        room.tells_once("ReturnStarted")
        assert room.record("1")["standing"] == "KnownGood"
        assert room.record("2")["standing"] == "Retired"
    assert load.ledger.last_of("1") is not None


def test_version_does_not_start_without_what_its_pods_need(room: Room) -> None:
    # Given a model that serves
    room.serve(room.policy, room.model)

    # When a version is wanted whose ConfigMap is not there
    needs = {"volumes": [{"name": "rules", "configMap": {"name": "rules-7f3a"}}]}
    room.apply(room.model.next("2", pod=needs))

    # Then it does not start, and people are told what is missing and which field names it;
    seen = room.wait_for(
        lambda seen: seen.says("Stalled", "ReferencedObjectMissing", true=True),
        "it is stalled",
        deadline_s=20,
    )
    stalled = seen.condition("Stalled")
    assert stalled is not None
    where = "spec.serving.deployment.template.spec.volumes[0].configMap.name"
    assert f"ConfigMap rules-7f3a ({where})" in stalled.message
    room.holds(lambda seen: seen.phase is Phase.PROBATION, "version 1 serves", for_s=5)
    assert room.pods("2") == []

    # and it starts by itself when it is there.
    room.kubectl("create", "configmap", "rules-7f3a")
    room.wait_for(lambda seen: seen.phase is Phase.PROGRESSING, "it starts", deadline_s=40)


@pytest.mark.usefixtures("ours")
def test_moved_tag_makes_a_known_good_version_suspect(bed: Bed, room: Room) -> None:
    # Given a known good version whose image is named by a tag
    model, moved = loan_model(), f"knowngood/loan-model:{room.name}"
    bed.cluster.set_image(moved, model.argv, model.env)
    first = room.model.next("1", image=moved, replicas=2)
    room.serve(room.policy, first)
    room.call_good("1")
    judged = room.record("1")["observed"]["judgedImageIDs"]
    assert [entry.startswith(f"model={moved}@sha256:") for entry in judged] == [True]

    # When the tag is moved, and a pod is made anew
    bed.cluster.set_image(moved, model.argv, {**model.env, "MOVED": "yes"})
    room.kubectl("delete", "pod", room.pods("1")[0]["metadata"]["name"], "--wait=false")

    # Then people are told once, and nobody takes it for known good any more; it goes on serving.
    room.wait_until(
        lambda: room.record("1")["standing"] == "Suspect", "version 1 is suspect", deadline_s=30
    )
    seen = room.wait_for(
        lambda seen: seen.says("KnownGoodAvailable", "ContentChanged", true=False), "it says so", 10
    )
    assert seen.says("Available", "Serving", true=True)
    room.tells_once("ContentChanged")
    conditions = {c["type"]: c["reason"] for c in room.record("1")["conditions"]}
    assert conditions == {"KnownGood": "ContentChanged", "Ready": "ContentChanged"}
    assert room.find("deployments", child_name("loan", "1")) is not None
