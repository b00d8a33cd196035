"""Who may say what to an incident, as a real API server answers with the chart's policies."""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.cluster import Cluster
from tests.chart.asking import TAKEN, Place
from tests.chart.helm import Helm
from tests.chart.policies import in_force

Json = dict[str, Any]

POLICY: Json = {"policyRef": {"kind": "IncidentPolicy", "name": "lending", "generation": 1}}
OPERATORS = "spec.modelRef, spec.policyRef and spec.origin are set by the operator alone"


def acknowledged(by: str) -> Json:
    return {"acknowledgement": {"by": by, "note": "on it"}}


def closed(by: str) -> Json:
    return {"close": {"by": by, "resolution": "Resolved"}}


def answered(*by: str, decision: str = "Approve") -> Json:
    return {"approvals": [{"actionId": "a2", "decision": decision, "by": one} for one in by]}


def decided(by: str) -> Json:
    return {"decision": {"outcome": "Retrain", "by": by, "rationale": "its labels were old"}}


def declared(place: Place, by: str, **spec: Any) -> Json:
    """An incident as a person declares it; the API server makes the rest of its name."""
    made = place.incident(declared={"by": by, "summary": "it refuses everybody"}, **spec)
    del made["metadata"]["name"]
    made["metadata"]["generateName"] = "model-manual-"
    return made


@pytest.fixture(scope="module")
def place(control_plane: Cluster, helm: Helm) -> Iterator[Place]:
    with in_force(control_plane, helm, "answered") as made:
        yield made


@pytest.mark.parametrize(
    ("who", "change", "words"),
    [
        pytest.param("alice", acknowledged("alice"), TAKEN, id="alice acknowledges"),
        pytest.param("alice", closed("alice"), TAKEN, id="alice closes"),
        pytest.param(
            "alice", acknowledged("alice") | closed("alice"), TAKEN, id="alice does both at once"
        ),
        pytest.param(
            "alice",
            acknowledged("bob"),
            "spec.acknowledgement.by is bob, but it is written by alice: write that",
            id="alice acknowledges as bob",
        ),
        pytest.param(
            "alice",
            closed("bob"),
            "spec.close.by is bob, but it is written by alice: write that",
            id="alice closes as bob",
        ),
        pytest.param(
            "bob", acknowledged("alice"), "spec.acknowledgement.by is alice", id="bob as alice"
        ),
        pytest.param(
            "bob",
            acknowledged("bob"),
            "spec.acknowledgement: bob lacks the verb acknowledge on incidents.knowngood.dev",
            id="bob acknowledges",
        ),
        pytest.param(
            "bob",
            closed("bob"),
            "spec.close: bob lacks the verb close on incidents.knowngood.dev",
            id="bob closes",
        ),
        pytest.param("carl", acknowledged("carl"), TAKEN, id="the verb that carl has"),
        pytest.param("carl", closed("carl"), "lacks the verb close", id="another verb"),
        pytest.param("alice", answered("alice"), TAKEN, id="alice approves"),
        pytest.param("alice", answered("alice", decision="Reject"), TAKEN, id="alice objects"),
        pytest.param(
            "alice",
            answered("bob"),
            "spec.approvals: by is bob, but it is written by alice: write that",
            id="alice approves as bob",
        ),
        pytest.param(
            "alice",
            answered("alice", "bob"),
            "spec.approvals: by is bob, but it is written by alice",
            id="alice approves for both",
        ),
        pytest.param(
            "bob",
            answered("bob"),
            "spec.approvals: bob lacks the verb approve on incidents.knowngood.dev",
            id="bob approves",
        ),
        pytest.param("carl", answered("carl"), "lacks the verb approve", id="carl approves"),
        pytest.param("alice", decided("alice"), TAKEN, id="alice decides"),
        pytest.param(
            "alice",
            decided("bob"),
            "spec.decision.by is bob, but it is written by alice: write that",
            id="alice decides as bob",
        ),
        pytest.param(
            "bob",
            decided("bob"),
            "spec.decision: bob lacks the verb decide on incidents.knowngood.dev",
            id="bob decides",
        ),
        pytest.param("bob", {"severity": "Low"}, TAKEN, id="a word on how bad it is"),
        pytest.param("alice", POLICY, OPERATORS, id="a policy named afterwards"),
        pytest.param("", POLICY, OPERATORS, id="also by an administrator"),
    ],
)
def test_an_answer_needs_its_verb_and_the_writers_own_name(
    who: str, change: Json, words: str, place: Place
) -> None:
    incident = place.has(place.operator, place.incident())

    answer = place.patch(who, incident, {"spec": change})

    assert answer == TAKEN if words == TAKEN else words in answer


def test_what_was_said_by_others_stays_free_to_stand(place: Place) -> None:
    incident = place.has(place.operator, place.incident(**POLICY))
    assert place.patch("alice", incident, {"spec": acknowledged("alice")}) == TAKEN
    assert place.patch("alice", incident, {"spec": closed("alice")}) == TAKEN

    assert place.ask("bob", "label", incident, "team=lending") == TAKEN
    same = {"spec": {**acknowledged("alice"), **closed("alice"), "severity": "High"}}
    assert place.patch("bob", incident, same) == TAKEN


def test_a_second_person_adds_to_what_the_first_has_said(place: Place) -> None:
    incident = place.has(place.operator, place.incident(**POLICY))
    assert place.patch("alice", incident, {"spec": answered("alice")}) == TAKEN

    both = {"spec": answered("alice", "bob")}
    assert "by is bob, but it is written by alice" in place.patch("alice", incident, both)
    assert "bob lacks the verb approve" in place.patch("bob", incident, both)
    assert place.patch("dora", incident, {"spec": answered("alice", "dora")}) == TAKEN
    assert place.patch("bob", incident, {"spec": {"severity": "High"}}) == TAKEN
    change = {"spec": answered("alice", decision="Reject")}
    assert "what was said stays" in place.patch("alice", incident, change)
    assert "what was said stays" in place.patch("dora", incident, {"spec": answered("dora")})


def test_the_operator_alone_opens_incidents(place: Place) -> None:
    fired = place.incident(**POLICY)
    fired["spec"]["origin"] = "Trigger"

    for who in ("", "bob"):
        assert OPERATORS in place.create(who, fired)
        assert OPERATORS in place.create(who, place.incident())
    assert place.create(place.operator, fired) == TAKEN
    status = {"status": {"phase": "Detected"}}
    name = f"incident/{fired['metadata']['name']}"
    assert place.patch(place.operator, name, status, "--subresource=status") == TAKEN


def test_people_declare_incidents_in_their_own_name(place: Place) -> None:
    for who in ("alice", "bob"):
        assert place.create(who, declared(place, who)) == TAKEN, "a right to create is enough"
    refused = place.create("bob", declared(place, "alice"))
    assert "spec.declared.by is alice, but it is written by bob: write that" in refused


def test_what_is_declared_names_no_policy_and_answers_nothing_without_the_verbs(
    place: Place,
) -> None:
    said = declared(place, "bob", **acknowledged("bob"), **decided("bob"))
    assert "bob lacks the verb acknowledge" in place.create("bob", said)
    refused = place.create("bob", declared(place, "bob", **POLICY))
    assert "declared needs origin Manual and no policyRef" in refused
    fired = declared(place, "bob")
    fired["spec"]["origin"] = "Trigger"
    assert "declared needs origin Manual and no policyRef" in place.create("bob", fired)


@pytest.mark.parametrize("name", ["model-7", "model-manual", "other-manual-1"])
def test_what_is_declared_takes_no_name_of_an_incident_that_is_opened(
    name: str, place: Place
) -> None:
    made = declared(place, "alice")
    made["metadata"] = {"name": name, "namespace": place.namespace}

    assert "begins with model-manual-; write that" in place.create("alice", made)


def test_nobody_declares_what_was_opened_already(place: Place) -> None:
    incident = place.has(place.operator, place.incident())
    said = {"declared": {"by": "alice", "summary": "it was me"}}

    assert "declared is set when the incident is created" in place.patch(
        "alice", incident, {"spec": said}
    )


def test_the_operator_answers_for_nobody(place: Place) -> None:
    spoken = place.incident(**acknowledged("alice"))

    assert "spec.acknowledgement.by is alice" in place.create(place.operator, spoken)
