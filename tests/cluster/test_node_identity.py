from pathlib import Path

from e2e.cluster.errors import KubectlFailed
from tests.cluster import served_by_pods
from tests.cluster.pods import Json, Pods, config_map, eventually

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def test_a_pod_has_the_rights_of_its_account_and_no_others(pods: Pods) -> None:
    pods.kubectl("create", "serviceaccount", "reader")
    pods.kubectl("create", "role", "reads-config", "--verb=list", "--resource=configmaps")
    subject = f"--serviceaccount={pods.namespace}:reader"
    pods.kubectl("create", "rolebinding", "reader", "--role=reads-config", subject)
    pods.run("reader", spec={"serviceAccountName": "reader"})
    pods.run("plain")
    pods.ready("reader")
    pods.ready("plain")

    config_maps = f"/api/v1/namespaces/{pods.namespace}/configmaps"
    secrets = f"/api/v1/namespaces/{pods.namespace}/secrets"

    assert pods.ask("/api", name="reader", path=config_maps) == 200
    assert pods.ask("/api", name="reader", path=secrets) == 403
    assert pods.ask("/api", name="plain", path=config_maps) == 403
    assert pods.ask("/read", path=f"{ACCOUNT}/namespace", name="reader") == pods.namespace


def test_a_pod_that_wants_no_token_has_none(pods: Pods) -> None:
    pods.run(spec={"automountServiceAccountToken": False})

    pods.ready()

    assert pods.ask("/read", path=f"{ACCOUNT}/token") is None


def test_tokens_are_renewed_while_the_pod_runs(pods: Pods) -> None:
    pods.run()
    pods.ready()
    first = pods.ask("/read", path=f"{ACCOUNT}/token")

    second = eventually(
        lambda: pods.ask("/read", path=f"{ACCOUNT}/token"), lambda token: token != first
    )

    assert second.count(".") == 2
    assert pods.ask("/api", path="/api") == 200


def test_volumes_are_the_pods_own_and_leave_no_trace_on_the_machine(pods: Pods) -> None:
    pods.apply(config_map("settings", **{"limits.yaml": "rate: 5", "unused": "x"}))
    volumes = [
        {"name": "scratch", "emptyDir": {}},
        {
            "name": "settings",
            "configMap": {"name": "settings", "items": [{"key": "limits.yaml", "path": "l.yaml"}]},
        },
    ]
    mounts = [
        {"name": "settings", "mountPath": "/usr/share/knowngood-test/settings"},
        {"name": "scratch", "mountPath": "/usr/share/knowngood-test/scratch"},
        {"name": "settings", "mountPath": "/etc/knowngood-test", "readOnly": True},
    ]
    for name in ("one", "two"):
        pods.run(name, spec={"volumes": volumes}, volumeMounts=mounts)
        pods.ready(name)
    note = "/usr/share/knowngood-test/scratch/note"

    pods.ask("/write", name="one", path=note, text="mine")

    assert pods.ask("/read", name="one", path=note) == "mine"
    assert pods.ask("/read", name="two", path=note) is None
    assert pods.ask("/read", name="one", path="/etc/knowngood-test/l.yaml") == "rate: 5"
    beside = "/usr/share/knowngood-test/settings/l.yaml"  # one mount does not hide another one
    assert pods.ask("/read", name="one", path=beside) == "rate: 5"
    assert pods.ask("/read", name="one", path="/etc/knowngood-test/unused") is None
    assert pods.ask("/read", name="one", path="/etc/hostname") == Path("/etc/hostname").read_text()
    assert not Path("/usr/share/knowngood-test").exists()
    assert not Path("/etc/knowngood-test").exists()


def test_logs_are_read_with_kubectl(pods: Pods) -> None:
    pods.run(
        spec={"restartPolicy": "Never"},
        command=["/bin/sh", "-c", "echo one; echo two; sleep 1; echo three"],
    )
    pods.container("pod", lambda status: "running" in status["state"])

    followed = pods.kubectl("logs", "pod", "-f")

    assert followed == "one\ntwo\nthree\n"
    assert pods.kubectl("logs", "pod") == followed
    assert pods.kubectl("logs", "pod", "--tail=2") == "two\nthree\n"


def test_a_mount_that_would_hide_the_program_is_left_out(pods: Pods) -> None:
    program = Path(served_by_pods.__file__)
    volumes = [{"name": "scratch", "emptyDir": {}}]
    mounts = [{"name": "scratch", "mountPath": str(program.parents[1])}]
    pods.run(spec={"volumes": volumes}, volumeMounts=mounts)

    pods.ready()

    assert pods.ask("/read", path=str(program)) == program.read_text()


def test_the_node_outlives_a_restart_of_the_api_server(pods: Pods) -> None:
    pods.run("before")
    pods.ready("before")
    served = pods.ask(name="before")["pid"]
    address = pods.get("before")["status"]["podIP"]

    pods.cluster.stop_api_server()
    assert not answers(pods)
    pods.cluster.start_api_server()

    pods.run("after")
    pods.ready("after")
    assert pods.ask(name="before")["pid"] == served
    assert pods.get("before")["status"]["podIP"] == address
    assert pods.get("before")["status"]["containerStatuses"][0]["restartCount"] == 0


def test_every_workload_controller_works(pods: Pods) -> None:
    template: Json = {
        "metadata": {"labels": {"app": "many"}},
        "spec": {"containers": [{"name": "main", "image": "test/server:1"}]},
    }
    pods.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "many"},
            "spec": {
                "replicas": 3,
                "selector": {"matchLabels": {"app": "many"}},
                "template": template,
            },
        },
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "once"},
            "spec": {
                "template": {
                    "spec": {
                        "restartPolicy": "Never",
                        "containers": [{"name": "main", "image": "x", "command": ["/bin/true"]}],
                    }
                }
            },
        },
    )

    pods.kubectl("rollout", "status", "deployment/many", "--timeout=20s")
    pods.kubectl("wait", "--for=condition=Complete", "job/once", "--timeout=20s")


def answers(pods: Pods) -> bool:
    try:
        pods.kubectl("get", "pods", "--request-timeout=2s")
    except KubectlFailed:
        return False
    return True
