"""The operator, installed as it is on the local cluster: what stories ask of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import requests
from prometheus_client.parser import text_string_to_metric_families

from e2e.bed.chart import NAMESPACE, RELEASE, install, logs
from e2e.bed.reading import Json, Reader
from e2e.bed.waiting import wait_for
from e2e.cluster import Cluster
from e2e.cluster.audit import Write

_READY_S: Final = 60
_LED_S: Final = 30
_PORT: Final = 8080
_SELECTOR: Final = f"app.kubernetes.io/instance={RELEASE}"


class Operator:
    """The installed operator: its pods with the rights that the chart grants, one of which leads."""

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
    def pods(self) -> frozenset[str]:
        """Names of its pods that are not about to go."""
        return frozenset(self._pods())

    @property
    def holder(self) -> str:
        """Who the Lease says leads; empty when it was given back."""
        lease = self._reader.get("leases", NAMESPACE, RELEASE) or {}
        return str(lease.get("spec", {}).get("holderIdentity") or "")

    @property
    def leader(self) -> str:
        """Name of the pod that leads, as soon as the Lease names one that is there."""
        wait_for(
            lambda: self.holder in self.pods,
            "one of the operator's pods leads",
            deadline_s=_LED_S,
            diagnose=self.log,
        )
        return self.holder

    @property
    def standby(self) -> str:
        """Name of a pod that is ready and does not lead."""

        def found() -> str:
            waiting = sorted(name for name in self.pods - {self.leader} if self.ready(name))
            return waiting[0] if waiting else ""

        return wait_for(
            found, "a pod of the operator waits", deadline_s=_READY_S, diagnose=self.log
        )

    def kill(self, pod: str) -> None:
        """End the process of one of its pods with SIGKILL; the node starts it again in the same pod."""
        self._cluster.kill_pod(NAMESPACE, pod)

    def lose(self, pod: str) -> None:
        """End a pod as the loss of its node does: SIGKILL, and nobody starts this pod again."""
        self.kill(pod)
        gone = ("--force", "--grace-period=0", "--wait=false")
        self._cluster.kubectl("delete", "pod", "-n", NAMESPACE, pod, *gone)

    @contextmanager
    def paused(self, pod: str) -> Iterator[None]:
        """Let the processes of a pod stand still as long as the block runs."""
        self._cluster.pause_pod(NAMESPACE, pod)
        try:
            yield
        finally:
            self._cluster.resume_pod(NAMESPACE, pod)

    @contextmanager
    def cut_off(self, pod: str) -> Iterator[None]:
        """Keep a pod from the API server as long as the block runs."""
        self._cluster.cut_pod_off(NAMESPACE, pod)
        try:
            yield
        finally:
            self._cluster.reconnect_pod(NAMESPACE, pod)

    def restarts(self) -> int:
        """Say how often processes of its pods ended and were started again, or are about to be."""
        return sum(
            int(status["restartCount"]) + ("waiting" in status["state"])
            for pod in self._pods().values()
            for status in pod["status"]["containerStatuses"]
        )

    def restart(self) -> None:
        """Replace its pods one by one, as an upgrade does."""
        here = ("-n", NAMESPACE, f"deployment/{RELEASE}")
        self._cluster.kubectl("rollout", "restart", *here)
        self._cluster.kubectl("rollout", "status", *here, f"--timeout={_READY_S}s")

    def configure(self, *settings: str) -> None:
        """Install it again with further values, or without them; its pods are replaced one by one."""
        install(self._cluster, *settings)

    def replace(self) -> None:
        """Delete its pods, and return when as many new ones are ready and one of them leads."""
        old = self.pods
        self._cluster.kubectl("delete", "pod", "-n", NAMESPACE, *old)
        wait_for(
            lambda: (
                len(new := self.pods - old) == len(old)
                and all(self.ready(pod) for pod in new)
                and self.holder in new
            ),
            "new pods of the operator are ready",
            deadline_s=_READY_S,
            diagnose=self.log,
        )

    @contextmanager
    def scaled(self, replicas: int) -> Iterator[None]:
        """Have this many operators as long as the block runs; after it, as many as before."""
        before = len(self.pods)
        self._scale(replicas)
        try:
            yield
        finally:
            self._scale(before)

    def _scale(self, replicas: int) -> None:
        there = ("-n", NAMESPACE, f"deployment/{RELEASE}", f"--replicas={replicas}")
        self._cluster.kubectl("scale", *there)
        wait_for(
            lambda: (
                len(self.pods) == len(self._reader.pods(NAMESPACE, _SELECTOR)) == replicas
                and all(self.ready(pod) for pod in self.pods)
                and (replicas == 0 or self.holder in self.pods)
            ),
            f"{replicas} pods of the operator are ready",
            deadline_s=_READY_S,
            diagnose=self.log,
        )

    def ready(self, pod: str) -> bool:
        """Say whether one of its pods is ready."""
        conditions = self._pods().get(pod, {}).get("status", {}).get("conditions") or ()
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)

    def metric(self, name: str, pod: str = "", **labels: str) -> float | None:
        """Return the value of a metric with these labels; None while there is none.

        Args:
            name: Of the metric.
            pod: Whose; by default the leader's.
            labels: That it must have.

        Raises:
            requests.RequestException: it does not answer.
        """
        for sample, found, value in self.metrics(pod):
            if sample == name and labels.items() <= found.items():
                return value
        return None

    def metrics(self, pod: str = "") -> list[tuple[str, Mapping[str, str], float]]:
        """Return all metrics of a pod, by default the leader: name, labels, value."""
        with requests.Session() as session:
            session.trust_env = False  # the cluster is here, whatever proxy is set
            address = self._pods()[pod or self.leader]["status"]["podIP"]
            reply = session.get(f"http://{address}:{_PORT}/metrics", timeout=10)
        reply.raise_for_status()
        families = text_string_to_metric_families(reply.text)
        return [(s.name, s.labels, s.value) for family in families for s in family.samples]

    def stop(self, pod: str) -> None:
        """Delete one of its pods, as a drained node does: it is told to stop, and another one is made."""
        self._cluster.kubectl("delete", "pod", "-n", NAMESPACE, pod, "--wait=false")

    def hand_over(self, *, to: str) -> None:
        """Return when this pod leads; whoever else does is told to stop, also one that is new and was quicker."""
        told: set[str] = set()

        def led() -> bool:
            holder = self.holder
            if holder in self.pods - {to} - told:
                told.add(holder)
                self.stop(holder)
            return holder == to

        wait_for(led, f"{to} leads", deadline_s=_READY_S, diagnose=self.log)

    def writes(self) -> list[Write]:
        """Return what its pods asked the API server to change, by the server's own record."""
        mine = f"system:serviceaccount:{NAMESPACE}:{RELEASE}"
        return [write for write in self._cluster.writes() if write.user == mine]

    def log(self, lines: int = 25) -> str:
        """Return the end of what its pods wrote."""
        return logs(self._cluster, lines)

    def _pods(self) -> dict[str, Json]:
        return {
            pod["metadata"]["name"]: pod
            for pod in self._reader.pods(NAMESPACE, _SELECTOR)
            if "deletionTimestamp" not in pod["metadata"]
        }
