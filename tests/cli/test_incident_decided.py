"""`incident open` and `incident decide` on a real API server."""

import json
from pathlib import Path

import pytest
import yaml

from knowngood.api.v1alpha1 import Standing
from knowngood.cli.views.incident import show
from tests.chart.helm import Helm
from tests.chart.policies import in_force
from tests.cli.program import Ended, run
from tests.cli.stage import Stage
from tests.cli.statuses import flat, printed
from tests.decisions.test_declaring import a_declaration, begun
from tests.decisions.test_expiring import decided, gone
from tests.decisions.test_progress import reverted

SUMMARY = "applicants say that it refuses everybody"


def call(stage: Stage, verb: str, *words: str) -> Ended:
    return run("incident", verb, *words, *stage.place)


def declared(stage: Stage) -> list[str]:
    names = stage.kubectl("get", "aiinc", "-ojsonpath={.items[*].metadata.name}").split()
    return [name for name in names if name.startswith("loan-manual-")]


def test_a_person_opens_an_incident_of_a_model_that_is_there(stage: Stage) -> None:
    stage.model()
    stage.record("7", Standing.KNOWN_GOOD)

    got = call(
        stage, "open", "loan", "--summary", SUMMARY, "--severity", "Critical", "--version", "7"
    )

    assert (got.code, got.err) == (0, "")
    (name,) = declared(stage)
    found = stage.found(name)
    assert found.spec.declared is not None
    said = found.spec.declared
    assert (said.summary, said.version) == (SUMMARY, "7")
    assert got.out == f"{name} is opened by {said.by}; nothing is done by itself\n"
    assert (found.spec.severity, found.spec.origin, found.spec.policy_ref) == (
        *("Critical", "Manual"),
        None,
    )
    assert found.spec.model_ref.uid == stage.live().metadata.uid
    assert found.metadata.labels == {"knowngood.dev/model": "loan"}
    assert found.status is None, "the operator begins its timeline"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("loam", "--summary", SUMMARY), "there is no model loam"),
        (("loan", "--summary", " "), "--summary: 1 to 1024 characters"),
        (("loan", "--summary", "x" * 1025), "--summary: 1 to 1024 characters"),
        (("loan",), "Missing option '--summary'"),
        (("loan", "--summary", SUMMARY, "--severity", "Sev1"), "Invalid value for '--severity'"),
        (("loan", "--summary", SUMMARY, "--version", "a/b"), "is not a version name"),
        (
            ("loan", "--summary", SUMMARY, "--version", "77"),
            "version 77 of loan is not known; known are: 8",
        ),
    ],
    ids=["no such model", "empty", "long", "no summary", "severity", "version", "no such version"],
)
def test_what_can_not_be_opened_is_told_in_one_line(
    words: tuple[str, ...], says: str, stage: Stage
) -> None:
    stage.model()

    got = call(stage, "open", *words)

    assert (got.code, got.out) == (2, "")
    assert says in got.err
    assert declared(stage) == []


def test_who_may_not_list_versions_may_say_of_any_that_it_is_wrong(
    stage: Stage, tmp_path: Path
) -> None:
    stage.model()
    access = tmp_path / "access"
    rules = ("get aimodeldeployments", "create incidents")
    access.write_text(yaml.safe_dump(stage.access(*rules)))

    words = ("loan", "--summary", SUMMARY, "--version", "77")
    got = run("incident", "open", *words, "--kubeconfig", str(access))

    assert (got.code, got.err) == (0, "")
    assert len(declared(stage)) == 1


@pytest.fixture
def told(stage: Stage) -> Stage:
    stage.model()
    stage.incident(stage.status("rolling back"))
    return stage


def test_it_is_decided_once_and_only_the_spec_is_written(told: Stage) -> None:
    before = told.found("loan-1")
    words = ("loan-1", "--outcome", "Retrain", "--rationale", "its labels were old")

    got = call(told, "decide", *words)

    assert (got.code, got.err) == (0, "")
    after = told.found("loan-1")
    assert after.spec.decision is not None
    assert (after.spec.decision.outcome, after.spec.decision.rationale) == (words[2], words[4])
    assert got.out == f"loan-1 is decided by {after.spec.decision.by}: Retrain; no traffic moves\n"
    assert after.status == before.status
    shown = json.loads(told.kubectl("get", "aiinc", "loan-1", "--show-managed-fields", "-ojson"))
    owned = {m["manager"]: m["fieldsV1"] for m in shown["metadata"]["managedFields"]}
    assert set(owned["knowngood-cli"]["f:spec"]) == {"f:decision"}
    assert call(told, "decide", *words).code == 0, "said again by the same person"
    other = call(told, "decide", "loan-1", "--outcome", "None", "--rationale", "never mind")
    assert (other.code, "is decided already, by" in other.out) == (1, True)


def test_one_that_is_closed_is_decided_no_more(told: Stage) -> None:
    told.forge("loan-1", lambda s: s.update(phase="Closed", resolution="AutoClosed"))

    got = call(told, "decide", "loan-1", "--outcome", "None", "--rationale", "never mind")

    assert (got.code, got.out) == (1, "loan-1 is closed already as AutoClosed\n")
    assert told.found("loan-1").spec.decision is None


def test_the_policies_let_the_program_open_one(
    told: Stage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    helm = Helm(told.cluster.tools.helm, tmp_path_factory.mktemp("helm"))

    with in_force(told.cluster, helm, f"{told.namespace}-declared"):
        got = call(told, "open", "loan", "--summary", SUMMARY)

    assert (got.code, got.err) == (0, "")
    assert len(declared(told)) == 1


def test_what_is_left_to_do_and_what_was_decided_is_told() -> None:
    text = flat(printed(show(decided(gone(), "Retrain"), None)))

    for part in (
        "loan-1 of loan in lending: High, Eradicated",
        "Who has to do what OnCall: say that you have it",
        "-> knowngood incident decide loan-1 --outcome OUTCOME --rationale TEXT -n lending",
        "decided Retrain by alice: because",
        "cause gone 2026-03-02",
    ):
        assert part in text


def test_what_a_person_has_declared_is_told_as_theirs() -> None:
    text = flat(printed(show(begun(reverted(), a_declaration(severity="Low")), None)))

    assert "alice says of loan: applicants say that it refuses everybody" in text
    assert "alice opened the incident" in text
    assert "the trigger said" not in text
