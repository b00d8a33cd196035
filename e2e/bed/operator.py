"""The operator, installed as it is on the local cluster: what stories ask of it."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Final

import requests
from prometheus_client.parser import text_string_to_metric_families

from e2e.bed.chart import NAMESPACE, RELEASE, install, logs
from e2e.bed.reading import Json, Reader
from e2e.bed.waiting import wait_for
from e2e.cluster import Cluster

_READY_S: Final = 60
_PORT: Final = 8080
_SELECTOR: Final = f"app.kubernetes.io/instance={RELEASE}"


class Operator:
    """The installed operator: one pod with the rights that the chart grants."""

    def __init__(self, cluster: Cluster, reader: Reader) -> None:
        self._cluster = cluster
        self._reader = reader

    @classmethod
    def install(cls, cluster: Cluster, reader: Reader, *settings: str) -> "Operator":
        """Install the chart, and return when the operator is ready.

        Args:
            cluster: Where to. It knows the operator's image already.
            reader: Of this cluster.
            settings: Further values, as helm's `--set` takes them.

        Raises:
            StartError: helm failed, or the operator did not become ready.
        """
        install(cluster, *settings)
        return cls(cluster, reader)

    @property
    def pod(self) -> str:
        """Name of the pod that is not about to go."""
        return str(self._pod()["metadata"]["name"])

    def kill(self, pod: str) -> None:
        """End the process of its pod with SIGKILL; the node starts it again in the same pod."""
        self._cluster.kill_pod(NAMESPACE, pod)

    def restarts(self) -> int:
        """Say how often the process of its pod was started again."""
        return int(self._pod()["status"]["containerStatuses"][0]["restartCount"])

    def replace(self) -> None:
        """Delete its pod, and return when a new one is ready."""
        old = self.pod
        self._cluster.kubectl("delete", "pod", "-n", NAMESPACE, old)
        wait_for(
            lambda: self.pod != old and self.ready(),
            "a new pod of the operator is ready",
            deadline_s=_READY_S,
            diagnose=self.log,
        )

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Have no operator as long as the block runs; after it, one is ready again."""
        scale = ("scale", "-n", NAMESPACE, f"deployment/{RELEASE}")
        self._cluster.kubectl(*scale, "--replicas=0")
        wait_for(
            lambda: not self._reader.pods(NAMESPACE, _SELECTOR),
            "the operator is gone",
            deadline_s=_READY_S,
            diagnose=self.log,
        )
        try:
            yield
        finally:
            self._cluster.kubectl(*scale, "--replicas=1")
            wait_for(
                lambda: self._reader.pods(NAMESPACE, _SELECTOR) and self.ready(),
                "the operator is back",
                deadline_s=_READY_S,
                diagnose=self.log,
            )

    def ready(self) -> bool:
        """Say whether its pod is ready."""
        conditions = self._pod().get("status", {}).get("conditions") or ()
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)

    def metric(self, name: str, **labels: str) -> float | None:
        """Return the value of its metric with these labels; None while there is none.

        Raises:
            requests.RequestException: it does not answer.
        """
        for sample, found, value in self.metrics():
            if sample == name and labels.items() <= found.items():
                return value
        return None

    def metrics(self) -> list[tuple[str, Mapping[str, str], float]]:
        """Return all of its metrics: name, labels, value."""
        with requests.Session() as session:
            session.trust_env = False  # the cluster is here, whatever proxy is set
            address = self._pod()["status"]["podIP"]
            reply = session.get(f"http://{address}:{_PORT}/metrics", timeout=10)
        reply.raise_for_status()
        families = text_string_to_metric_families(reply.text)
        return [(s.name, s.labels, s.value) for family in families for s in family.samples]

    def log(self, lines: int = 25) -> str:
        """Return the end of what its pods wrote."""
        return logs(self._cluster, lines)

    def _pod(self) -> Json:
        pods = [
            pod
            for pod in self._reader.pods(NAMESPACE, _SELECTOR)
            if "deletionTimestamp" not in pod["metadata"]
        ]
        if not pods:
            raise LookupError(f"no pod of the operator in namespace {NAMESPACE}")
        return pods[-1]
