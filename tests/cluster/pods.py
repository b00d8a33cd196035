"""Pods in a namespace of their own, as the tests speak of them."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar

import requests

from e2e.cluster import Cluster, Image
from tests.cluster import served_by_pods

Json = dict[str, Any]
T = TypeVar("T")


def eventually(look: Callable[[], T], holds: Callable[[T], bool], *, within_s: float = 60) -> T:
    """Return the first thing seen that holds; fail with the last one seen."""
    end = time.monotonic() + within_s
    while not holds(seen := look()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {within_s:g} s; last seen: {seen}")
        time.sleep(0.05)
    return seen


class Pods:
    """One namespace of a cluster."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self.cluster = cluster
        self.namespace = namespace

    @classmethod
    @contextmanager
    def in_new_namespace(cls, cluster: Cluster, name: str) -> Iterator[Self]:
        cluster.kubectl("create", "namespace", name)
        pods = cls(cluster, name)
        account = ("get", "serviceaccount", "default", "--ignore-not-found", "-oname")
        eventually(lambda: pods.kubectl(*account), bool)
        yield pods
        cluster.kubectl("delete", "namespace", name, "--wait=false")

    def kubectl(self, *args: str, stdin: str | None = None) -> str:
        return self.cluster.kubectl("-n", self.namespace, *args, stdin=stdin)

    def apply(self, *manifests: Json) -> None:
        documents = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
        self.kubectl("apply", "-f", "-", stdin=json.dumps(documents))

    def run(self, name: str = "pod", *, spec: Json | None = None, **container: Any) -> None:
        """Create a pod with one container that runs the test server unless told otherwise."""
        self.apply(pod(name, spec=spec, **container))

    def get(self, name: str = "pod") -> Json:
        """Return a pod, or an empty object if it does not exist."""
        found = self.kubectl("get", "pod", name, "--ignore-not-found", "-ojson")
        return json.loads(found) if found else {}

    def ready(self, name: str = "pod") -> Json:
        """Return a pod as soon as it is ready."""
        return eventually(lambda: self.get(name), is_ready)

    def container(self, name: str, holds: Callable[[Json], bool]) -> Json:
        """Return the status of a pod's only container as soon as it holds."""

        def look() -> Json:
            statuses = self.get(name).get("status", {}).get("containerStatuses", [{}])
            status: Json = statuses[0]
            return status

        return eventually(look, lambda status: bool(status) and holds(status))

    def ask(self, path: str = "/", /, name: str = "pod", **query: str) -> Any:
        """GET from the server in a pod and return the JSON."""
        address = self.get(name)["status"]["podIP"]
        reply = requests.get(f"http://{address}:8080{path}", params=query, timeout=5)
        return reply.json()

    def output(self, name: str = "pod", container: str = "main") -> str:
        """Return what a container has printed so far."""
        log = self.cluster.run_dir / "pods" / f"{self.namespace}_{name}_{container}.log"
        return log.read_text() if log.exists() else ""


def pod(name: str, *, spec: Json | None = None, **container: Any) -> Json:
    main = {"name": "main", "image": "test/server:1", **container}
    if "command" not in main and main["image"].startswith("test/server"):
        main.setdefault("readinessProbe", {"httpGet": {"path": "/ready", "port": 8080}})
    defaults = {"terminationGracePeriodSeconds": 2, "containers": [main]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {**defaults, **(spec or {})},
    }


def server_image() -> Image:
    """Return the test server as an image that listens on port 8080."""
    argv = (sys.executable, served_by_pods.__file__, "8080")
    return Image(argv, {"FROM_IMAGE": "yes", "LANG": "C.UTF-8"})


def config_map(name: str, **data: str) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def secret(name: str, **data: str) -> Json:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}


def is_ready(found: Json) -> bool:
    conditions = found.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
