"""Others scale a model and evict its pods while a version is rolled out."""

import json

import pytest

from e2e.bed import Room, pause, weight
from e2e.bed.loan import Json
from e2e.cluster.errors import KubectlFailed
from knowngood.api.v1alpha1 import WaitingFor
from knowngood.decisions.naming import MODEL_LABEL, VERSION_LABEL, child_name

_LOOK_S = 120


def test_autoscaler_scales_a_model_during_a_shift(room: Room) -> None:
    # Given a real autoscaler for a model, which its bounds drive: this cluster has no metrics
    room.serve(room.policy, room.model)
    room.apply(autoscaler(room, 1))
    with room.load():
        room.apply(room.model.next("2", steps=(weight(50), pause())))
        room.wait_for(lambda seen: seen.waits_for is WaitingFor.PERSON, "it waits", deadline_s=60)
        room.wait_until(lambda: len(room.pods("2")) == 1, "one pod for half of it", deadline_s=10)

        # When it wants more pods in the middle of a rollout
        room.apply(autoscaler(room, 4))

        # Then both versions follow in proportion, and no share moves;
        room.wait_until(lambda: ready(room) == {"1": 4, "2": 2}, "4 and 2 pods", deadline_s=60)
        seen = room.seen()
        assert seen.weights == seen.applied == {"1": 50, "2": 50}
        room.wait_for(lambda seen: seen.status.replicas == 4, "the scale says 4", deadline_s=10)

        # and when it wants fewer while version 2 is promoted, both keep what their share needs,
        room.command("promote", "2")
        room.apply(autoscaler(room, 2))
        for seen in room.follow(_LOOK_S):
            assert sum(seen.weights.values()) == 100
            assert all(0 <= share <= 100 for share in seen.weights.values())
            if seen.stable == "1":
                assert wanted(room, "1") >= 2, "the fallback is as large as all requests need"
            if seen.serves("2"):
                break
        # until the new one carries everything alone.
        room.wait_for(lambda seen: seen.serves("2"), "version 2 serves", deadline_s=60)
        room.wait_until(lambda: ready(room)["2"] == 2, "2 pods", deadline_s=60)
    hpa = room.find("horizontalpodautoscalers", "loan")
    assert hpa is not None
    assert hpa["status"]["desiredReplicas"] == 2


def test_disruption_budget_holds_during_a_rollout_and_the_rollout_ends(room: Room) -> None:
    # Given a budget for all pods of a model
    room.serve(room.policy, room.model.next("1", replicas=2))
    room.apply(budget(room, "all", 3, {MODEL_LABEL: "loan"}))
    with room.load():
        room.apply(room.model.next("2", replicas=2, steps=(weight(30), pause())))
        room.wait_for(lambda seen: seen.waits_for is WaitingFor.PERSON, "it waits", deadline_s=60)
        room.wait_until(lambda: healthy(room, "all") == 3, "3 pods are counted", deadline_s=20)

        # When pods are evicted, as a drain does
        for version in ("1", "2"):
            with pytest.raises(KubectlFailed, match="disruption budget"):
                evict(room, version)

        # Then it is refused while it would break it, also for a canary's pod;
        room.kubectl("delete", "pdb", "all")
        room.apply(budget(room, "first", 1, {MODEL_LABEL: "loan", VERSION_LABEL: "1"}))
        room.wait_until(lambda: healthy(room, "first") == 2, "2 pods are counted", deadline_s=20)
        gone = evict(room, "1")
        room.wait_until(
            lambda: gone not in names(room, "1") and ready(room)["1"] == 2,
            "another pod has taken its place",
            deadline_s=60,
        )

        # and the rollout ends all the same.
        room.command("promote", "2")
        room.wait_for(lambda seen: seen.serves("2"), "version 2 serves", deadline_s=90)
        room.wait_until(lambda: not room.pods("1"), "version 1 has no pods", deadline_s=90)


def autoscaler(room: Room, least: int) -> Json:
    """A HorizontalPodAutoscaler of the model that wants so many pods: at least, and at most."""
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "loan", "namespace": room.name},
        "spec": {
            "scaleTargetRef": {
                "apiVersion": "knowngood.dev/v1alpha1",
                "kind": "AIModelDeployment",
                "name": room.model.name,
            },
            "minReplicas": least,
            "maxReplicas": least,
        },
    }


def budget(room: Room, name: str, least: int, labels: dict[str, str]) -> Json:
    """A PodDisruptionBudget of a user."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "namespace": room.name},
        "spec": {"minAvailable": least, "selector": {"matchLabels": labels}},
    }


def evict(room: Room, version: str) -> str:
    """Evict one pod, as `kubectl drain` asks for it, and return its name."""
    name = names(room, version)[0]
    meta = {"name": name, "namespace": room.name}
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": meta}
    path = f"/api/v1/namespaces/{room.name}/pods/{name}/eviction"
    room.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(body))
    return name


def names(room: Room, version: str) -> list[str]:
    """Names of a version's pods."""
    return [str(pod["metadata"]["name"]) for pod in room.pods(version)]


def healthy(room: Room, name: str) -> int:
    """Pods that a budget counts as healthy."""
    found = room.find("poddisruptionbudgets", name) or {}
    return int((found.get("status") or {}).get("currentHealthy") or 0)


def ready(room: Room) -> dict[str, int]:
    """Pods that are ready, by version."""
    counts = {}
    for version in ("1", "2"):
        conditions = [c for pod in room.pods(version) for c in pod["status"].get("conditions", ())]
        counts[version] = sum(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
    return counts


def wanted(room: Room, version: str) -> int:
    """Pods that a version's Deployment asks for."""
    found = room.find("deployments", child_name(room.model.name, version))
    assert found is not None
    return int(found["spec"]["replicas"])
