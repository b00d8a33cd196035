"""Installing, upgrading and leaving on a real cluster, with the operator as pods."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from e2e.cluster import Cluster
from e2e.cluster.errors import KubectlFailed
from e2e.cluster.waiting import until
from tests.chart import idle
from tests.chart.helm import Helm
from tests.chart.release import ENVIRONMENT, IMAGE, OPERATOR, Release, without_times
from tests.chart.site import Site

TWO = "--set=replicas=2"
SERVING = ("httproutes", "deployments", "services")


@pytest.fixture(scope="module")
def release(cluster: Cluster, helm: Helm) -> Iterator[Release]:
    cluster.set_image(IMAGE, OPERATOR, ENVIRONMENT)
    with Site.make(cluster, "installed") as site:
        made = Release(replace(helm, kubeconfig=cluster.kubeconfig), site, "guard")
        yield made
        # Its rights go at once; nothing needs to wait for its pods.
        assert made.uninstall("--wait=false").code == 0


def test_an_upgrade_changes_every_replica_and_loses_no_leader(release: Release) -> None:
    release.upgrade(TWO, "--set=logLevel=INFO")
    before = release.pods()
    until(lambda: release.holder() in before, "one of two replicas leads", deadline_s=30)
    assert len(before) == 2
    assert release.site.get("pdb/guard")["spec"]["maxUnavailable"] == 1

    notes = release.upgrade(TWO, "--set=logLevel=DEBUG")

    after = release.pods()
    assert len(after) == 2
    assert not set(before) & set(after)
    until(lambda: release.holder() in after, "a new replica leads", deadline_s=30)
    assert "kubectl apply --server-side --force-conflicts -f crds/" in notes


def test_who_said_something_is_written_down_as_far_as_it_is_proved(
    release: Release, cluster: Cluster
) -> None:
    release.upgrade()
    with Site.make(cluster, "commanded-here") as site:
        site.kubectl("create", "rolebinding", "alice", "--clusterrole=edit", "--user=alice")
        site.apply(idle.model(site.namespace))
        _serving(site, release)
        assert _recorded_by(site, "promote", release) == "alice"
        assert "ValidatingAdmissionPolicy" in _as_alice(site, "abort", by="bob")
        assert _acknowledged(site, "first", release) == "acknowledged by alice"

        release.upgrade("--set=admission.enabled=false")
        until(lambda: release.holder() in release.pods(), "the new replica leads", deadline_s=30)

        assert "guard" not in cluster.kubectl("get", "validatingadmissionpolicies", "-oname")
        assert _recorded_by(site, "abort", release) == "unverified"
        assert _acknowledged(site, "second", release) == "acknowledged by alice (unverified)"


def test_another_replica_takes_over_when_the_leader_is_lost(release: Release) -> None:
    release.ensure(replicas=2)
    until(lambda: release.holder() in release.pods(), "a ready replica leads", deadline_s=30)
    leader = release.holder()

    # As when its node is lost: nothing is given back, and the same pod does not return.
    release.site.kubectl("delete", "pod", leader, "--force", "--grace-period=0")

    until(
        lambda: release.holder() not in {"", leader},
        "another replica leads",
        deadline_s=30,
        diagnose=release.why,
    )


def test_a_second_operator_is_refused(release: Release, cluster: Cluster) -> None:
    release.ensure()
    with Site.make(cluster, "second") as site:
        refusal = replace(release, site=site).install().refusal

    assert "installed:guard" in refusal
    assert "two would both act on every model" in refusal


def test_leaving_breaks_no_traffic(release: Release, cluster: Cluster) -> None:
    release.ensure()
    with Site.make(cluster, "deleted") as deleted, Site.make(cluster, "given-up") as given_up:
        sites = (deleted, given_up)
        for site in sites:
            site.apply(idle.model(site.namespace))
        before = [_serving(site, release) for site in sites]
        release.uninstall()
        assert release.pods() == {}
        _helm_leaves_crds_and_lease(release, cluster)
        assert [_seen(site) for site in sites] == before

        _give_up(given_up)
        assert _seen(given_up).keys() == before[1].keys()

        # Deleted without an operator, a model waits, and goes on serving.
        deleted.kubectl("delete", "aimd", "idle", "--wait=false")
        assert deleted.get("aimd/idle")["metadata"]["deletionTimestamp"]
        assert _seen(deleted) == before[0]

        # An operator that comes back finishes the deletion, and takes the traffic away with it.
        release.upgrade()
        deleted.kubectl("wait", "--for=delete", "aimd/idle", "--timeout=60s")
        assert _seen(deleted) == {}
        assert _seen(given_up).keys() == before[1].keys()


def _helm_leaves_crds_and_lease(release: Release, cluster: Cluster) -> None:
    left = cluster.kubectl("get", "clusterroles,clusterrolebindings", "-oname")
    assert "installed:guard" not in left
    policies = "validatingadmissionpolicies,validatingadmissionpolicybindings"
    assert "installed.guard" not in cluster.kubectl("get", policies, "-oname")
    assert cluster.kubectl("get", "crds", "-oname").count(".knowngood.dev") == 6
    # The operator made its Lease itself, so helm does not know it.
    assert release.site.kubectl("get", "leases", "-oname") == "lease.coordination.k8s.io/guard\n"


def _serving(site: Site, release: Release) -> dict[str, str]:
    """Wait until the model serves; return what answers requests."""
    site.wait(
        "aimd/idle",
        lambda seen: seen.get("status", {}).get("phase") == "Probation",
        "version 1 serves",
        diagnose=release.why,
    )
    seen = _seen(site)
    assert [name.split("/")[0] for name in seen] == list(SERVING)
    return seen


def _recorded_by(site: Site, verb: str, release: Release) -> str:
    """Give a command that must be refused, once alice may; return whose it is said to be."""
    until(lambda: not _as_alice(site, verb, by="alice"), "alice may", deadline_s=30, every_s=0.5)
    seen = site.wait(
        "aimd/idle",
        lambda seen: seen["status"].get("lastCommand", {}).get("verb") == verb,
        f"the operator has read the command {verb}",
        diagnose=release.why,
    )
    return str(seen["status"]["lastCommand"]["by"])


def _as_alice(site: Site, verb: str, by: str) -> str:
    """Give a command as alice; return the words of a refusal."""
    given = f"knowngood.dev/command={verb} 9 2099-01-01T00:00:00Z"
    named = f"knowngood.dev/command-by={by}"
    try:
        site.kubectl("annotate", "aimd", "idle", "--as=alice", "--overwrite", given, named)
    except KubectlFailed as error:
        return str(error)
    return ""


def _acknowledged(site: Site, name: str, release: Release) -> str:
    """Open an incident as the operator and acknowledge it as alice; return what the operator has heard."""
    incident = {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "Incident",
        "metadata": {"name": name},
        "spec": {"modelRef": {"name": "gone", "uid": "u1"}, "origin": "Manual"},
    }
    operator = "--as=system:serviceaccount:installed:guard"
    site.kubectl("create", operator, "-f", "-", stdin=json.dumps(incident))
    answer = '-p={"spec":{"acknowledgement":{"by":"alice"}}}'
    site.kubectl("patch", "aiinc", name, "--as=alice", "--type=merge", answer)
    seen = site.wait(
        f"aiinc/{name}",
        lambda seen: seen.get("status", {}).get("timeline"),
        "the operator has heard alice",
        diagnose=release.why,
    )
    return str(seen["status"]["timeline"][-1]["text"])


def _give_up(site: Site) -> None:
    """Delete the model by the words of the page, with no operator there."""
    site.kubectl("patch", "aimd", "idle", "--type=merge", '-p={"metadata":{"finalizers":null}}')
    site.kubectl("delete", "aimd", "idle", "--timeout=60s")
    assert site.get("aimd/idle") == {}
    (route,) = site.get("httproutes")["items"]
    assert "ownerReferences" not in route["metadata"]


def _seen(site: Site) -> dict[str, str]:
    """What answers requests, by kind and name."""
    return {
        f"{kind}/{item['metadata']['name']}": without_times(item)
        for kind in SERVING
        for item in site.get(kind).get("items", ())
    }
