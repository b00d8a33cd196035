"""The cluster that is measured on, with Knowngood installed as an administrator would."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from bench.containment.manifests import Json, listed
from bench.containment.witness import Witness
from e2e.bed.chart import NAMESPACE, RELEASE, install
from e2e.bed.images import own_images
from e2e.cluster import Cluster, ClusterOptions
from e2e.cluster.progress import Progress

_PORT = 8080


class Bed:
    """A running cluster with an operator, and somebody who watches the models."""

    def __init__(self, cluster: Cluster, witness: Witness, progress: Progress) -> None:
        self.cluster = cluster
        self.witness = witness
        self.progress = progress

    @classmethod
    @contextlib.contextmanager
    def up(cls, progress: Progress, run_dir: Path | None = None) -> Iterator["Bed"]:
        """Start everything: Prometheus scrapes every second, the chart has its default values.

        Args:
            progress: Told what is done.
            run_dir: Where logs go; by default they vanish with the cluster.
        """
        options = ClusterOptions(images=own_images(progress), scrape_interval="1s", run_dir=run_dir)
        with Cluster.start(options, progress) as cluster:
            progress("installing Knowngood")
            install(cluster)
            with Witness(cluster) as witness:
                yield cls(cluster, witness, progress)

    def apply(self, *objects: Json) -> None:
        """Apply objects as kubectl would."""
        self.cluster.kubectl("apply", "-f", "-", stdin=listed(objects))

    def pods(self, namespace: str, selector: str) -> list[dict[str, Any]]:
        """The pods of a selector."""
        printed = self.cluster.kubectl("get", "pods", "-n", namespace, "-l", selector, "-o", "json")
        found: list[dict[str, Any]] = json.loads(printed)["items"]
        return found

    def operator_metrics(self) -> str:
        """The text of the /metrics of the operator that leads: the others judge nothing."""
        get_one = ("get", "-n", NAMESPACE, "-o")
        holder = self.cluster.kubectl(*get_one, "jsonpath={.spec.holderIdentity}", "lease", RELEASE)
        address = self.cluster.kubectl(*get_one, "jsonpath={.status.podIP}", "pod", holder)
        return get(f"http://{address}:{_PORT}/metrics")

    def server_metrics(self) -> str:
        """The text of the API server's /metrics."""
        return self.cluster.kubectl("get", "--raw", "/metrics")


def get(url: str) -> str:
    """Read a page of the cluster."""
    with requests.Session() as session:
        session.trust_env = False  # the cluster is here, whatever proxy is set
        reply = session.get(url, timeout=10)
    reply.raise_for_status()
    return reply.text


def post(url: str, body: Json) -> None:
    """Send JSON to a pod."""
    with requests.Session() as session:
        session.trust_env = False  # likewise
        session.post(url, json=body, timeout=10).raise_for_status()
