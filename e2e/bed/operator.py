"""Knowngood itself: its chart, installed with helm as an administrator would."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import requests
from prometheus_client.parser import text_string_to_metric_families

from e2e.bed.reading import Json, Reader
from e2e.bed.waiting import wait_for
from e2e.cluster import Cluster, Image
from e2e.cluster.errors import StartError

NAMESPACE: Final = "knowngood"
IMAGE: Final = "knowngood/operator"
RELEASE: Final = "knowngood"

_TAG: Final = "dev"
_READY_S: Final = 60
_PORT: Final = 8080
_ROOT: Final = Path(__file__).parents[2]
_SELECTOR: Final = f"app.kubernetes.io/instance={RELEASE}"


def operator_image() -> Image:
    """Return what the node runs for the operator's image: the package in this checkout."""
    return Image((sys.executable, "-m", "knowngood"), {"PYTHONPATH": str(_ROOT / "operator")})


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
        values = [f"image.tag={_TAG}", f"sources.default={cluster.prometheus_url}", *settings]
        done = subprocess.run(
            [
                cluster.tools.helm,
                "upgrade",
                "--install",
                RELEASE,
                _ROOT / "charts" / "knowngood",
                f"--namespace={NAMESPACE}",
                "--create-namespace",
                "--wait",
                f"--timeout={_READY_S}s",
                *(f"--set={value}" for value in values),
            ],
            env=_environment(cluster),
            capture_output=True,
            text=True,
            check=False,
        )
        operator = cls(cluster, reader)
        if done.returncode:
            raise StartError(f"helm could not install Knowngood:\n{done.stderr}{operator.log()}")
        return operator

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
        parts = []
        for path in sorted((self._cluster.run_dir / "pods").glob(f"{NAMESPACE}_*.log")):
            said = path.read_text(errors="replace").splitlines()
            parts += [f"end of {path}:", *said[-lines:]]
        return "\n".join(parts or ["the operator's pods wrote nothing"])

    def _pod(self) -> Json:
        pods = [
            pod
            for pod in self._reader.pods(NAMESPACE, _SELECTOR)
            if "deletionTimestamp" not in pod["metadata"]
        ]
        if not pods:
            raise LookupError(f"no pod of the operator in namespace {NAMESPACE}")
        return pods[-1]


def _environment(cluster: Cluster) -> dict[str, str]:
    home = str(cluster.run_dir / "helm")
    own = {f"HELM_{kind}_HOME": f"{home}/{kind.lower()}" for kind in ("CACHE", "CONFIG", "DATA")}
    return {**os.environ, **own, "KUBECONFIG": str(cluster.kubeconfig), "NO_PROXY": "*"}
