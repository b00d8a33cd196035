import re
from typing import Any

import pytest

from tests.chart.helm import CHART, Helm, one

Json = dict[str, Any]

LONGEST = "r" * 53
"""The longest name of a release that Helm takes."""

OBJECTS, PRESETS = 22, 8
DNS_1123 = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
LABEL = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
ALL_VALUES: Json = {
    "replicas": 3,
    "image": {"repository": "registry.example.com:5000/ai/operator", "tag": "1.0"},
    "imagePullSecrets": [{"name": "registry"}],
    "podAnnotations": {"example.com/note": "a: b # c", "prometheus.io/scrape": "false"},
    "podLabels": {"team": "123", "on": "true"},
    "nodeSelector": {"pool": "true"},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"},
        {
            "maxSkew": 2,
            "topologyKey": "rack",
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"team": "123"}},
        },
    ],
}


def _identity(found: Json) -> tuple[str, str, str]:
    meta = found["metadata"]
    return found["kind"], meta.get("namespace", ""), meta["name"]


def test_the_linter_has_nothing_to_say(helm: Helm) -> None:
    out = helm("lint", "--strict", CHART).good

    assert not re.search(r"\[(WARNING|ERROR)\]", out)


@pytest.mark.parametrize("release", ["knowngood", "k", "9", "my.release-1", "123", LONGEST])
def test_names_and_labels_are_within_their_limits(release: str, helm: Helm) -> None:
    objects = helm.template(release, namespace="n" * 63).objects

    assert len(objects) == OBJECTS + PRESETS
    for kind, namespace, name in map(_identity, objects):
        # The API server takes any path segment for the name of a role without a namespace.
        role = not namespace and kind.startswith("ClusterRole")
        pattern = re.compile(r"[^/%]{1,253}") if role else DNS_1123
        assert pattern.fullmatch(name), (kind, name)
    for found in objects:
        labels = found["metadata"]["labels"]
        assert all(isinstance(v, str) and LABEL.fullmatch(v) for v in labels.values()), labels


def test_two_releases_share_no_object(helm: Helm) -> None:
    # Joined by a dash, the names of the first two would be the same.
    places = [("a", "b-c"), ("a-b", "c"), (LONGEST, "x"), (LONGEST[:-1] + "q", "x"), ("a", "c")]
    found = [
        identity
        for release, namespace in places
        for identity in map(_identity, helm.template(release, namespace=namespace).objects)
        # Policies name these, so each cluster has them once; a second release is refused anyway.
        if identity[0] != "ClusterSignalTemplate"
    ]

    assert len(found) == len(set(found)) == OBJECTS * len(places)


def test_what_the_chart_makes_fits_together(rendered: list[Json]) -> None:
    account = one(rendered, "ServiceAccount")["metadata"]
    subject = {"kind": "ServiceAccount", "name": account["name"], "namespace": "knowngood"}
    assert account["namespace"] == "knowngood"
    for role, binding in (("ClusterRole", "ClusterRoleBinding"), ("Role", "RoleBinding")):
        bound = one(rendered, binding)
        assert bound["subjects"] == [subject]
        named = [r for r in rendered if r["metadata"]["name"] == bound["roleRef"]["name"]]
        assert bound["roleRef"]["kind"] == role
        assert role in {r["kind"] for r in named}
    deployment = one(rendered, "Deployment")["spec"]
    assert deployment["template"]["spec"]["serviceAccountName"] == account["name"]
    selected = deployment["selector"]["matchLabels"].items()
    assert selected <= deployment["template"]["metadata"]["labels"].items()


def test_every_value_arrives_where_it_belongs(helm: Helm) -> None:
    objects = helm.template(values=ALL_VALUES).objects

    template = one(objects, "Deployment")["spec"]["template"]
    pod, (container,) = template["spec"], template["spec"]["containers"]
    assert one(objects, "Deployment")["spec"]["replicas"] == 3
    assert container["image"] == "registry.example.com:5000/ai/operator:1.0"
    for name in ("imagePullSecrets", "nodeSelector", "tolerations", "affinity"):
        assert pod[name] == ALL_VALUES[name]
    own = {"app.kubernetes.io/name": "knowngood", "app.kubernetes.io/instance": "knowngood"}
    assert template["metadata"]["labels"] == own | ALL_VALUES["podLabels"]
    assert template["metadata"]["annotations"] == {
        "prometheus.io/port": "8080",
        **ALL_VALUES["podAnnotations"],
    }
    spread = pod["topologySpreadConstraints"]
    assert [s["topologyKey"] for s in spread] == ["zone", "rack"]
    assert spread[0]["labelSelector"] == {"matchLabels": own}
    assert spread[1]["labelSelector"] == {"matchLabels": {"team": "123"}}


def test_the_operator_may_do_nothing_to_its_node(rendered: list[Json]) -> None:
    pod = one(rendered, "Deployment")["spec"]["template"]["spec"]

    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert pod["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_by_default_the_loss_of_a_node_or_an_upgrade_leaves_an_operator(
    rendered: list[Json],
) -> None:
    deployment = one(rendered, "Deployment")["spec"]
    own = {"app.kubernetes.io/name": "knowngood", "app.kubernetes.io/instance": "knowngood"}

    assert deployment["replicas"] == 2
    assert deployment["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
    }
    # A cluster with one node is no reason to run one operator only.
    assert deployment["template"]["spec"]["topologySpreadConstraints"] == [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": own},
        }
    ]
    assert one(rendered, "PodDisruptionBudget")["spec"]["selector"] == {"matchLabels": own}


@pytest.mark.parametrize(("replicas", "budgets"), [(1, 0), (2, 1), (3, 1)])
def test_a_budget_for_disruptions_only_where_another_replica_is_left(
    replicas: int, budgets: int, helm: Helm
) -> None:
    objects = helm.template(values={"replicas": replicas}).objects

    found = [o for o in objects if o["kind"] == "PodDisruptionBudget"]
    assert len(found) == budgets
    assert all(f["spec"]["maxUnavailable"] == 1 for f in found)


@pytest.mark.parametrize(("wanted", "roles"), [(True, 3), (False, 0)])
def test_people_get_rights_only_when_asked_for(wanted: bool, roles: int, helm: Helm) -> None:  # noqa: FBT001 - a table's column
    objects = helm.template(values={"aggregateRoles": wanted}).objects

    assert sum("aggregate-to" in str(o["metadata"]["labels"]) for o in objects) == roles


@pytest.mark.parametrize(("wanted", "policies"), [(True, 6), (False, 0)])
def test_people_are_proved_only_when_asked_for(wanted: bool, policies: int, helm: Helm) -> None:  # noqa: FBT001 - a table's column
    objects = helm.template(values={"admission": {"enabled": wanted}}).objects

    for kind in ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"):
        assert sum(o["kind"] == kind for o in objects) == policies
    # The operator believes names exactly where something proves them.
    assert ("--people-proved" in str(one(objects, "Deployment"))) is wanted


def test_every_policy_is_bound_and_denies(rendered: list[Json]) -> None:
    policies = [o for o in rendered if o["kind"] == "ValidatingAdmissionPolicy"]
    bindings = [o for o in rendered if o["kind"] == "ValidatingAdmissionPolicyBinding"]

    assert [b["spec"] for b in bindings] == [
        {"policyName": p["metadata"]["name"], "validationActions": ["Deny"]} for p in policies
    ]
    assert {p["spec"]["failurePolicy"] for p in policies} == {"Fail"}


def test_an_old_server_is_refused(helm: Helm) -> None:
    assert "kubeVersion" in helm.template("knowngood", "--kube-version=1.29.9").refusal
    assert helm.template("knowngood", "--kube-version=1.30.0-gke.1").objects


def test_without_archives_the_operator_may_create_no_config_map(helm: Helm) -> None:
    objects = helm.template(values={"incidents": {"archive": False}}).objects

    assert not any(".archives." in o["metadata"]["name"] for o in objects)
    roles = [o for o in objects if o["kind"] == "ClusterRole" and "rules" in o]
    rights = [(r["resources"], r["verbs"]) for role in roles for r in role["rules"]]
    assert not any("configmaps" in kinds and "create" in verbs for kinds, verbs in rights)
