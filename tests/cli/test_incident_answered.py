"""`incident` on a real API server: which there are, whether they are whole, and who has them."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.cluster import Cluster
from knowngood.cli.cluster import Cluster as Server
from knowngood.cli.cluster import Place
from knowngood.cli.incident import answer
from knowngood.cli.problems import Problem
from tests.chart.helm import Helm
from tests.chart.policies import in_force
from tests.cli.program import Ended
from tests.cli.program import call as program
from tests.cli.stage import Json, Stage
from tests.cli.statuses import flat

LATER: Json = {
    "apiVersion": "knowngood.dev/v1alpha1",
    "kind": "Incident",
    "metadata": {"name": "z-1"},
    "spec": {"modelRef": {"name": "z", "uid": "u2"}, "origin": "Manual"},
}


@pytest.fixture
def told(stage: Stage) -> Stage:
    """Version 8 was taken back, and the incident tells it."""
    stage.model()
    stage.incident(stage.status("rolling back"))
    return stage


def call(stage: Stage, verb: str, *words: str) -> Ended:
    return program("incident", verb, *words, *stage.place)


def head_of(stage: Stage) -> str:
    status = stage.found("loan-1").status
    assert status is not None
    assert status.chain is not None
    return status.chain.head


def test_incidents_are_listed_open_ones_first(told: Stage) -> None:
    got = call(told, "list")

    assert (got.code, got.err) == (0, "")
    assert got.lines[1].split()[:7] == [
        "loan-1",
        "loan",
        "8",
        "High",
        "Contained",
        "Verified",
        "no",
    ]
    assert [told.namespace, "loan-1"] in [
        line.split()[:2] for line in call(told, "list", "-A", "--open").lines
    ]
    assert call(told, "close", "loan-1", "--resolution", "Resolved").code == 0
    told.forge("loan-1", lambda status: status.update(phase="Closed"))
    got = call(told, "list", "--open")
    assert (got.code, got.out) == (0, "")
    assert got.err == f"knowngood: there is no open incident in namespace {told.namespace}\n"
    told.kubectl("create", "-f", "-", stdin=json.dumps(LATER))
    assert [line.split()[0] for line in call(told, "list").lines] == ["INCIDENT", "z-1", "loan-1"]
    assert [line.split()[0] for line in call(told, "list", "--open").lines] == ["INCIDENT", "z-1"]


def test_one_is_told_from_the_object_alone(told: Stage) -> None:
    told.kubectl("delete", "aimd", "loan", "--wait=false")

    got = call(told, "show", "loan-1")

    assert (got.code, got.err) == (0, "")
    for words in ("What a person has to do", "Who was harmed", "What was done", "holds by itself"):
        assert words in flat(got.out)


def test_one_that_is_not_there_is_told_in_one_line(told: Stage) -> None:
    got = call(told, "show", "loan-7")

    assert (got.code, got.out) == (2, "")
    assert f"see: knowngood incident list -n {told.namespace}" in got.err


def test_what_the_api_server_stores_verifies_also_against_a_head_that_was_kept(told: Stage) -> None:
    head = head_of(told)

    got = call(told, "verify", "loan-1")
    assert (got.code, got.err) == (0, "")
    assert f"head {head}" in got.out
    assert "only a head that was kept elsewhere proves" in got.out
    got = call(told, "verify", "loan-1", "--head", head.upper())
    assert got.code == 0
    assert "is whole: up to entry 3 it is as it was; told since: 0" in got.out
    got = call(told, "verify", "loan-1", "--head", "0" * 64)
    assert got.code == 1
    assert "no entry has that head" in got.out


def changed(status: Json) -> None:
    status["timeline"][2]["text"] = "nothing happened"


def removed(status: Json) -> None:
    del status["timeline"][2]


def cut(status: Json) -> None:
    del status["timeline"][2:]


def bare(status: Json) -> None:
    del status["chain"]


@pytest.mark.parametrize(
    ("change", "entry"),
    [(changed, 3), (removed, 3), (cut, 3), (bare, 1)],
    ids=["changed", "removed", "cut off", "without its chain"],
)
def test_whoever_edits_the_status_is_found_out_and_where(
    change: Any, entry: int, told: Stage
) -> None:
    told.forge("loan-1", change)

    got = call(told, "verify", "loan-1")

    assert (got.code, len(got.lines)) == (1, 1)
    assert (
        f"loan-1 is not whole: entry {entry}: it" in got.out or f"entry {entry}: entry" in got.out
    )
    assert f"its chain does not hold: entry {entry}" in flat(call(told, "show", "loan-1").out)


def test_it_is_acknowledged_once_by_whoever_the_api_server_says_it_is(
    told: Stage, tmp_path: Path
) -> None:
    access = tmp_path / "access"
    access.write_text(yaml.safe_dump(told.access("get,patch incidents")))
    words = ("incident", "acknowledge", "loan-1", "--kubeconfig", str(access))

    got = program(*words, "--note", "on it")

    account = f"system:serviceaccount:{told.namespace}:somebody"
    assert (got.code, got.err) == (0, "")
    assert got.out == f"loan-1 is acknowledged by {account}\n"
    said = told.found("loan-1").spec.acknowledgement
    assert said is not None
    assert (said.by, said.note) == (account, "on it")
    assert program(*words).code == 0, "said again by the same person"
    other = call(told, "acknowledge", "loan-1")
    assert (other.code, other.out) == (1, f"loan-1 is acknowledged already, by {account}\n")
    assert told.found("loan-1").spec.acknowledgement == said


def test_it_is_closed_once_and_only_the_spec_is_written(told: Stage) -> None:
    before = told.found("loan-1")

    got = call(told, "close", "loan-1", "--resolution", "FalsePositive")

    assert (got.code, got.err) == (0, "")
    after = told.found("loan-1")
    assert after.spec.close is not None
    assert after.spec.close.resolution == "FalsePositive"
    assert f"closed as FalsePositive by {after.spec.close.by}; no traffic moves" in got.out
    assert after.status == before.status
    shown = json.loads(told.kubectl("get", "aiinc", "loan-1", "--show-managed-fields", "-ojson"))
    owned = {m["manager"]: m["fieldsV1"] for m in shown["metadata"]["managedFields"]}
    assert set(owned["knowngood-cli"]["f:spec"]) == {"f:close"}
    again = call(told, "close", "loan-1", "--resolution", "Resolved")
    assert again.code == 1
    assert "is closed already as FalsePositive" in again.out


def test_one_that_was_closed_with_its_model_is_answered_no_more(told: Stage) -> None:
    told.forge("loan-1", lambda s: s.update(phase="Closed", resolution="ModelDeleted"))

    for words in (("acknowledge", "loan-1"), ("close", "loan-1", "--resolution", "Resolved")):
        got = call(told, *words)
        assert (got.code, got.out) == (1, "loan-1 is closed already as ModelDeleted\n")
    assert told.found("loan-1").spec.close is None


def test_an_answer_is_for_the_incident_that_was_looked_at_and_for_no_later_one(
    told: Stage,
) -> None:
    server = Server.connect(Place(told.namespace, None, str(told.cluster.kubeconfig)))
    seen = told.found("loan-1")
    told.kubectl("delete", "aiinc", "loan-1")
    told.incident(told.live())

    with pytest.raises(Problem, match="was changed meanwhile"):
        answer(server, seen, {"acknowledgement": {"by": "kubernetes-admin"}})

    assert told.found("loan-1").spec.acknowledgement is None


def test_the_policies_let_through_who_has_the_verb_and_name_it_to_who_has_not(
    kinds: Cluster, told: Stage, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    access = tmp_path / "access"
    access.write_text(yaml.safe_dump(told.access("get,patch,acknowledge incidents")))
    helm = Helm(kinds.tools.helm, tmp_path_factory.mktemp("helm"))
    where = ("--kubeconfig", str(access))

    with in_force(kinds, helm, f"{told.namespace}-proved"):
        passed = program("incident", "acknowledge", "loan-1", *where)
        refused = program("incident", "close", "loan-1", "--resolution", "Resolved", *where)

    assert (passed.code, passed.err) == (0, "")
    assert refused.code == 2
    assert "lacks the verb close on incidents.knowngood.dev" in refused.err
