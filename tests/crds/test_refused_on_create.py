import pytest

from tests.crds.manifests import GOOD, SERVICES, changed
from tests.crds.refusal import Refusal
from tests.crds.refusals import ON_CREATE
from tests.crds.trying import Refused, Server

NOISE = ("evaluating rule", "no such key", "type conversion", "undefined field")
"""How the API server talks when a rule itself breaks."""


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_object_is_accepted(kind: str, server: Server) -> None:
    server.create(GOOD[kind])


def test_services_of_other_people_are_accepted(server: Server) -> None:
    manifest = changed(GOOD["AIModelDeployment"], ("spec.serving", SERVICES))
    server.create(manifest)


@pytest.mark.parametrize("refusal", ON_CREATE, ids=str)
def test_a_bad_object_is_refused_by_field(refusal: Refusal, server: Server) -> None:
    manifest = changed(GOOD[refusal.kind], (refusal.path, refusal.value))
    with pytest.raises(Refused) as refused:
        server.create(manifest)
    message = str(refused.value)
    assert refusal.names in message
    assert refusal.says in message
    assert not any(noise in message for noise in NOISE)
