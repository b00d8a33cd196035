"""What the chart grants against what the modules use, without a cluster."""

import importlib
from typing import Any

import pytest

from tests.chart.helm import one
from tests.chart.rights import GATEWAY, HOME_ONLY, USES, Right, asked, granted

Json = dict[str, Any]


def _all(rendered: list[Json]) -> list[Right]:
    role, cluster_role = one(rendered, "Role"), _operators(rendered)
    return granted([*role["rules"], *cluster_role["rules"]])


def _operators(rendered: list[Json]) -> Json:
    name = one(rendered, "ClusterRoleBinding")["roleRef"]["name"]
    return one([r for r in rendered if r["metadata"]["name"] == name], "ClusterRole")


def test_the_chart_grants_what_the_modules_use_and_nothing_else(rendered: list[Json]) -> None:
    rights = _all(rendered)

    assert sorted(rights) == sorted(set(rights)), "a right is granted twice"
    assert set(rights) == set(USES)


def test_no_rule_has_a_wildcard(rendered: list[Json]) -> None:
    assert not any("*" in part for right in _all(rendered) for part in right[:3])


def test_little_is_granted_in_its_own_namespace_alone(rendered: list[Json]) -> None:
    (named,) = [r for r in one(rendered, "Role")["rules"] if "resourceNames" in r]

    here = set(granted(one(rendered, "Role")["rules"]))
    assert {r.resource for r in here - HOME_ONLY} == {"leases"}
    assert here >= HOME_ONLY
    assert named["resourceNames"] == ["knowngood"]
    assert "--lease=knowngood" in str(one(rendered, "Deployment"))


@pytest.mark.parametrize("module", sorted(set(USES.values())))
def test_the_table_names_modules_that_exist(module: str) -> None:
    assert importlib.import_module(module).__doc__


def test_requests_are_read_as_the_api_server_reads_them() -> None:
    models = "/apis/knowngood.dev/v1alpha1/aimodeldeployments"
    route = "/apis/gateway.networking.k8s.io/v1/namespaces/n/httproutes/r"
    lease = "/apis/coordination.k8s.io/v1/namespaces/n/leases"
    ours = ("knowngood.dev", "aimodeldeployments")
    assert asked("GET", models, watch=False, status=200) == {Right(*ours, "list")}
    assert asked("GET", models, watch=True, status=200) == {Right(*ours, "watch")}
    assert asked("PATCH", f"{models}/m/status", watch=False, status=200) == {
        Right("knowngood.dev", "aimodeldeployments/status", "patch")
    }
    assert asked("PATCH", route, watch=False, status=201) == {
        Right(GATEWAY, "httproutes", "patch"),
        Right(GATEWAY, "httproutes", "create"),
    }
    assert asked("GET", "/api/v1/namespaces", watch=False, status=200) == {
        Right("", "namespaces", "list")
    }
    assert asked("PUT", f"{lease}/l", watch=False, status=200) == {
        Right("coordination.k8s.io", "leases", "update", named=True)
    }
    assert asked("POST", lease, watch=False, status=201) == {
        Right("coordination.k8s.io", "leases", "create")
    }
    assert asked("GET", "/apis/knowngood.dev/v1alpha1", watch=False, status=200) is None
