"""`knowngood replay` on a real API server: what it needs is read there, and nothing is written."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.cluster import Cluster
from tests.cli.conftest import kinds  # noqa: F401  - the control plane, with our CRDs in it
from tests.cli.program import Ended, run
from tests.control.manifests import Object
from tests.control.world import World
from tests.rehearsal.past import BEGINS, SPAN, objects

PLACE = (
    "loan",
    "-n",
    "lending",
    "--from",
    f"{BEGINS:%Y-%m-%dT%H:%M:%SZ}",
    "--for",
    f"{SPAN.seconds}s",
)
OURS = "aimd,aimv,incidentpolicies,clusterincidentpolicies,csigt,aiinc"

pytestmark = pytest.mark.cluster


def bring(cluster: Cluster, found: list[Object]) -> None:
    """Write objects of the small world, with their statuses, as a restore from a backup does."""
    cluster.kubectl("delete", "namespace", "lending", "--ignore-not-found")  # of the examples
    cluster.kubectl("create", "namespace", "lending")
    uid = ""
    for body in found:
        meta = {k: v for k, v in body["metadata"].items() if k in {"name", "namespace", "labels"}}
        spec = body["spec"]
        if body["kind"] == "AIModelVersion":
            spec = {**spec, "modelRef": {**spec["modelRef"], "uid": uid}}
        kept = {"apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": meta}
        text = json.dumps({**kept, "spec": spec})
        cluster.kubectl("apply", "--server-side", "-f", "-", stdin=text)
        if body["kind"] == "AIModelDeployment":
            uid = cluster.kubectl(
                "get", "aimd", "loan", "-n", "lending", "-o", "jsonpath={.metadata.uid}"
            )
        if body.get("status"):
            told = json.dumps([{"op": "add", "path": "/status", "value": body["status"]}])
            where = ("-n", "lending", body["kind"].lower(), meta["name"])
            cluster.kubectl("patch", *where, "--subresource=status", "--type=json", "-p", told)


def all_of(cluster: Cluster) -> Any:
    found = json.loads(cluster.kubectl("get", OURS, "-n", "lending", "-o", "json"))["items"]
    return {o["metadata"]["uid"]: o["metadata"]["resourceVersion"] for o in found}


@pytest.fixture
def lending(kinds: Cluster, bad: World) -> Iterator[Cluster]:  # noqa: F811  - the fixture that is imported
    bring(kinds, objects(bad))
    yield kinds
    kinds.kubectl("delete", "csigt", "errors")
    kinds.kubectl("delete", "namespace", "lending", "--wait=false")


async def test_an_edited_policy_is_tried_without_touching_the_cluster(
    lending: Cluster, prometheus: str, bad: World, tmp_path: Path
) -> None:
    async def replay(*words: str) -> Ended:
        where = ("--kubeconfig", str(lending.kubeconfig), "--prometheus", prometheus, "-o", "json")
        return await asyncio.to_thread(run, "replay", *PLACE, *where, *words)

    (policy,) = [o for o in objects(bad) if o["kind"] == "IncidentPolicy"]
    policy["spec"]["triggers"][0]["test"]["threshold"]["above"] = "0.5"
    edited = tmp_path / "edited.yaml"
    edited.write_text(yaml.safe_dump(policy))
    before = all_of(lending)

    as_it_was, as_edited = await replay(), await replay("-f", str(edited))

    assert (as_it_was.err, as_edited.err) == ("", "")
    assert [act["moves"] for act in json.loads(as_it_was.out)["acts"]] == [False, True]
    assert json.loads(as_edited.out)["acts"] == []
    assert all_of(lending) == before
