import contextlib
import re
from pathlib import Path

import pytest
import requests

from e2e.cluster.errors import ClusterError
from tests.cluster.pods import Json, Pods, eventually, is_ready

OFTEN = {"periodSeconds": 1, "failureThreshold": 1}


def test_pods_have_addresses_and_ports_of_their_own(pods: Pods) -> None:
    pods.run("one")
    pods.run("two")

    one, two = pods.ready("one")["status"]["podIP"], pods.ready("two")["status"]["podIP"]

    assert one != two
    assert pods.ask(name="one")["env"]["HOSTNAME"] == "one"
    assert pods.ask(name="two")["env"]["HOSTNAME"] == "two"


def test_readiness_decides_who_is_in_the_endpoints(pods: Pods) -> None:
    pods.apply(service("pod"))
    pods.run(
        ports=[{"name": "web", "containerPort": 8080}],
        readinessProbe={"httpGet": {"path": "/ready", "port": "web"}, **OFTEN},
        env=[{"name": "START_UNREADY", "value": "1"}],
    )
    pods.container("pod", lambda status: "running" in status["state"])
    eventually(pods.output, lambda output: '"GET /ready HTTP/1.1" 503' in output)
    assert not is_ready(pods.get())
    assert serving(pods) == []

    pods.ask("/set", ready="true")
    address = pods.ready()["status"]["podIP"]
    assert eventually(lambda: serving(pods), bool) == [address]

    pods.ask("/set", ready="false")
    assert eventually(lambda: serving(pods), lambda found: not found) == []
    assert pods.get()["status"]["containerStatuses"][0]["restartCount"] == 0


def test_tcp_readiness_needs_an_open_port(pods: Pods) -> None:
    pods.run("open", readinessProbe={"tcpSocket": {"port": 8080}, **OFTEN})
    pods.run("shut", readinessProbe={"tcpSocket": {"port": 9}, **OFTEN})

    pods.ready("open")

    pods.container("shut", lambda status: status["started"])
    assert not is_ready(pods.get("shut"))


def test_failed_liveness_restarts_the_container(pods: Pods) -> None:
    pods.run(livenessProbe={"httpGet": {"path": "/live", "port": 8080}, **OFTEN})
    pods.ready()
    eventually(pods.output, lambda output: '"GET /live HTTP/1.1" 200' in output)

    pods.ask("/set", live="false")

    pods.container("pod", lambda status: status["restartCount"] == 1 and status["ready"])


def test_startup_probe_holds_the_others_off(pods: Pods) -> None:
    pods.run(
        startupProbe={"httpGet": {"path": "/ready", "port": 8080}, "failureThreshold": 30},
        livenessProbe={"httpGet": {"path": "/live", "port": 8080}, **OFTEN},
        env=[{"name": "START_UNREADY", "value": "1"}],
    )
    eventually(pods.output, lambda output: output.count('"GET /ready HTTP/1.1" 503') > 10)
    assert "/live" not in pods.output()
    assert not is_ready(pods.get())

    pods.ask("/set", ready="true")

    pods.ready()
    eventually(pods.output, lambda output: "/live" in output)


@pytest.mark.parametrize(
    ("policy", "code", "phase", "reason"),
    [
        pytest.param("Never", 0, "Succeeded", "Completed", id="success"),
        pytest.param("Never", 3, "Failed", "Error", id="failure"),
        pytest.param("OnFailure", 0, "Succeeded", "Completed", id="success-needs-no-restart"),
    ],
)
def test_a_pod_that_may_end_reports_how(
    pods: Pods, policy: str, code: int, phase: str, reason: str
) -> None:
    pods.run(spec={"restartPolicy": policy}, command=["/bin/sh", "-c", f"exit {code}"])

    status = pods.container("pod", lambda status: "terminated" in status["state"])

    ended = status["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (code, reason)
    assert pods.get()["status"]["phase"] == phase


def test_crashes_are_restarted_with_back_off(pods: Pods) -> None:
    pods.run(command=["/bin/sh", "-c", "echo run; exit 7"])

    status = pods.container(
        "pod", lambda status: status["restartCount"] >= 1 and "waiting" in status["state"]
    )

    assert status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert status["lastState"]["terminated"]["exitCode"] == 7
    assert pods.output().startswith("run\nrun\n")


def test_killed_pod_is_back_after_one_restart(pods: Pods) -> None:
    pods.run(readinessProbe={"httpGet": {"path": "/ready", "port": 8080}, **OFTEN})
    pods.ready()
    before = pods.ask()["pid"]

    pods.cluster.kill_pod(pods.namespace, "pod")

    status = pods.container("pod", lambda status: status["restartCount"] == 1 and status["ready"])
    assert status["lastState"]["terminated"]["exitCode"] == 137
    assert pods.ask()["pid"] != before


def test_pod_that_is_killed_again_and_again_and_excused_starts_again_at_once(pods: Pods) -> None:
    def back(restarts: int) -> None:
        pods.container("pod", lambda status: status["restartCount"] == restarts and status["ready"])

    pods.run(readinessProbe={"httpGet": {"path": "/ready", "port": 8080}, **OFTEN})
    # The back-off before the last one would be longer than the wait for it.
    for restarts in range(6):
        back(restarts)
        pods.cluster.kill_pod(pods.namespace, "pod", excused=True)
    back(6)


def test_killing_a_pod_that_does_not_exist_is_an_error(pods: Pods) -> None:
    with pytest.raises(ClusterError, match="nobody"):
        pods.cluster.kill_pod(pods.namespace, "nobody")


def test_deleted_pod_is_unready_for_a_second_before_it_is_told_to_stop(pods: Pods) -> None:
    pods.kubectl("create", "role", "reads-pods", "--verb=get", "--resource=pods")
    subject = f"--serviceaccount={pods.namespace}:default"
    pods.kubectl("create", "rolebinding", "reads-pods", "--role=reads-pods", subject)
    pods.run(env=[{"name": "READ_ON_STOP", "value": path_of(pods)}])
    pods.ready()

    pods.kubectl("delete", "pod", "pod", "--timeout=20s")

    unready = re.search(r"told to stop, unready for (\S+) s", pods.output())
    assert unready
    assert float(unready[1]) >= 1  # since a time that the API server has rounded down


def test_pod_that_will_not_stop_is_killed_when_its_grace_is_over(pods: Pods) -> None:
    pods.run(env=[{"name": "STUBBORN", "value": "1"}], spec={"terminationGracePeriodSeconds": 2})
    address = pods.ready()["status"]["podIP"]

    pods.kubectl("delete", "pod", "pod", "--timeout=20s")

    assert "told to stop" in pods.output()
    assert pods.get() == {}
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{address}:8080/", timeout=1)


def test_what_a_pod_started_ends_with_it_even_in_a_session_of_its_own(pods: Pods) -> None:
    marker = f"86{pods.namespace.removeprefix('test-')}399"
    pods.run(command=["/bin/sh", "-c", f"setsid sleep {marker} & exec sleep 1000"])
    pods.ready()
    eventually(lambda: processes_with(marker), bool)

    pods.kubectl("delete", "pod", "pod", "--timeout=20s")

    assert processes_with(marker) == []


def test_what_a_container_started_ends_with_the_container(pods: Pods) -> None:
    marker = f"87{pods.namespace.removeprefix('test-')}399"
    script = f"sleep {marker} & sleep 0.2; exit 3"
    pods.run(spec={"restartPolicy": "Never"}, command=["/bin/sh", "-c", script])

    pods.container("pod", lambda status: "terminated" in status["state"])

    eventually(lambda: processes_with(marker), lambda found: not found)


def test_a_pod_deleted_by_force_makes_room_for_another_of_its_name(pods: Pods) -> None:
    pods.run()
    old = pods.ready()
    pods.kubectl("delete", "pod", "pod", "--force", "--grace-period=0")

    pods.run()

    assert pods.ready()["metadata"]["uid"] != old["metadata"]["uid"]
    assert pods.ask()["argv"] == ["8080"]
    eventually(lambda: listens(old["status"]["podIP"]), lambda open_port: not open_port)


def listens(address: str) -> bool:
    try:
        requests.get(f"http://{address}:8080/", timeout=1)
    except requests.RequestException:
        return False
    return True


def service(app: str) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": app},
        "spec": {"selector": {"app": app}, "ports": [{"port": 80, "targetPort": 8080}]},
    }


def path_of(pods: Pods) -> str:
    return f"/api/v1/namespaces/{pods.namespace}/pods/pod"


def serving(pods: Pods) -> list[str]:
    """Return the addresses that the service sends requests to."""
    path = "jsonpath={.items[*].endpoints[?(@.conditions.ready==true)].addresses[*]}"
    return pods.kubectl("get", "endpointslices", "-o", path).split()


def processes_with(argument: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if argument.encode() in (process / "cmdline").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return found
