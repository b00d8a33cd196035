"""What can be done to a pod that no manifest asks for."""

import sys

import pytest
import requests

from e2e.cluster.errors import ClusterError
from tests.cluster import in_pod
from tests.cluster.pods import Pods, eventually

OFTEN = {"periodSeconds": 1, "failureThreshold": 1}


def test_paused_pod_stands_still_and_goes_on_as_the_same_process(pods: Pods) -> None:
    for name in ("paused", "probed"):
        pods.run(name, livenessProbe={"httpGet": {"path": "/live", "port": 8080}, **OFTEN})
        pods.ready(name)
    before = pods.ask(name="paused")["pid"]

    pods.cluster.pause_pod(pods.namespace, "paused")

    assert not answers(pods, "paused")
    # Another one that fails as often is restarted meanwhile.
    pods.ask("/set", name="probed", live="false")
    pods.container("probed", lambda status: status["restartCount"] == 1 and status["ready"])
    assert not answers(pods, "paused")

    pods.cluster.resume_pod(pods.namespace, "paused")

    assert pods.ask(name="paused")["pid"] == before
    pods.ready("paused")
    assert pods.get("paused")["status"]["containerStatuses"][0]["restartCount"] == 0


def test_a_pod_that_is_killed_while_it_is_paused_is_probed_again(pods: Pods) -> None:
    pods.run(livenessProbe={"httpGet": {"path": "/live", "port": 8080}, **OFTEN})
    pods.ready()
    pods.cluster.pause_pod(pods.namespace, "pod")

    pods.cluster.kill_pod(pods.namespace, "pod")
    pods.container("pod", lambda status: status["restartCount"] == 1 and status["ready"])
    pods.ask("/set", live="false")

    pods.container("pod", lambda status: status["restartCount"] == 2)


def test_pod_that_is_cut_off_reaches_everybody_but_the_api_server(pods: Pods) -> None:
    pods.run("cut", livenessProbe={"httpGet": {"path": "/live", "port": 8080}, **OFTEN})
    pods.run("other")
    for name in ("cut", "other"):
        pods.ready(name)
        assert reaches_api(pods, name)

    pods.cluster.cut_pod_off(pods.namespace, "cut")

    assert not reaches_api(pods, "cut")
    assert reaches_api(pods, "other")
    assert answers(pods, "cut")
    assert pods.get("cut")["status"]["containerStatuses"][0]["restartCount"] == 0

    pods.cluster.reconnect_pod(pods.namespace, "cut")

    assert reaches_api(pods, "cut")


def test_a_connection_that_was_open_is_cut_too(pods: Pods) -> None:
    """In both directions: what the server sends does not arrive either."""
    pods.kubectl("create", "role", "reads", "--verb=watch", "--resource=configmaps")
    pods.kubectl(
        "create",
        "rolebinding",
        "reads",
        "--role=reads",
        f"--serviceaccount={pods.namespace}:default",
    )
    watching = f"/api/v1/namespaces/{pods.namespace}/configmaps?watch=1"
    command = [sys.executable, in_pod.__file__, "GET", watching]
    pods.run("watcher", spec={"restartPolicy": "Never"}, image="x", command=command)
    eventually(lambda: pods.output("watcher"), lambda output: "kube-root-ca.crt" in output)

    pods.cluster.cut_pod_off(pods.namespace, "watcher")
    pods.kubectl("create", "configmap", "late")
    pods.run("other")
    pods.ready("other")  # as much time as a whole pod takes
    assert "late" not in pods.output("watcher")

    pods.cluster.reconnect_pod(pods.namespace, "watcher")
    eventually(lambda: pods.output("watcher"), lambda output: "late" in output)


def test_what_is_not_so_cannot_be_undone(pods: Pods) -> None:
    pods.run()
    pods.ready()

    with pytest.raises(ClusterError, match="resume"):
        pods.cluster.resume_pod(pods.namespace, "pod")
    with pytest.raises(ClusterError, match="reconnect"):
        pods.cluster.reconnect_pod(pods.namespace, "pod")
    with pytest.raises(ClusterError, match="nobody"):
        pods.cluster.pause_pod(pods.namespace, "nobody")
    pods.cluster.cut_pod_off(pods.namespace, "pod")
    with pytest.raises(ClusterError, match="cut-off"):
        pods.cluster.cut_pod_off(pods.namespace, "pod")


def answers(pods: Pods, name: str) -> bool:
    address = pods.get(name)["status"]["podIP"]
    try:
        return requests.get(f"http://{address}:8080/", timeout=1).ok
    except requests.RequestException:
        return False


def reaches_api(pods: Pods, name: str) -> bool:
    try:
        return bool(pods.ask("/api", name=name, path="/api") == 200)
    except requests.RequestException:
        return False
