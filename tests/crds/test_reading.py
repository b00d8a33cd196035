"""What people read: `kubectl explain` and `kubectl get`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from e2e.cluster import Cluster
from knowngood.api.schema import structural
from knowngood.api.v1alpha1 import RESOURCES, Resource
from tests.crds.manifests import GOOD, Manifest

T0 = "2026-01-01T00:00:00.000000Z"


def objects(node: dict[str, Any], where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Paths of all fields that have fields themselves."""
    inner = node.get("items", node)
    if "properties" in inner:
        yield where, inner
        for name, child in inner["properties"].items():
            yield from objects(child, f"{where}.{name}")


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: str(resource.kind))
def test_explain_has_words_for_every_field(resource: Resource, crds: Cluster) -> None:
    schema = structural(resource.model, defaults=False)
    for part in ("spec", "status"):
        for path, node in objects(schema["properties"][part], f"{resource.short}.{part}"):
            words = " ".join(crds.kubectl("explain", path).split())
            assert "<no description>" not in words, path
            assert "<empty>" not in words, path
            for name, child in node["properties"].items():
                assert " ".join(child["description"].split()) in words, f"{path}.{name}"


def status(phase: str, **more: Any) -> dict[str, Any]:
    ready = {
        "type": "Ready",
        "status": "False",
        "reason": "Progressing",
        "message": "",
        "lastTransitionTime": T0,
    }
    return {"observedGeneration": 1, "phase": phase, "conditions": [ready], **more}


ROWS: list[tuple[str, str, dict[str, Any], dict[str, str]]] = [
    (
        "AIModelDeployment",
        "aimd",
        status(
            "Paused",
            versions={"desired": "8", "stable": "7", "canary": "8"},
            traffic={"canaryWeight": 5},
            incidentRef={"name": "loan-approval-2"},
        ),
        {
            "VERSION": "8",
            "STABLE": "7",
            "CANARY": "8",
            "WEIGHT": "5",
            "PHASE": "Paused",
            "READY": "False",
            "INCIDENT": "loan-approval-2",
        },
    ),
    (
        "AIModelVersion",
        "aimv",
        {
            "standing": "Trial",
            "role": "Canary",
            "transitions": [
                {"standing": "Candidate", "time": "2020-01-01T00:00:00Z", "reason": "Rollout"},
                {"standing": "Trial", "time": "NOW", "reason": "FirstWeight"},
            ],
        },
        {"MODEL": "loan-approval", "VERSION": "8", "ROLE": "Canary", "STANDING": "Trial"},
    ),
    (
        "IncidentPolicy",
        "ipol",
        {"selectedModels": 12},
        {"MODE": "Act", "MODELS": "12", "READY": ""},
    ),
    (
        "Incident",
        "aiinc",
        {
            "phase": "Contained",
            "severity": "Critical",
            "evidence": [
                {"id": "e1", "trigger": "errors", "verdict": "Breached", "message": "too many"}
            ],
            "actions": [{"id": "a1", "type": "Rollback", "state": "Verified", "startedAt": T0}],
            "clocks": {"detected": "NOW"},
        },
        {
            "MODEL": "loan-approval",
            "SEVERITY": "Critical",
            "PHASE": "Contained",
            "TRIGGER": "errors",
            "ACTION": "Rollback",
        },
    ),
]


@pytest.mark.parametrize(("kind", "short", "seen", "shown"), ROWS, ids=lambda row: str(row)[:20])
def test_get_shows_the_state_in_one_line(
    kind: str, short: str, seen: dict[str, Any], shown: dict[str, str], crds: Cluster
) -> None:
    manifest = renamed(GOOD[kind])
    text = json.dumps({"status": seen}).replace('"NOW"', json.dumps(now()))
    name = manifest["metadata"]["name"]
    crds.kubectl("apply", "--server-side", "-f", "-", stdin=yaml.safe_dump(manifest))
    try:
        crds.kubectl("patch", short, name, "--subresource=status", "--type=merge", "-p", text)
        header, row = crds.kubectl("get", short, name).splitlines()
    finally:
        crds.kubectl("delete", short, name)
    cells = {title: cell(header, row, title) for title in header.split()}
    assert {title: cells[title] for title in shown} == shown
    for title in {"SINCE", "DETECTED"} & cells.keys():
        assert cells[title].endswith("s"), "the latest change is seconds old"


def test_one_word_lists_everything_of_ours(crds: Cluster) -> None:
    listed = crds.kubectl("api-resources", "--categories=knowngood", "-o", "name").split()
    assert sorted(listed) == sorted(resource.crd for resource in RESOURCES)


def renamed(manifest: Manifest) -> Manifest:
    return {**manifest, "metadata": {**manifest["metadata"], "name": "shown"}}


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251 - compared by the server


def cell(header: str, row: str, title: str) -> str:
    """Cut a cell out of a table: cells start where their titles do, and may be empty."""
    start = header.index(title)
    rest = header[start + len(title) :]
    width = len(title) + len(rest) - len(rest.lstrip())
    return row[start : start + width if rest.strip() else None].strip()


def test_a_model_is_scaled_as_a_deployment_is(crds: Cluster) -> None:
    """By kubectl and by an autoscaler: both use the scale subresource."""
    good = GOOD["AIModelDeployment"]
    manifest = {**good, "metadata": {**good["metadata"], "name": "scaled"}}
    crds.kubectl("apply", "--server-side", "-f", "-", stdin=yaml.safe_dump(manifest))
    told = {"status": {"replicas": 2, "selector": "knowngood.dev/model=scaled"}}
    crds.kubectl(
        "patch", "aimd", "scaled", "--subresource=status", "--type=merge", "-p", json.dumps(told)
    )

    crds.kubectl("scale", "aimd", "scaled", "--replicas=5")

    found = json.loads(crds.kubectl("get", "aimd", "scaled", "--subresource=scale", "-o", "json"))
    assert (found["spec"]["replicas"], found["status"]["replicas"]) == (5, 2)
    assert found["status"]["selector"] == "knowngood.dev/model=scaled"
    crds.kubectl("delete", "aimd", "scaled")
