"""What the API server lets the operator's account and the people of a namespace do."""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.cluster import Cluster
from e2e.cluster.waiting import until
from knowngood.decisions.commands import Verb
from tests.chart.helm import CHART, Helm
from tests.chart.reviews import Deed, Who, allowed, rules
from tests.chart.rights import HOME_ONLY, OURS, USES, Right, granted

Json = dict[str, Any]

HOME, OTHER = "rights-home", "rights-other"
OPERATOR = Who.account(HOME, "knowngood")

DANGEROUS = [
    *(f"{verb} secrets" for verb in ("get", "list", "watch", "create", "patch", "delete")),
    *(f"{verb} pods" for verb in ("get", "create", "patch", "delete")),
    *(
        f"{verb} pods/{sub}"
        for sub in ("exec", "attach", "portforward")
        for verb in ("get", "create")
    ),
    *("get pods/log", "create pods/eviction", "create serviceaccounts/token"),
    *(
        "list configmaps",
        "watch configmaps",
        "patch configmaps",
        "create persistentvolumeclaims",
    ),
    *(f"{verb} serviceaccounts" for verb in ("list", "create", "patch", "impersonate")),
    *(f"impersonate {who}" for who in ("users", "groups")),
    *(f"{verb} namespaces" for verb in ("create", "patch", "update", "delete")),
    *(f"{verb} nodes" for verb in ("get", "list", "patch")),
    *(
        "get nodes/proxy",
        "create nodes/proxy",
        "get services",
        "get services/proxy",
    ),
    *("get deployments.apps", "update deployments.apps", "patch deployments.apps/scale"),
    *("deletecollection deployments.apps", "create daemonsets.apps", "create statefulsets.apps"),
    *("create jobs.batch", "create cronjobs.batch", "patch gateways.gateway.networking.k8s.io"),
    *(
        "create referencegrants.gateway.networking.k8s.io",
        "create networkpolicies.networking.k8s.io",
    ),
    *(
        f"{verb} {kind}.rbac.authorization.k8s.io"
        for kind in ("roles", "rolebindings", "clusterroles", "clusterrolebindings")
        for verb in ("create", "patch", "update", "bind", "escalate")
    ),
    *("patch customresourcedefinitions.apiextensions.k8s.io", "list events.events.k8s.io"),
    "create mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "create validatingadmissionpolicies.admissionregistration.k8s.io",
    *("create certificatesigningrequests.certificates.k8s.io", "delete events.events.k8s.io"),
    *("create aimodeldeployments.knowngood.dev", "delete aimodeldeployments.knowngood.dev"),
    *("update aimodeldeployments.knowngood.dev", "update aimodelversions.knowngood.dev"),
    *("patch incidents.knowngood.dev", "deletecollection incidents.knowngood.dev"),
    *(
        f"{verb} {kind}.knowngood.dev"
        for kind in ("incidentpolicies", "clusterincidentpolicies", "clustersignaltemplates")
        for verb in ("create", "patch", "delete")
    ),
    *(
        f"{verb} aimodeldeployments.knowngood.dev"
        for verb in (*Verb, "freeze", "suspend", "orphan")
    ),
    *(f"{v} incidents.knowngood.dev" for v in ("acknowledge", "approve", "decide", "close")),
    *("list leases.coordination.k8s.io", "delete leases.coordination.k8s.io"),
]


@pytest.fixture(scope="module")
def home(control_plane: Cluster, helm: Helm) -> Iterator[Cluster]:
    """A cluster with everything of the chart in it that is about rights."""
    control_plane.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(CHART / "crds"))
    shown = [f"--show-only=templates/{name}.yaml" for name in ("rbac", "people")]
    manifests = helm.template("knowngood", *shown, namespace=HOME).good
    for namespace in (HOME, OTHER):
        control_plane.kubectl("create", "namespace", namespace)
    control_plane.kubectl("apply", "-f", "-", stdin=manifests)
    for role in ("view", "edit", "admin"):
        control_plane.kubectl(
            "-n", OTHER, "create", "rolebinding", role, f"--clusterrole={role}", f"--user={role}"
        )
    yield control_plane
    control_plane.kubectl("delete", "--wait=false", "-f", "-", stdin=manifests)
    control_plane.kubectl("delete", "namespace", HOME, OTHER, "--wait=false")


def _deed(right: Right, namespace: str) -> Deed:
    plural, _, subresource = right.resource.partition("/")
    kind = f"{plural}.{right.group}" if right.group else plural
    what = f"{right.verb} {kind}{'/' + subresource if subresource else ''}"
    return Deed(what, namespace, "knowngood" if right.named else "")


def test_the_operator_may_do_what_its_modules_do(home: Cluster) -> None:
    at_home = {r for r in USES if r.resource == "leases"} | HOME_ONLY
    deeds = [_deed(r, HOME if r in at_home else "") for r in USES]

    answers = allowed(home, OPERATOR, deeds)

    assert [deed for deed, may in answers.items() if not may] == []


@pytest.mark.parametrize("namespace", ["", HOME, OTHER, "kube-system"])
def test_the_operator_may_do_nothing_dangerous(namespace: str, home: Cluster) -> None:
    answers = allowed(home, OPERATOR, [Deed(what, namespace) for what in DANGEROUS])

    assert [deed for deed, may in answers.items() if may] == []


def test_the_operator_has_no_rule_but_the_charts_own(home: Cluster) -> None:
    everybody = set(granted(rules(home, Who("somebody"), HOME)))
    mine = set(granted(rules(home, OPERATOR, HOME)))

    assert mine - everybody == set(USES)


def test_the_operator_may_touch_no_lease_but_its_own(home: Cluster) -> None:
    lease = "leases.coordination.k8s.io"
    foreign = [Deed(f"{v} {lease}", HOME, "other") for v in ("get", "update", "patch", "delete")]
    elsewhere = [Deed(f"{v} {lease}", OTHER, "knowngood") for v in ("get", "update", "create")]

    assert not any(allowed(home, OPERATOR, [*foreign, *elsewhere]).values())


def test_the_operator_may_lead_a_service_to_itself_at_home_and_nowhere_else(home: Cluster) -> None:
    answers = allowed(home, OPERATOR, [_deed(r, OTHER) for r in HOME_ONLY])

    assert not any(answers.values())


def test_a_finalizer_can_not_be_patched_without_the_right_to_patch_the_spec(home: Cluster) -> None:
    # RBAC knows no smaller right: the operator's code is what keeps it from touching a spec.
    deed = Deed("patch aimodeldeployments.knowngood.dev", OTHER)

    assert allowed(home, OPERATOR, [deed]) == {deed: True}


KINDS = ("aimodeldeployments", "aimodelversions", "incidents", "incidentpolicies")
CLUSTER_KINDS = ("clusterincidentpolicies", "clustersignaltemplates")
WRITES = ("create", "update", "patch", "delete", "deletecollection")
READ = {f"{verb} {kind}.{OURS}" for kind in KINDS for verb in ("get", "list", "watch")}
EDIT = {f"{verb} {k}.{OURS}" for k in ("aimodeldeployments", "incidentpolicies") for verb in WRITES}
FORCE = {f"{verb} aimodeldeployments.{OURS}" for verb in (Verb.FORCE, Verb.ATTEST, Verb.REMEMBER)}
SAYINGS = {f"{verb} aimodeldeployments.{OURS}" for verb in (*Verb, "freeze", "suspend", "orphan")}
SAYINGS -= FORCE
SAYINGS |= {f"{verb} incidents.{OURS}" for verb in ("acknowledge", "approve", "decide", "close")}
SCALE = {f"{verb} aimodeldeployments.{OURS}/scale" for verb in ("get", "update", "patch")}
EDIT |= READ | SAYINGS | SCALE | {f"{verb} incidents.{OURS}" for verb in ("create", "patch")}
ADMIN = EDIT | FORCE | {f"{verb} incidents.{OURS}" for verb in ("delete", "deletecollection")}
ALL = (
    READ
    | SAYINGS
    | FORCE
    | SCALE
    | {f"{verb} {kind}.{OURS}{sub}" for kind in KINDS for verb in WRITES for sub in ("", "/status")}
)


@pytest.mark.parametrize(("person", "deeds"), [("view", READ), ("edit", EDIT), ("admin", ADMIN)])
def test_people_of_a_namespace_may_do_what_their_role_says(
    person: str, deeds: set[str], home: Cluster
) -> None:
    def may() -> set[str]:
        answers = allowed(home, Who(person), [Deed(what, OTHER) for what in ALL])
        return {deed.what for deed, yes in answers.items() if yes}

    # A controller gathers the rules of the cluster's own roles, a moment after the chart's are there.
    until(lambda: may() >= deeds, f"{person} has its rights", deadline_s=30, every_s=0.5)
    assert may() == deeds


@pytest.mark.parametrize("person", ["view", "edit", "admin"])
def test_people_of_a_namespace_may_do_nothing_outside_of_it(person: str, home: Cluster) -> None:
    foreign = [Deed(what, HOME) for what in ALL]
    of_all = [Deed(f"{verb} {kind}.{OURS}") for kind in CLUSTER_KINDS for verb in WRITES]

    assert not any(allowed(home, Who(person), [*foreign, *of_all]).values())
