from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from e2e.cluster import Cluster
from tests.crds.manifests import ABSENT, GOOD, SERVICES, Manifest, changed
from tests.crds.refusal import told
from tests.crds.trying import Refused, Server

DEPLOYMENT = "spec.serving.deployment"
IMAGE = f"{DEPLOYMENT}.template.spec.containers.0.image"
PORTS = GOOD["AIModelDeployment"]["spec"]["serving"]["deployment"]["ports"]
SAID = GOOD["Incident"]["spec"]["approvals"]
NO = {"actionId": "a2", "decision": "Reject", "by": "alice"}
DECLARED = {"by": "alice", "summary": "it refuses everybody"}
DECISION = {"outcome": "Patch", "by": "alice", "rationale": "an old label"}
ACKNOWLEDGED, REOPENED = "spec.acknowledgement", "must be what status.reopened is now"
OPEN = changed(GOOD["Incident"], ("spec.acknowledgement", ABSENT), ("spec.close", ABSENT))

EDGE = {"routeRef": {"name": "edge", "ruleNames": ["predict"], "adopt": "old"}}
LIVE: dict[str, Manifest] = {
    "pods": GOOD["AIModelDeployment"],
    "services": changed(
        GOOD["AIModelDeployment"], ("metadata.name", "by-services"), ("spec.serving", SERVICES)
    ),
    "edge": changed(GOOD["AIModelDeployment"], ("metadata.name", "edge"), ("spec.traffic", EDGE)),
    "watched": changed(
        GOOD["AIModelDeployment"],
        ("metadata.name", "watched"),
        ("spec.traffic", ABSENT),
        ("spec.rollout.probation.holdback", ABSENT),
    ),
    "version": GOOD["AIModelVersion"],
    "open": changed(OPEN, ("metadata.name", "open-1")),
    "declared": changed(
        OPEN,
        ("metadata.name", "loan-manual-1"),
        ("spec.origin", "Manual"),
        ("spec.policyRef", ABSENT),
        ("spec.declared", DECLARED),
        ("spec.decision", DECISION),
    ),
    "closed": GOOD["Incident"],
    "again": changed(
        GOOD["Incident"],
        ("metadata.name", "again-1"),
        ("spec.close", ABSENT),
        ("spec.decision", DECISION),
    ),
}
"""Objects that exist while the cases run."""


@dataclass(frozen=True)
class Case:
    live: str
    changes: tuple[tuple[str, Any], ...]
    names: str = ""
    says: str = ""

    def __str__(self) -> str:
        return f"{self.live}-{', '.join(told(*change) for change in self.changes)}"


REFUSED = [
    Case("pods", ((IMAGE, "other:8"),), f"{DEPLOYMENT}.template", "same version name"),
    Case(
        "pods",
        ((f"{DEPLOYMENT}.template.spec.hostNetwork", True),),
        f"{DEPLOYMENT}.template",
        "same version name",
    ),
    Case("pods", ((f"{DEPLOYMENT}.ports.0.targetPort", 8081),), f"{DEPLOYMENT}.ports"),
    Case(
        "pods",
        ((f"{DEPLOYMENT}.ports", PORTS[::-1]),),
        f"{DEPLOYMENT}.ports",
        "same version name",
    ),
    Case("pods", (("spec.model.uri", "s3://models/other"),), "spec.model.uri", "same version name"),
    Case("pods", (("spec.model.uri", ABSENT),), "spec.model.uri", "same version name"),
    Case("pods", (("spec.model.name", "other"),), "spec.model.name", "same version name"),
    Case(
        "pods",
        (("spec.serving", SERVICES), ("spec.model.version", "8")),
        "spec.serving",
        "can not be exchanged",
    ),
    Case("pods", (("spec.traffic", ABSENT),), "spec.traffic", "can not be taken away"),
    Case("pods", (("spec.traffic", EDGE),), "spec.traffic", "can not be exchanged"),
    Case("edge", (("spec.traffic.routeRef.name", "other"),), "spec.traffic.routeRef", "only rule"),
    Case("edge", (("spec.traffic.routeRef.adopt", "new"),), "spec.traffic.routeRef", "only rule"),
    Case(
        "services",
        (("spec.serving.services.0.name", "other"),),
        "spec.serving.services[0].name",
        "never changes its Service",
    ),
    Case(
        "services",
        (("spec.serving.services.1.port", 81),),
        "spec.serving.services[1].port",
        "never changes its port",
    ),
    Case(
        "services",
        (("spec.serving.services.1", ABSENT),),
        "spec.serving.services",
        "spec.model.version",
    ),
    Case("services", (("spec.model.version", "9"),), "spec.serving.services", "spec.model.version"),
    Case("version", (("spec.digest", "v1:sha256:11"),), "spec", "immutable"),
    Case("version", ((IMAGE, "other:8"),), "spec", "immutable"),
    Case("open", (("spec.modelRef.uid", "other"),), "spec.modelRef", "immutable"),
    Case("open", (("spec.origin", "Manual"),), "spec.origin", "immutable"),
    Case("closed", (("spec.close.resolution", "FalsePositive"),), "spec.close", "set once"),
    Case("closed", (("spec.close", ABSENT),), "spec.close", "set once"),
    Case("closed", (("spec.acknowledgement.by", "bob"),), "spec.acknowledgement", "set once"),
    Case("open", (("spec.acknowledgement", {"by": "b", "round": 1}),), ACKNOWLEDGED, REOPENED),
    Case("open", (("spec.decision", DECISION | {"round": 1}),), "spec.decision", REOPENED),
    Case("again", (("spec.acknowledgement", {"by": "bob"}),), ACKNOWLEDGED, "set once, and"),
    Case("again", (("spec.acknowledgement", ABSENT),), ACKNOWLEDGED, "set once, and once more"),
    Case("again", (("spec.acknowledgement", {"by": "b", "round": 2}),), ACKNOWLEDGED, REOPENED),
    Case("again", (("spec.decision.outcome", "None"),), "spec.decision", "set once, and once"),
    Case("again", (("spec.decision", DECISION | {"round": 2}),), "spec.decision", REOPENED),
    Case("open", (("spec.approvals", ABSENT),), "spec.approvals", "what was said stays"),
    Case("open", (("spec.approvals.1", ABSENT),), "spec.approvals", "what was said stays"),
    Case("open", (("spec.approvals.0.note", "no"),), "spec.approvals", "what was said stays"),
    Case("open", (("spec.approvals.1.note", "yes"),), "spec.approvals", "what was said stays"),
    Case("open", (("spec.approvals.0.decision", "Reject"),), "spec.approvals", "said stays"),
    Case("open", (("spec.approvals.0.by", "carl"),), "spec.approvals", "what was said stays"),
    Case("open", (("spec.approvals", [*SAID, SAID[1]]),), ".spec.approvals", "duplicate entries"),
    Case("declared", (("spec.decision.outcome", "None"),), "spec.decision", "set once"),
    Case("declared", (("spec.decision", ABSENT),), "spec.decision", "set once"),
    Case("declared", (("spec.declared.summary", "other"),), "spec.declared", "immutable"),
    Case("declared", (("spec.declared", ABSENT),), "spec.declared", "immutable"),
    Case(
        "open",
        (("spec.declared", DECLARED), ("spec.policyRef", ABSENT)),
        "spec.declared",
        "immutable",
    ),
]

ACCEPTED = [
    Case("pods", ((f"{DEPLOYMENT}.replicas", 7),)),
    Case("pods", (("spec.model.version", "9"), (IMAGE, "other:9"), ("spec.model.uri", "s3://m/9"))),
    Case("pods", (("spec.rollout", ABSENT),)),
    Case("pods", (("spec.traffic.gatewayAPI.hostnames", ["other.example.com"]),)),
    Case(
        "services",
        (
            ("spec.serving.services", [*SERVICES["services"], {"version": "9", "name": "loan-v9"}]),
            ("spec.model.version", "9"),
        ),
    ),
    Case("services", (("spec.serving.services.0", ABSENT),)),
    Case("services", (("spec.serving.services.1.port", 80),)),
    Case("watched", (("spec.traffic", GOOD["AIModelDeployment"]["spec"]["traffic"]),)),
    Case("edge", (("spec.traffic.routeRef.ruleNames", ["predict", "explain"]),)),
    Case("open", (("spec.severity", "Low"),)),
    Case("open", (("spec.approvals", [NO, *SAID]),)),
    Case("open", (("spec.acknowledgement", {"by": "bob"}),)),
    Case("open", (("spec.decision", DECISION),)),
    Case("declared", (("spec.severity", "Low"),)),
    Case("again", (("spec.severity", "Low"),)),
    Case("again", (("spec.acknowledgement", {"by": "bob", "round": 1}),)),
    Case("again", (("spec.decision", DECISION | {"outcome": "None", "round": 1}),)),
    Case("open", (("spec.close", {"by": "bob", "resolution": "FalsePositive"}),)),
]


@pytest.fixture(scope="module")
def live(crds: Cluster, server: Server) -> Iterator[Server]:
    documents = yaml.safe_dump_all(LIVE.values())
    crds.kubectl("apply", "--server-side", "-f", "-", stdin=documents)
    reopened = ("--subresource=status", "--type=merge", "-p", '{"status": {"reopened": 1}}')
    crds.kubectl("patch", "aiinc", "again-1", *reopened)
    yield server
    crds.kubectl("delete", "-f", "-", stdin=documents)


def wanted(case: Case) -> Manifest:
    return changed(LIVE[case.live], *case.changes)


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_a_forbidden_change_is_refused_by_field(case: Case, live: Server) -> None:
    with pytest.raises(Refused) as refused:
        live.apply(wanted(case))
    assert case.names in str(refused.value)
    assert case.says in str(refused.value)


@pytest.mark.parametrize("case", ACCEPTED, ids=str)
def test_an_ordinary_change_is_accepted(case: Case, live: Server) -> None:
    live.apply(wanted(case))
