"""Commands where the chart's policies prove who gives them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from e2e.cluster import Cluster
from knowngood.decisions.commands import COMMAND_ANNOTATION
from knowngood.decisions.people import COMMAND_BY_ANNOTATION
from tests.chart.helm import Helm
from tests.chart.policies import in_force
from tests.cli.program import call
from tests.cli.stage import Stage


@pytest.fixture
def proved(
    kinds: Cluster, stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A model that waits for a person, under the policies of the chart."""
    stage.model()
    stage.status("waiting for a person")
    helm = Helm(kinds.tools.helm, tmp_path_factory.mktemp("helm"))
    with in_force(kinds, helm, f"{stage.namespace}-proved"):
        yield stage


def test_the_policies_let_through_who_has_the_verb_and_name_it_to_who_has_not(
    proved: Stage, tmp_path: Path
) -> None:
    access = tmp_path / "access"
    access.write_text(yaml.safe_dump(proved.access("get,patch,abort aimodeldeployments")))
    words = ("loan", "--no-wait", "--kubeconfig", str(access))

    refused, passed = call("promote", *words), call("abort", *words)

    assert (refused.code, len(refused.err.splitlines())) == (2, 1)
    assert "refused: " in refused.err
    assert "lacks the verb promote on aimodeldeployments.knowngood.dev" in refused.err
    assert (passed.code, passed.err) == (0, "")
    found = proved.live().metadata.annotations
    assert found[COMMAND_ANNOTATION].startswith("abort 8 ")
    assert found[COMMAND_BY_ANNOTATION] == f"system:serviceaccount:{proved.namespace}:somebody"
