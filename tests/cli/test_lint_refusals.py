"""`policy lint` refuses what the API server refuses, and by the same field."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowngood.api.hints import RULES
from knowngood.api.schema import structural
from knowngood.api.v1alpha1 import ClusterIncidentPolicy, IncidentPolicy
from knowngood.api.v1alpha1.policy import ClusterPolicySpec
from knowngood.api.v1alpha1.policy_rules import twin_of
from knowngood.cli.views.faults import Policy, faults
from tests.cli.program import call
from tests.control.manifests import a_cluster_policy, a_policy, a_trigger
from tests.crds.manifests import GOOD, changed
from tests.crds.refusal import Refusal
from tests.crds.refusals import ON_CREATE

KINDS: dict[str, type[Policy]] = {
    "IncidentPolicy": IncidentPolicy,
    "ClusterIncidentPolicy": ClusterIncidentPolicy,
}
OF_POLICIES = [refusal for refusal in ON_CREATE if refusal.kind in KINDS]
EXAMPLES = Path(__file__).parents[2] / "examples"


def every_rule(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [rule for item in node for rule in every_rule(item)]
    if not isinstance(node, dict):
        return []
    below = [rule for name, child in node.items() if name != RULES for rule in every_rule(child)]
    return [*node.get(RULES, ()), *below]


RULES_OF_POLICIES = every_rule(structural(ClusterPolicySpec, defaults=False))


def test_there_is_what_is_looked_at() -> None:
    assert len(OF_POLICIES) > 70
    assert len(RULES_OF_POLICIES) > 30


@pytest.mark.parametrize("refusal", OF_POLICIES, ids=str)
def test_what_the_api_server_refuses_is_named_by_its_field(refusal: Refusal) -> None:
    manifest = changed(GOOD[refusal.kind], (refusal.path, refusal.value))

    found = faults(KINDS[refusal.kind], manifest)

    assert any(refusal.names in fault for fault in found), found
    said = any(refusal.says in rule["message"] for rule in RULES_OF_POLICIES)
    assert not said or any(refusal.says in fault for fault in found), found


@pytest.mark.parametrize("message", sorted({rule["message"] for rule in RULES_OF_POLICIES}))
def test_every_rule_of_a_policy_is_known_here_too(message: str) -> None:
    said = {rule["rule"] for rule in RULES_OF_POLICIES if rule["message"] == message}

    assert twin_of(message) is not None
    assert len(said) == 1 or message == "must be above zero"  # words stand for one rule


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_policy_has_no_fault(kind: str) -> None:
    assert faults(KINDS[kind], GOOD[kind]) == []


def test_the_examples_have_no_fault() -> None:
    texts = [path.read_text() for path in sorted(EXAMPLES.rglob("policy*.yaml"))]
    found = [d for text in texts for d in yaml.safe_load_all(text) if d["kind"] in KINDS]

    assert len(found) > 2
    assert [faults(KINDS[body["kind"]], body) for body in found] == [[]] * len(found)


def test_the_policies_of_the_tests_have_no_fault() -> None:
    assert faults(IncidentPolicy, a_policy()) == []
    assert faults(ClusterIncidentPolicy, a_cluster_policy()) == []


def test_a_number_in_quotes_is_refused_as_the_api_server_refuses_it() -> None:
    test: dict[str, Any] = {"threshold": {"above": "0.05", "window": "5m", "minSamples": "50"}}

    (found,) = faults(IncidentPolicy, a_policy(triggers=[a_trigger(**test)]))

    assert found.startswith("spec.triggers[0].test.threshold.minSamples: ")


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    past: dict[str, Any] = {"proportion": {"comparedTo": "Past", "direction": "Decrease"}}
    trigger = {**a_trigger(**past), "severity": "Awful", "rolls": ["Stable"]}
    response = {"name": "r", "when": {"triggers": ["overides"]}, "actions": [{"hold": {}}]}
    path = tmp_path / "p.yaml"
    path.write_text(yaml.safe_dump(a_policy(triggers=[trigger], responses=[response])))

    got = call("policy", "lint", str(path))

    assert got.code == 2
    for words in (
        "spec.triggers[0].severity: ",
        "spec.triggers[0].rolls: there is no such field",
        "spec.triggers[0].roles: ",
        "spec.triggers[0].test.proportion.offset: must be set for comparedTo: Past",
        "spec.triggers[0].test.proportion.tolerance: must be above zero",
        "spec.responses: when.triggers must name triggers of this policy",
    ):
        assert words in got.err
    assert len(got.err.splitlines()) == 1
