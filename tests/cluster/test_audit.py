"""Which pod wrote what, by the API server's own record."""

import json
import sys

from e2e.cluster.audit import Write
from tests.cluster import in_pod
from tests.cluster.pods import Pods, config_map, eventually


def test_it_tells_pods_of_one_account_apart_and_what_was_refused(pods: Pods) -> None:
    pods.kubectl("create", "role", "writes", "--verb=create", "--resource=configmaps")
    pods.kubectl(
        "create",
        "rolebinding",
        "writes",
        "--role=writes",
        f"--serviceaccount={pods.namespace}:default",
    )

    written = {
        name: written_by(pods, name, kind)
        for name, kind in (("one", "configmaps"), ("two", "configmaps"), ("three", "secrets"))
    }

    account = f"system:serviceaccount:{pods.namespace}:default"
    assert {write.user for write in written.values()} == {account}
    assert [(w.verb, w.resource, w.code) for w in written.values()] == [
        ("create", "configmaps", 201),
        ("create", "configmaps", 201),
        ("create", "secrets", 403),
    ]
    assert [w.accepted for w in written.values()] == [True, True, False]
    assert written["one"].at < written["two"].at < written["three"].at


def test_reading_leaves_no_trace(pods: Pods) -> None:
    pods.kubectl("get", "configmaps")
    pods.kubectl("auth", "can-i", "create", "configmaps")
    pods.kubectl("create", "configmap", "noted")

    seen = [w for w in pods.cluster.writes() if w.user == "admin" and w.namespace == pods.namespace]
    assert [(w.verb, w.resource, w.name) for w in seen] == [("create", "configmaps", "noted")]


def written_by(pods: Pods, name: str, kind: str) -> Write:
    """Let a pod create an object; return what is noted of it."""
    path = f"/api/v1/namespaces/{pods.namespace}/{kind}"
    body = json.dumps(config_map(f"of-{name}")) if kind == "configmaps" else "{}"
    command = [sys.executable, in_pod.__file__, "POST", path, body]
    pods.run(name, spec={"restartPolicy": "Never"}, image="x", command=command)
    eventually(lambda: pods.output(name), bool)
    (write,) = (w for w in pods.cluster.writes() if w.pod == name and w.namespace == pods.namespace)
    return write
