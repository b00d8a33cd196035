"""The examples that people start from must be accepted as they stand."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.cluster import Cluster

EXAMPLES = Path(__file__).parents[2] / "examples"
FOREIGN = ("gateway.networking.k8s.io/", "monitoring.coreos.com/")
"""Groups that the bare control plane does not serve."""


def documents() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path in sorted(EXAMPLES.rglob("*.yaml")):
        for number, document in enumerate(yaml.safe_load_all(path.read_text())):
            if isinstance(document, dict) and {"apiVersion", "kind"} <= document.keys():
                found.append((f"{path.relative_to(EXAMPLES)}#{number}", document))
    return found


SERVED = [
    (where, document)
    for where, document in documents()
    if not document["apiVersion"].startswith(FOREIGN)
]


def test_there_are_examples_of_what_users_write() -> None:
    kinds = {document["kind"] for _, document in documents()}
    assert {"AIModelDeployment", "ClusterSignalTemplate"} <= kinds
    assert kinds & {"IncidentPolicy", "ClusterIncidentPolicy"}


@pytest.mark.parametrize(
    "document", [pytest.param(document, id=where) for where, document in SERVED]
)
def test_an_example_is_accepted(document: dict[str, Any], crds: Cluster) -> None:
    namespace = document["metadata"].get("namespace", "default")
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    # A dry run of an object in a namespace that does not exist is refused.
    crds.kubectl("apply", "--server-side", "-f", "-", stdin=yaml.safe_dump(space))
    text = yaml.safe_dump(document)
    crds.kubectl("apply", "--server-side", "--dry-run=server", "-f", "-", stdin=text)
