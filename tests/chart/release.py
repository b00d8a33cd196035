"""A release of the chart on a real cluster."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.chart.helm import CHART, Answer, Helm
from tests.chart.site import Site

Json = dict[str, Any]

IMAGE: Final = "chart-test/operator"
OPERATOR: Final = (sys.executable, "-m", "knowngood")
ENVIRONMENT: Final = {"PYTHONPATH": str(Path(__file__).parents[2] / "operator")}
_TIMEOUT: Final = "--timeout=90s"


@dataclass(frozen=True)
class Release:
    """One release, by name.

    Attributes:
        site: The namespace that it is in.
    """

    helm: Helm
    site: Site
    name: str

    def install(self, *settings: str) -> Answer:
        """Install it, and wait until every replica is ready."""
        return self._run("install", *settings)

    def upgrade(self, *settings: str) -> str:
        """Install it or change its values, wait until every replica is ready, return the notes."""
        return self._run("upgrade", "--install", *settings).good

    def ensure(self, replicas: int = 1) -> None:
        """Install it unless at least so many replicas are ready, with whatever values."""
        if len(self.pods()) < replicas:
            self.upgrade(f"--set=replicas={replicas}")

    def uninstall(self, wait: str = "--wait") -> Answer:
        """Take it away, and wait until its pods are gone."""
        here = f"--namespace={self.site.namespace}"
        return self.helm(
            "uninstall",
            self.name,
            here,
            wait,
            "--cascade=foreground",
            _TIMEOUT,
            "--ignore-not-found",
        )

    def holder(self) -> str:
        """Return who holds the Lease; empty while nobody does."""
        lease = self.site.get(f"lease/{self.name}")
        return str(lease.get("spec", {}).get("holderIdentity") or "")

    def pods(self) -> dict[str, Json]:
        """Return its pods that are ready, by name."""
        found = self.site.get("pods", f"-lapp.kubernetes.io/instance={self.name}")
        return {p["metadata"]["name"]: p for p in found.get("items", ()) if _ready(p)}

    def why(self) -> str:
        """Say what the pods wrote last."""
        logs = sorted((self.site.cluster.run_dir / "pods").glob(f"{self.site.namespace}_*.log"))
        return "\n".join(f"{p.name}: {p.read_text(errors='replace')[-1500:]}" for p in logs)

    def _run(self, command: str, *rest: str) -> Answer:
        values = {
            "image": {"repository": IMAGE, "tag": "dev"},
            "sources": {"default": self.site.cluster.prometheus_url},
        }
        here = f"--namespace={self.site.namespace}"
        done = self.helm(command, self.name, CHART, here, "--wait", _TIMEOUT, *rest, values=values)
        return Answer(done.code, done.out, f"{done.err}\n{self.why()}" if done.code else done.err)


def _ready(pod: Json) -> bool:
    conditions = {c["type"]: c["status"] for c in pod.get("status", {}).get("conditions", ())}
    return conditions.get("Ready") == "True" and "deletionTimestamp" not in pod["metadata"]


def without_times(found: Json) -> str:
    """Write an object without what changes by itself."""
    meta = {k: found["metadata"].get(k) for k in ("name", "uid", "generation", "ownerReferences")}
    return json.dumps({"metadata": meta, "spec": found["spec"]}, sort_keys=True)
