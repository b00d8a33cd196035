"""What the chart lets the operator suspend: nothing by default, then a list of kinds, in some namespaces or in all."""

from typing import Any

from knowngood.settings import parse
from tests.chart.helm import Helm, one
from tests.chart.rights import Right, granted

Json = dict[str, Any]

CRON_JOBS = {Right("batch", "cronjobs", "get"), Right("batch", "cronjobs", "patch")}
PROXY = {
    "apiVersion": "example.com/v1",
    "kind": "Proxy",
    "resource": "proxies",
    "path": "/spec/state",
    "value": "paused",
}


def objects(helm: Helm, **feeds: Any) -> list[Json]:
    return helm.template(values={"feeds": feeds}).objects


def roles(found: list[Json], kind: str) -> dict[str, Json]:
    """Roles for feeds, by namespace."""
    named = [o for o in found if o["kind"] == kind and "feeds" in o["metadata"]["name"]]
    return {role["metadata"].get("namespace", ""): role for role in named}


def arguments(found: list[Json]) -> list[str]:
    pod = one(found, "Deployment")["spec"]["template"]["spec"]
    given: list[str] = pod["containers"][0]["args"]
    return given


def test_by_default_nothing_may_be_suspended(helm: Helm) -> None:
    found = helm.template().objects

    assert roles(found, "ClusterRole") == roles(found, "Role") == {}
    assert not parse(arguments(found)).suspendable.entries


def test_where_it_is_enabled_cron_jobs_are_read_and_patched_and_nothing_else(helm: Helm) -> None:
    found = objects(helm, enabled=True)

    (role,) = roles(found, "ClusterRole").values()
    assert set(granted(role["rules"])) == CRON_JOBS
    bindings = [o for o in found if o["kind"] == "ClusterRoleBinding"]
    (bound,) = [b for b in bindings if b["roleRef"]["name"] == role["metadata"]["name"]]
    account = one(found, "ServiceAccount")["metadata"]["name"]
    assert [s["name"] for s in bound["subjects"]] == [account]
    (entry,) = parse(arguments(found)).suspendable.entries
    assert (entry.kind, entry.path, entry.value) == ("CronJob", "/spec/suspend", "true")


def test_in_named_namespaces_the_rights_are_there_alone(helm: Helm) -> None:
    found = objects(helm, enabled=True, namespaces=["lending", "fraud"])

    assert roles(found, "ClusterRole") == {}
    here = roles(found, "Role")
    assert here.keys() == {"lending", "fraud"}
    assert all(set(granted(role["rules"])) == CRON_JOBS for role in here.values())
    bindings = [o for o in found if o["kind"] == "RoleBinding" and "feeds" in o["roleRef"]["name"]]
    assert {b["metadata"]["namespace"] for b in bindings} == {"lending", "fraud"}
    assert {b["subjects"][0]["namespace"] for b in bindings} == {"knowngood"}
    assert parse(arguments(found)).suspendable.namespaces == ("lending", "fraud")


def test_the_list_of_the_chart_is_what_the_operator_reads_and_may_patch(helm: Helm) -> None:
    found = objects(helm, enabled=True, suspendable=[PROXY])

    (role,) = roles(found, "ClusterRole").values()
    kind = ("example.com", "proxies")
    assert set(granted(role["rules"])) == {Right(*kind, "get"), Right(*kind, "patch")}
    (entry,) = parse(arguments(found)).suspendable.entries
    assert (entry.resource, entry.path, entry.value) == ("proxies", "/spec/state", '"paused"')
