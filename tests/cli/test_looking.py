"""`status` and `why` on a real API server."""

import json
import os
from pathlib import Path

import pytest
import yaml

from knowngood.api.v1alpha1 import FailureReason, Rejection, Standing
from tests.cli.program import PROGRAM, call, run
from tests.cli.stage import Json, Stage
from tests.cli.statuses import flat
from tests.decisions.states import NOW


def written(config: Json, directory: Path) -> str:
    path = directory / "access"
    path.write_text(yaml.safe_dump(config))
    return str(path)


def taken_back(stage: Stage) -> None:
    """Version 8 was rejected, and everything about it is written down."""
    stage.model()
    model = stage.status("rolling back")
    told = Rejection(incident="loan-1", reason=FailureReason.BREACHED, trigger="errors", time=NOW)
    stage.record("7", Standing.PROBATION)
    stage.record("8", Standing.REJECTED, told)
    stage.incident(model)


def test_the_table_has_a_row_for_every_model(stage: Stage) -> None:
    for name, state in [("fraud", "pausing"), ("churn", "promoted, not seen yet")]:
        stage.model(name)
        stage.status(state, name)

    got = run("status", *stage.place)

    assert (got.code, got.err) == (0, "")
    assert [line.split()[:6] for line in got.lines] == [
        ["MODEL", "PHASE", "STABLE", "CANARY", "WEIGHT", "READY"],
        ["churn", "Probation", "8", "-", "-", "yes"],
        ["fraud", "Paused", "7", "8", "10%", "no"],
    ]


def test_all_namespaces_are_asked_at_once(stage: Stage) -> None:
    stage.model()

    got = call("status", "-A", "-n", "default", *stage.place[2:])

    assert got.lines[0].split()[0] == "NAMESPACE"
    assert [stage.namespace, "loan"] in [line.split()[:2] for line in got.lines]


def test_a_namespace_without_models_says_what_to_try(stage: Stage) -> None:
    got = call("status", *stage.place)

    assert (got.code, got.out) == (0, "")
    assert f"there is no model in namespace {stage.namespace}; try" in got.err


def test_machines_read_an_empty_list_of_no_models(stage: Stage) -> None:
    got = call("status", "-o", "json", *stage.place)

    assert (got.code, json.loads(got.out), got.err) == (0, {"models": []}, "")


def test_one_model_is_told_with_its_versions_and_its_incident(stage: Stage) -> None:
    taken_back(stage)

    got = call("status", "loan", *stage.place)

    assert (got.code, got.err) == (0, "")
    assert "\x1b" not in got.out
    for words in (
        f"loan in {stage.namespace}: RolledBack",
        "8 - Rejected 0 % 2026-03-01 11:00:00Z",
        "Stalled (VersionRejected)",
        "loan-1 (High, Contained)",
    ):
        assert words in flat(got.out)


def test_machines_read_one_model(stage: Stage) -> None:
    taken_back(stage)

    found = json.loads(call("status", "loan", "-o", "json", *stage.place).out)

    assert (found["name"], found["namespace"]) == ("loan", stage.namespace)
    assert {v["version"]: v["standing"] for v in found["versions"]} == {
        "7": "Probation",
        "8": "Rejected",
    }
    assert found["latestIncident"]["phase"] == "Contained"


def test_versions_of_an_earlier_model_of_this_name_are_not_its_own(stage: Stage) -> None:
    stage.model()
    stage.record("7", Standing.PROBATION)
    stage.kubectl("delete", "aimd", "loan")
    stage.model()

    assert json.loads(call("status", "loan", "-o", "json", *stage.place).out)["versions"] == []


def test_why_reads_the_record_and_the_incident(stage: Stage) -> None:
    taken_back(stage)

    got = call("why", "loan", *stage.place)

    assert (got.code, got.err) == (0, "")
    for words in (
        "about version 8: it was taken back last",
        f"version 8 of loan in {stage.namespace}: Rejected",
        "because a trigger was breached (trigger errors)",
        "all requests are sent back to version 7",
        f"knowngood retry loan --version 8 -n {stage.namespace}",
    ):
        assert words in flat(got.out)


def test_why_tells_a_version_that_was_named(stage: Stage) -> None:
    taken_back(stage)

    got = call("why", "loan", "7", *stage.place)

    assert "version 7 of loan" in got.lines[0]
    assert "it was not taken back" in got.out


def test_why_knows_which_versions_there_are(stage: Stage) -> None:
    taken_back(stage)

    got = call("why", "loan", "9", *stage.place)

    assert (got.code, got.out) == (2, "")
    assert "version 9 of loan is not known; known are: 7, 8" in got.err


def test_a_model_that_is_not_there_names_the_near_ones(stage: Stage) -> None:
    stage.model("loan-approval")

    for words in (["status", "loan-aproval"], ["why", "loan-aproval"], ["wait", "loan-aproval"]):
        got = call(*words, *stage.place)
        assert (got.code, got.out, len(got.err.splitlines())) == (2, "", 1)
        assert "did you mean loan-approval?" in got.err


def test_the_namespace_is_that_of_the_context(stage: Stage, tmp_path: Path) -> None:
    stage.model()
    access = stage.access("get,list aimodeldeployments")

    got = call("status", "--kubeconfig", written(access, tmp_path))

    assert (got.code, got.err) == (0, "")
    assert got.lines[1].split()[0] == "loan"


@pytest.mark.parametrize(
    ("words", "right"),
    [
        (["status"], "list aimodeldeployments.knowngood.dev"),
        (["status", "loan"], "get aimodeldeployments.knowngood.dev"),
        (["wait", "loan"], "get aimodeldeployments.knowngood.dev"),
    ],
)
def test_a_right_that_is_missing_is_named(
    words: list[str], right: str, stage: Stage, tmp_path: Path
) -> None:
    got = call(*words, "--kubeconfig", written(stage.access(), tmp_path))

    assert (got.code, got.out, len(got.err.splitlines())) == (2, "", 1)
    assert f"you may not {right} in namespace {stage.namespace}" in got.err


def test_the_right_to_read_versions_is_named_too(stage: Stage, tmp_path: Path) -> None:
    stage.model()
    access = written(stage.access("get,list aimodeldeployments"), tmp_path)

    assert "you may not list aimodelversions" in call("status", "loan", "--kubeconfig", access).err


def test_somebody_whom_the_server_does_not_know_is_told(stage: Stage, tmp_path: Path) -> None:
    got = call("status", "--kubeconfig", written(stage.config("nonsense"), tmp_path))

    assert (got.code, len(got.err.splitlines())) == (2, 1)
    assert "does not know who you are" in got.err


@pytest.mark.parametrize("words", [["status"], ["status", "loan"], ["promote", "loan"]])
def test_a_cluster_without_our_kinds_says_that_knowngood_is_not_installed(
    words: list[str], stage: Stage, tmp_path: Path
) -> None:
    # What this server does not serve at all, it answers as it answers for kinds that it does not know.
    got = call(*words, "--kubeconfig", written(stage.elsewhere(), tmp_path))

    assert (got.code, len(got.err.splitlines())) == (2, 1)
    assert "Knowngood is not installed in this cluster" in got.err


def test_kubectl_finds_its_plugin(stage: Stage) -> None:
    stage.model()
    path = f"{PROGRAM.parent}:{os.environ['PATH']}"

    got = run("knowngood", "status", *stage.place, program=stage.cluster.tools.kubectl, PATH=path)

    assert (got.code, got.err) == (0, "")
    assert got.lines[1].split()[0] == "loan"
