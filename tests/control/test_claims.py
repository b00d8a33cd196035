"""Two models that want the same requests: the younger one says so, and gets none."""

from typing import Any

import pytest

from knowngood.adapters.memory.server import MemoryServer
from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.control.claims import Claims
from knowngood.control.store import Store
from tests.control.manifests import NAMESPACE, Object, a_model

PUBLIC: Object = {"name": "public", "namespace": "gateways"}
PREDICT: Object = {"path": {"type": "PathPrefix", "value": "/predict"}}


def traffic(
    *matches: Object, hosts: tuple[str, ...] = ("loan.example.com",), parent: Object = PUBLIC
) -> Object:
    rules = [{"name": "predict", "matches": list(matches)}]
    gateway: Object = {"parentRefs": [parent], "hostnames": list(hosts), "rules": rules}
    return {"traffic": {"gatewayAPI": gateway}}


class Cluster:
    """Models in the order of their creation."""

    def __init__(self) -> None:
        self.server, self.store = MemoryServer(), Store()
        self.claims = Claims(self.store)
        self._second = 0

    def add(self, name: str, spec: Object) -> None:
        body = a_model(name, **spec)
        self._second += 1
        body["metadata"]["creationTimestamp"] = f"2026-03-01T12:00:{self._second:02}Z"
        created = self.server.create(body)
        assert created is not None
        self.store.put("AIModelDeployment", created)

    def edit(self, name: str, spec: Object) -> None:
        def change(body: Object) -> None:
            body["spec"] |= spec

        self.store.put(
            "AIModelDeployment", self.server.patch("AIModelDeployment", NAMESPACE, name, change)
        )

    def says(self, name: str) -> str:
        model: AIModelDeployment | None = self.store.get("AIModelDeployment", NAMESPACE, name)
        assert model is not None
        problem = self.claims.problem(model, None)
        return problem.message if problem else ""


@pytest.mark.parametrize(
    ("spec", "collides"),
    [
        pytest.param(traffic(PREDICT), True, id="the same"),
        pytest.param(traffic({"path": {"type": "Exact", "value": "/predict"}}), False, id="path"),
        pytest.param(traffic(PREDICT, hosts=("other.example.com",)), False, id="host"),
        pytest.param(
            traffic(PREDICT, hosts=("other.example.com", "loan.example.com")), True, id="one host"
        ),
        pytest.param(traffic(PREDICT, parent={"name": "public"}), False, id="gateway"),
        pytest.param(traffic(PREDICT, parent=PUBLIC | {"sectionName": "a"}), False, id="listener"),
        pytest.param({"traffic": {"routeRef": {"name": "edge"}}}, False, id="somebody's route"),
    ],
)
def test_the_younger_model_that_wants_the_same_requests_is_stalled(
    spec: Object,
    collides: bool,  # noqa: FBT001  - a table's column
) -> None:
    cluster = Cluster()
    cluster.add("older", traffic(PREDICT))
    cluster.add("younger", spec)

    assert cluster.says("older") == ""
    assert ("lending/older" in cluster.says("younger")) is collides
    assert ("spec.traffic.gatewayAPI" in cluster.says("younger")) is collides


def test_two_models_without_host_or_match_want_everything() -> None:
    cluster = Cluster()
    for name in ("older", "younger"):
        cluster.add(name, traffic(hosts=()))

    assert "any host" in cluster.says("younger")


def test_what_is_edited_or_deleted_collides_no_more() -> None:
    cluster = Cluster()
    for name in ("older", "younger", "youngest"):
        cluster.add(name, traffic(PREDICT))
    assert cluster.says("younger")

    cluster.edit("older", traffic(PREDICT, hosts=("new.example.com",)))
    cluster.says("older")
    assert cluster.says("younger") == ""

    found: Any = cluster.store.get("AIModelDeployment", NAMESPACE, "younger")
    cluster.store.remove("AIModelDeployment", NAMESPACE, "younger", found.metadata.uid)
    assert cluster.says("youngest") == ""
    cluster.claims.forget(found.metadata.uid)
    assert cluster.says("youngest") == ""
