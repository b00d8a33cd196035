"""A whole life of a model under the chart's rights: nothing is refused, and no right stays unused."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kubernetes.aio import client, config

from e2e.cluster import Cluster
from knowngood.adapters.kubernetes.archives import KubernetesArchives
from knowngood.adapters.kubernetes.objects import KubernetesObjects
from knowngood.adapters.kubernetes.resources import KubernetesResources
from knowngood.adapters.memory.people import MemoryFence
from knowngood.api.v1alpha1 import Incident, IncidentStatus, ObjectMeta
from knowngood.clock import SystemClock
from knowngood.decisions.archiving import KEY, part_to_move
from knowngood.decisions.naming import MODEL_LABEL
from knowngood.decisions.timeline import extend_timeline
from knowngood.errors import Changed, Claimed, Refused
from tests.adapters.loopback import connected
from tests.chart import idle
from tests.chart.helm import CHART, Helm
from tests.chart.recorder import Recorder, Request
from tests.chart.rights import USES, Right, asked
from tests.chart.site import Site

RELEASE = "recorded"
NOWHERE = "192.0.2.1"  # for documentation: no gateway reaches it
ROOT = Path(__file__).parents[2]
DISCOVERY = re.compile(r"/api(/v1)?|/apis(/[^/]+/v[^/]+)?")
"""What every account may read: the lists of kinds."""
ELSEWHERE = re.compile(r"/namespaces/(?!recorded/)[^/]+/")
"""Namespaces of other tests: one that is on its way out refuses what would be created in it."""


@pytest.fixture(scope="module")
def site(cluster: Cluster, helm: Helm) -> Iterator[Site]:
    """A namespace with the chart's account, roles and policies, and nothing that uses them."""
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(CHART / "crds"))
    cluster.kubectl(
        "wait", "--for=condition=Established", "--timeout=30s", "-f", str(CHART / "crds")
    )
    shown = [f"--show-only=templates/{name}.yaml" for name in ("rbac", "admission")]
    rights = helm.template(RELEASE, *shown, namespace="recorded").good
    with Site.make(cluster, "recorded") as made:
        made.kubectl("apply", "-f", "-", stdin=rights)
        try:
            yield made
        finally:
            made.kubectl("delete", "--wait=false", "-f", "-", stdin=rights)


@pytest.fixture(scope="module")
def recorded(site: Site, tmp_path_factory: pytest.TempPathFactory) -> list[set[Right]]:
    """Live the life once; return what each request needed."""
    directory = tmp_path_factory.mktemp("recorded")
    token = site.kubectl("create", "token", RELEASE).strip()
    with Recorder.before(site.cluster.kubeconfig) as recorder:
        access = recorder.kubeconfig(directory / "kubeconfig", token)
        with _operator(site, access, directory / "log") as log:
            _live(site, log)
        asyncio.run(_overtaken(site, access))
    refused = [
        r
        for r in recorder.requests
        if r.status in {401, 403} and not ELSEWHERE.search(r.path) and not _is_tried(r)
    ]
    assert not refused, refused
    found = [
        (r, asked(r.method, r.path, watch=r.watch, status=r.status)) for r in recorder.requests
    ]
    assert all(DISCOVERY.fullmatch(r.path) for r, rights in found if rights is None)
    return [rights for _, rights in found if rights is not None]


@contextmanager
def _operator(site: Site, kubeconfig: Path, log: Path) -> Iterator[Path]:
    """Run the operator outside of the cluster, as the account; it ends as a pod would."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "knowngood", f"--kubeconfig={kubeconfig}", f"--port={port}"]
    place = [f"--namespace={site.namespace}", f"--lease={RELEASE}", "--identity=recorded-0"]
    source = [f"--source=default={site.cluster.prometheus_url}", f"--address={NOWHERE}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "operator"), "NO_PROXY": "*"}
    with log.open("w") as output:
        running = subprocess.Popen(  # noqa: S603 - the operator in this checkout
            [*command, *place, *source], env=environment, stdout=output, stderr=output
        )
        try:
            yield log
            running.send_signal(signal.SIGTERM)
            assert running.wait(timeout=30) == 0, log.read_text()[-3000:]
        finally:
            running.kill()
            running.wait()


def _live(site: Site, log: Path) -> None:
    """A first version, two that never get ready, of which one is taken back, and the end of the model."""

    def phase(wanted: str, version: str) -> None:
        site.wait(
            "aimd/idle",
            lambda seen: seen.get("status", {}).get("phase") == wanted,
            f"version {version}: {wanted}",
            diagnose=lambda: log.read_text()[-3000:],
        )

    policies = idle.policies(site.namespace, "recorded")
    site.apply(*policies, idle.model(site.namespace, signed=True))
    phase("Probation", "1")
    site.wait(
        "events.events.k8s.io",
        lambda seen: "AnswersNotSigned" in {event["reason"] for event in seen["items"]},
        "it was tried what the gateway can do, and it can not reach this process",
    )
    site.apply(idle.model(site.namespace, "2", ready=False))
    phase("Progressing", "2")
    site.apply(idle.model(site.namespace, "3", ready=False))
    phase("RolledBack", "3")
    site.wait(
        "aimodelversions",
        lambda seen: [v["spec"]["model"]["version"] for v in seen["items"]] == ["1", "3"],
        "the record of a version that nobody uses is forgotten",
    )
    site.wait("aiinc/idle-1", lambda seen: seen.get("status"), "the incident says what happened")
    _want_what_can_not_start(site)
    for item in site.get("aimodelversions")["items"]:
        (owner,) = item["metadata"]["ownerReferences"]
        # One that blocked deletion would need the right to update the owner's finalizers.
        assert not owner.get("blockOwnerDeletion")
    for policy in policies:
        site.wait(f"{policy['kind']}/recorded", lambda seen: seen.get("status"), "it has a status")
    site.kubectl("delete", "aimd", "idle", "--timeout=60s")
    left = site.kubectl("get", "deployments,services,httproutes", f"-l{MODEL_LABEL}=idle", "-oname")
    assert left == ""


def _want_what_can_not_start(site: Site) -> None:
    site.apply(idle.model(site.namespace, "4", complete=False))
    site.wait(
        "aimd/idle",
        lambda seen: (
            "ReferencedObjectMissing"
            in {c["reason"] for c in seen["status"]["conditions"] if c["type"] == "Stalled"}
        ),
        "version 4 waits for what its pods need",
    )


def _is_tried(request: Request) -> bool:
    """Whether it is one of those that the policy is to refuse; what it lets pass is asserted where it is asked."""
    return request.method == "POST" and request.path.endswith("/configmaps")


async def _overtaken(site: Site, kubeconfig: Path) -> None:
    """A write over something that has changed meanwhile: what it is now must be readable, too."""
    site.apply(idle.model(site.namespace))
    configuration = client.Configuration()
    load: Any = config.load_kube_config  # the client ships no types for its loaders
    await load(str(kubeconfig), client_configuration=configuration)
    old = ObjectMeta.model_validate(site.get("aimd/idle")["metadata"])
    site.kubectl("annotate", "aimd", "idle", "a=b")
    async with connected(configuration, MemoryFence()) as api:
        with pytest.raises(Changed):
            await KubernetesResources(api).write_status("AIModelDeployment", old, {})
        await _looked_into(site, KubernetesObjects(api))
        await _kept(site, KubernetesArchives(api))
        await KubernetesResources(api).delete("Incident", _incident(site).metadata)
    assert site.get("aiinc/idle-1") == {}


async def _looked_into(site: Site, objects: KubernetesObjects) -> None:
    """What is read of objects of others when what serves turns bad."""
    site.kubectl("create", "cronjob", "feed", "--image=feed", "--schedule=0 3 * * *", "--", "run")
    site.kubectl("create", "configmap", "rules", "--from-literal=secret=x")

    (job,) = await objects.cron_jobs(site.namespace)
    assert (job.name, job.suspended, job.scheduled, job.succeeded) == ("feed", False, None, None)
    assert job.edited is not None
    assert job.edited.by == "kubectl-create"
    for namespace, kind, name in (
        (site.namespace, "ConfigMap", "rules"),
        (site.namespace, "IncidentPolicy", "recorded"),
        ("", "ClusterIncidentPolicy", "recorded"),
    ):
        edited = await objects.edited(namespace, kind, name)
        assert edited is not None, kind
        assert edited.by != "knowngood", "a status is no edit"
        assert await objects.edited(namespace, kind, "nobody") is None


def _incident(site: Site) -> Incident:
    return Incident.model_validate(site.get("aiinc/idle-1"))


async def _kept(site: Site, archives: KubernetesArchives) -> None:
    """The oldest entries of a long timeline; the policy lets the account create no other ConfigMap."""
    incident = _incident(site)
    entries = [(SystemClock().now(), "DE.AE", f"event {n}") for n in range(150)]
    status = extend_timeline(incident, incident.status or IncidentStatus(), *entries)
    part = part_to_move(incident.model_copy(update={"status": status}), 10**6)
    assert part is not None
    kept: Any = part.manifest
    for _ in range(2):
        await archives.keep(kept)
    with pytest.raises(Claimed):
        await archives.keep({**kept, "data": {KEY: "{}"}})
    name = f"configmap/{kept['metadata']['name']}"
    found = site.get(name)
    assert (found["data"], found["immutable"]) == (kept["data"], True)
    other = {**kept["metadata"], "name": f"{kept['metadata']['name']}-more"}
    for refused in (
        {"metadata": {**other, "ownerReferences": []}},
        {"metadata": {**other, "name": "settings"}},
        {"metadata": other, "immutable": False},
        {"metadata": other, "data": {"settings.yaml": "x"}},
    ):
        with pytest.raises(Refused, match="entries of an incident"):
            await archives.keep({**kept, **refused})


def test_every_right_is_used(recorded: list[set[Right]]) -> None:
    assert set(USES) - set().union(*recorded) == set()


def test_no_other_right_is_asked_for(recorded: list[set[Right]]) -> None:
    assert set().union(*recorded) - set(USES) == set()
