"""The whole operator on a real API server tells a real syslog server, and its own standard output, of an incident."""

import json
import os
import shutil
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
from e2e.cluster.certificates import Authority
from e2e.cluster.options import default_cache_dir
from e2e.cluster.progress import Terminal
from e2e.cluster.waiting import until
from tests.adapters.rsyslog import Rsyslog, ended

ROOT = Path(__file__).parents[2]
NAME = "exported-1"
INCIDENT = f"""
apiVersion: knowngood.dev/v1alpha1
kind: Incident
metadata: {{name: {NAME}, namespace: default}}
spec:
  modelRef: {{name: gone, uid: u9}}
  origin: Manual
  acknowledgement: {{by: alice}}
"""


@pytest.fixture
async def server(tmp_path: Path) -> Any:
    if shutil.which("apt-get") is None:
        pytest.skip("rsyslog comes as Debian packages, and there is no apt-get here")
    installed = Tools(default_cache_dir(), Terminal()).rsyslog
    authority = Authority(tmp_path / "ca")
    with ended(Rsyslog(installed, tmp_path / "rsyslog", "gtls", authority)) as one:
        await one.start()
        yield one


def told_of(server: Rsyslog, folder: Path) -> Path:
    """The operator's own configuration."""
    client = server.authority.issue("client", "/CN=knowngood")
    files = {"certFile": str(client.certificate), "keyFile": str(client.key)}
    tls = {"caFile": str(server.authority.own.certificate), **files}
    soc = {"format": "CEF", "syslog": {"host": "127.0.0.1", "port": server.port, "tls": tls}}
    file = folder / "siem.yaml"
    file.write_text(yaml.safe_dump({"out": {"stdout": {}}, "soc": soc}))
    return file


@contextmanager
def operator(cluster: Cluster, siem: Path, out: Path, end: signal.Signals) -> Iterator[None]:
    """One process of it; `end` ends it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--kubeconfig={cluster.kubeconfig}", f"--port={port}", f"--siem={siem}"]
    place = ["--namespace=default", "--lease=exported", "--source=default=http://127.0.0.1:1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "operator"), "NO_PROXY": "*"}
    with out.open("ab") as output, out.with_suffix(".log").open("ab") as log:
        running = subprocess.Popen(  # noqa: S603  - the operator in this checkout
            [sys.executable, "-m", "knowngood", *options, *place],
            env=environment,
            stdout=output,
            stderr=log,
        )
        try:
            yield
        finally:
            running.send_signal(end)
            running.wait(timeout=30)


def exports(cluster: Cluster) -> dict[str, int]:
    found = cluster.kubectl("-n", "default", "get", "aiinc", NAME, "-ojson")
    status = json.loads(found).get("status", {})
    return {e["sink"]: e["seq"] for e in status.get("exports", [])}


def entries(out: Path) -> list[tuple[int, str]]:
    """Numbers and activities of the records on standard output, which holds nothing else."""
    found = [json.loads(one) for one in out.read_text().splitlines()]
    return [(e["metadata"]["sequence"], e["activity_name"]) for e in found]


def test_every_entry_comes_to_every_siem_once_also_by_the_next_process(
    crds: Cluster, server: Rsyslog, tmp_path: Path
) -> None:
    siem, out = told_of(server, tmp_path), tmp_path / "out.jsonl"
    log = out.with_suffix(".log")

    def come(seq: int) -> None:
        until(
            lambda: exports(crds) == {"out": seq, "soc": seq},
            f"entry {seq} is exported",
            deadline_s=60,
            diagnose=lambda: log.read_text()[-3000:],
        )

    crds.kubectl("apply", "-f", "-", stdin=INCIDENT)
    try:
        with operator(crds, siem, out, signal.SIGKILL):
            come(1)
        close = json.dumps({"spec": {"close": {"by": "bob", "resolution": "FalsePositive"}}})
        crds.kubectl("-n", "default", "patch", "aiinc", NAME, "--type=merge", f"-p={close}")
        with operator(crds, siem, out, signal.SIGTERM):
            come(2)
    finally:
        crds.kubectl("-n", "default", "delete", "aiinc", NAME)

    assert entries(out) == [(1, "Create"), (2, "Close")]
    until(lambda: len(server.messages()) == 2, "rsyslog has written both", deadline_s=20)
    (_, first), (_, second) = server.messages()
    assert "|incident.created|" in first
    assert "suser=alice" in first
    assert "|incident.closed|" in second
    assert "outcome=FalsePositive" in second
