"""The policies that prove people, in force on a control plane; and gone again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from e2e.cluster import Cluster
from e2e.cluster.waiting import until
from tests.chart.asking import TAKEN, Place, said
from tests.chart.helm import CHART, Helm
from tests.chart.reviews import Deed, Who, allowed

Json = dict[str, Any]

RELEASE: Final = "admitted"
CARLS: Final = "model-of-carl"
LATER: Final = "2099-01-01T00:00:00Z"
_SHOWN: Final = [f"--show-only=templates/{name}.yaml" for name in ("rbac", "people", "admission")]
_KINDS: Final = ("aimodeldeployments", "incidents")
_AIMD: Final = {"apiGroups": ["knowngood.dev"], "resources": ["aimodeldeployments"]}
_INCIDENTS: Final = {"apiGroups": ["knowngood.dev"], "resources": ["incidents"]}
_WRITE: Final = ["get", "create", "patch"]

# Alice has the cluster's role edit. Bob may write everything and has none of the verbs; Carl has one for each kind, and
# another one for a single model; Dora may approve. The operator needs no get, but kubectl does before it patches.
_ROLES: Final[dict[str, list[Json]]] = {
    "bob": [{**_AIMD, "verbs": _WRITE}, {**_INCIDENTS, "verbs": _WRITE}],
    "carl": [
        {**_AIMD, "verbs": [*_WRITE, "abort"]},
        {**_AIMD, "verbs": ["retry"], "resourceNames": [CARLS]},
        {**_INCIDENTS, "verbs": [*_WRITE, "acknowledge"]},
    ],
    "dora": [{**_INCIDENTS, "verbs": [*_WRITE, "approve"]}],
    "kubectl": [
        {
            "apiGroups": ["knowngood.dev"],
            "resources": [f"{kind}{part}" for kind in _KINDS for part in ("", "/status")],
            "verbs": ["get"],
        }
    ],
}


@contextmanager
def in_force(cluster: Cluster, helm: Helm, name: str) -> Iterator[Place]:
    """Set the policies and the rights up, wait until they hold, and take them away again.

    Args:
        name: Of the namespace in which people ask; the release is in another one.
    """
    home = f"{name}-home"
    place = Place(cluster, name, f"system:serviceaccount:{home}:{RELEASE}")
    crds = str(CHART / "crds")
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", crds)
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", crds)
    for namespace in (home, name):
        cluster.kubectl("create", "namespace", namespace)
    manifests = helm.template(RELEASE, *_SHOWN, namespace=home).good
    cluster.kubectl("apply", "-f", "-", stdin=manifests)
    _give_rights(place)
    probes = (place.manifest(said(f"promote 1 {LATER}")), place.incident())
    try:
        until(lambda: _edit_has_verbs(place), "edit has its rights", deadline_s=30, every_s=0.2)
        for probe in probes:
            until(
                lambda: "ValidatingAdmissionPolicy" in _asked(place, "bob", probe),  # noqa: B023 - called at once
                f"the policy on {probe['kind']} is in force",
                deadline_s=60,
                every_s=0.2,
                diagnose=lambda: cluster.kubectl("get", "validatingadmissionpolicies", "-oyaml"),
            )
        yield place
    finally:
        cluster.kubectl("delete", "-f", "-", "--wait=false", stdin=manifests)
        # Other tests open incidents as an administrator: a policy that is gone holds for a moment.
        until(
            lambda: _asked(place, "", probes[1]) == TAKEN,
            "the policies are gone",
            deadline_s=60,
            every_s=0.2,
        )
        cluster.kubectl("delete", "namespace", home, name, "--wait=false")


def _asked(place: Place, who: str, manifest: Json) -> str:
    return place.create(who, manifest, "--dry-run=server")


def _edit_has_verbs(place: Place) -> bool:
    models = "aimodeldeployments.knowngood.dev"
    wanted = [Deed(f"{verb} {models}", place.namespace) for verb in ("create", "promote")]
    return all(allowed(place.cluster, Who("alice"), wanted).values())


def _give_rights(place: Place) -> None:
    roles = [
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {"name": name, "namespace": place.namespace},
            "rules": rules,
        }
        for name, rules in _ROLES.items()
    ]
    items = {"apiVersion": "v1", "kind": "List", "items": roles}
    place.cluster.kubectl("apply", "-f", "-", stdin=json.dumps(items))
    bind = ("-n", place.namespace, "create", "rolebinding")
    place.cluster.kubectl(*bind, "alice", "--clusterrole=edit", "--user=alice")
    for user in ("bob", "carl", "dora"):
        place.cluster.kubectl(*bind, user, f"--role={user}", f"--user={user}")
    place.cluster.kubectl(*bind, "kubectl", "--role=kubectl", f"--user={place.operator}")
