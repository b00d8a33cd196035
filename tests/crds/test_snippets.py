"""What the pages show is what the API server takes: people write policies by copying them."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.cluster import Cluster
from tests.crds.manifests import GOOD, Manifest, changed
from tests.crds.trying import Server

ROOT = Path(__file__).parents[2]
PAGES = (*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md")
OURS = "knowngood.dev/"
PARTS = GOOD["AIModelDeployment"]["spec"].keys() | {"mirror", "shadow", "fallback", "feeds"}
FORMS = {"ratio", "histogram", "categories", "value"}


def blocks() -> Iterator[tuple[str, Any]]:
    """Every YAML document of every page, and where it stands."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in re.finditer(r"^ *```yaml\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE):
            line = text[: found.start()].count("\n") + 1
            for document in yaml.safe_load_all(textwrap.dedent(found[1])):
                yield f"{page.name}:{line}", document


def whole(document: Any) -> Manifest | None:
    """The object that a snippet is a part of; None where it is none of ours."""
    if isinstance(document, list) and all("test" in one for one in document):
        return changed(GOOD["IncidentPolicy"], ("spec.triggers", document), ("spec.responses", []))
    if not isinstance(document, dict):
        return None
    spec = document["spec"] if document.keys() == {"spec"} else document
    if spec.keys() <= PARTS:
        return changed(
            GOOD["AIModelDeployment"], *((f"spec.{name}", v) for name, v in spec.items())
        )
    if document.keys() & FORMS:
        return changed(GOOD["ClusterSignalTemplate"], ("spec", document))
    return document if str(document.get("apiVersion", "")).startswith(OURS) else None


SNIPPETS = [(where, made) for where, one in blocks() if (made := whole(one)) is not None]


def test_the_pages_are_read() -> None:
    kinds = {made["kind"] for _, made in SNIPPETS}
    assert {"AIModelDeployment", "IncidentPolicy", "ClusterSignalTemplate"} <= kinds
    assert len(SNIPPETS) > 12


@pytest.mark.parametrize(
    "manifest", [pytest.param(made, id=f"{where}-{made['kind']}") for where, made in SNIPPETS]
)
def test_what_a_page_shows_is_accepted(manifest: Manifest, crds: Cluster, server: Server) -> None:
    namespace = manifest["metadata"].get("namespace", "default")
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    # A dry run of an object in a namespace that does not exist is refused.
    crds.kubectl("apply", "--server-side", "-f", "-", stdin=yaml.safe_dump(space))
    server.apply(manifest)
