import pytest
import yaml

from e2e.cluster import Cluster
from e2e.cluster.errors import KubectlFailed
from tests.crds.manifests import GOOD, SERVICES, Manifest, changed
from tests.crds.refusal import Refusal
from tests.crds.refusals import ON_CREATE

NOISE = ("evaluating rule", "no such key", "type conversion", "undefined field")
"""How the API server talks when a rule itself breaks."""


def try_to_create(cluster: Cluster, manifest: Manifest) -> None:
    cluster.kubectl("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump(manifest))


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_object_is_accepted(kind: str, crds: Cluster) -> None:
    try_to_create(crds, GOOD[kind])


def test_services_of_other_people_are_accepted(crds: Cluster) -> None:
    manifest = changed(GOOD["AIModelDeployment"], ("spec.serving", SERVICES))
    try_to_create(crds, manifest)


@pytest.mark.parametrize("refusal", ON_CREATE, ids=str)
def test_a_bad_object_is_refused_by_field(refusal: Refusal, crds: Cluster) -> None:
    manifest = changed(GOOD[refusal.kind], (refusal.path, refusal.value))
    with pytest.raises(KubectlFailed) as refused:
        try_to_create(crds, manifest)
    message = str(refused.value)
    assert refusal.names in message
    assert refusal.says in message
    assert not any(noise in message for noise in NOISE)
