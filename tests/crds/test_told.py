"""The whole operator on a real API server tells a real Alertmanager of an incident."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.cluster import Cluster
from e2e.cluster.binaries import Tools
from e2e.cluster.options import default_cache_dir
from e2e.cluster.progress import Terminal
from e2e.cluster.waiting import until
from knowngood.clock import SystemClock
from knowngood.exporting.texts import instant
from tests.adapters.alertmanager import RealAlertmanager, ended
from tests.adapters.loopback import HOST

ROOT = Path(__file__).parents[2]
NAME = "told-1"
OBJECTS = f"""
apiVersion: knowngood.dev/v1alpha1
kind: IncidentPolicy
metadata: {{name: told, namespace: default}}
spec:
  selector: {{matchLabels: {{told: nobody}}}}
  triggers:
  - {{name: t, signal: {{name: s}}, test: {{threshold: {{above: "1", window: 1m}}}}}}
  escalation:
  - {{after: 0s, notify: [alerts]}}
  - {{after: 24h, unless: Acknowledged, notify: [later]}}
---
apiVersion: knowngood.dev/v1alpha1
kind: Incident
metadata: {{name: {NAME}, namespace: default}}
spec:
  modelRef: {{name: gone, uid: u9}}
  origin: Trigger
  policyRef: {{kind: IncidentPolicy, name: told, generation: 1}}
"""


@pytest.fixture
async def server(tmp_path: Path) -> Any:
    program = Tools(default_cache_dir(), Terminal()).alertmanager
    with ended(RealAlertmanager(program, tmp_path / "alertmanager")) as one:
        await one.start()
        yield one


@contextmanager
def operator(cluster: Cluster, receivers: Path, log: Path, end: signal.Signals) -> Iterator[None]:
    """One process of it; `end` ends it."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    options = [f"--kubeconfig={cluster.kubeconfig}", f"--port={port}", f"--receivers={receivers}"]
    place = ["--namespace=default", "--lease=told", "--source=default=http://127.0.0.1:1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "operator"), "NO_PROXY": "*"}
    with log.open("ab") as output:
        running = subprocess.Popen(  # noqa: S603  - the operator in this checkout
            [sys.executable, "-m", "knowngood", *options, *place],
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            yield
        finally:
            running.send_signal(end)
            running.wait(timeout=30)


def status(cluster: Cluster) -> dict[str, Any]:
    found = cluster.kubectl("-n", "default", "get", "aiinc", NAME, "-ojson")
    told: dict[str, Any] = json.loads(found).get("status", {})
    return told


def patch(cluster: Cluster, body: object, *more: str) -> None:
    words = ("patch", "aiinc", NAME, "--type=merge", f"-p={json.dumps(body)}", *more)
    cluster.kubectl("-n", "default", *words)


async def test_people_are_told_of_the_beginning_and_by_the_next_process_of_the_end(
    crds: Cluster, server: RealAlertmanager, tmp_path: Path
) -> None:
    receivers, log = tmp_path / "receivers.yaml", tmp_path / "log"
    alerts: dict[str, Any] = {"alertmanager": {"url": server.url}}
    receivers.write_text(yaml.safe_dump({"alerts": alerts, "later": alerts}))

    def noted(occasion: str) -> None:
        until(
            lambda: (
                [(n["receiver"], n["occasion"]) for n in status(crds).get("notifications", [])]
                == [("alerts", occasion)]
            ),
            f"{occasion} is told",
            deadline_s=60,
            diagnose=lambda: log.read_text()[-3000:],
        )

    crds.kubectl("apply", "-f", "-", stdin=OBJECTS)
    try:
        clocks = {"detected": instant(SystemClock().now())}
        found = {"phase": "Detected", "severity": "High", "containment": "None", "clocks": clocks}
        patch(crds, {"status": found}, "--subresource=status")
        with operator(crds, receivers, log, signal.SIGKILL):
            noted("Opened")
        kept = [(step["after"], step["notify"]) for step in status(crds)["escalation"]]
        assert kept == [("0s", ["alerts"]), ("24h", ["later"])]
        (alert,) = await server.alerts()
        assert alert["labels"]["incident"] == NAME

        patch(crds, {"spec": {"close": {"by": "bob", "resolution": "FalsePositive"}}})
        with operator(crds, receivers, log, signal.SIGTERM):
            noted("Closed")
    finally:
        crds.kubectl("-n", "default", "delete", "aiinc", NAME)
        crds.kubectl("-n", "default", "delete", "ipol", "told")

    assert await server.alerts() == []
