"""An incident that a person declares is told as others are, and nothing is done because of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Containment,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Role,
    Severity,
)
from knowngood.decisions.answering import heard
from knowngood.decisions.declaring import taken_up
from knowngood.decisions.expiring import expires_at
from knowngood.decisions.handing_over import readable
from knowngood.decisions.incidents import incident_status, incidents_told
from tests.decisions.states import NOW
from tests.decisions.test_incidents import LATER, contained
from tests.decisions.test_progress import on, phase, reverted

MADE = datetime(2026, 2, 28, 23, tzinfo=UTC)
WEEK = timedelta(hours=168)


def a_declaration(**spec: Any) -> Incident:
    meta = {"name": "loan-manual-x7k2p", "namespace": "lending", "uid": "i9", "generation": 1}
    declared = {"by": "alice", "summary": "applicants say that it refuses everybody"}
    said = {"modelRef": {"name": "loan", "uid": "u1"}, "origin": "Manual", "declared": declared}
    body = {"metadata": {**meta, "creationTimestamp": MADE.isoformat()}, "spec": said | spec}
    return Incident.model_validate(body)


def begun(model: AIModelDeployment | None, incident: Incident, *, proved: bool = True) -> Incident:
    """An incident as it is told first; a repeated call changes nothing."""
    first = taken_up(model, incident, incident.status or IncidentStatus(), NOW, proved=proved)
    told = incident.model_copy(update={"status": readable(model, incident, first)})
    assert told.status is not None
    assert taken_up(model, told, told.status, LATER, proved=proved) == told.status
    return told


def test_it_begins_with_who_said_what_and_when() -> None:
    status = begun(reverted(), a_declaration()).status

    assert status is not None
    entry = status.timeline[0]
    assert (entry.seq, entry.time, entry.csf) == (1, MADE, "DE.AE")
    assert entry.text == "declared by alice: applicants say that it refuses everybody"
    assert status.phase is IncidentPhase.DETECTED
    assert status.severity is Severity.HIGH
    assert status.containment is Containment.NONE
    assert status.clocks is not None
    assert status.clocks.detected == MADE
    assert status.summary == "alice says of loan: applicants say that it refuses everybody"
    assert (status.actions, status.evidence, status.undo) == ((), (), None)


def test_a_name_that_nothing_proves_is_called_so() -> None:
    status = begun(reverted(), a_declaration(), proved=False).status

    assert status is not None
    assert status.timeline[0].text.startswith("declared by alice (unverified): ")


@pytest.mark.parametrize(
    ("named", "version", "role"),
    [(None, "7", Role.STABLE), ("7", "7", Role.STABLE), ("3", "3", Role.NONE)],
)
def test_it_is_about_the_version_that_is_named_else_about_the_one_that_serves(
    named: str | None, version: str, role: Role
) -> None:
    declared = {"by": "alice", "summary": "?", **({"version": named} if named else {})}
    status = begun(reverted(), a_declaration(declared=declared)).status

    assert status is not None
    assert status.subject is not None
    assert (status.subject.version, status.subject.role) == (version, role)


def test_a_model_that_is_not_there_is_said_in_the_incident() -> None:
    words = "spec.modelRef: there is no AIModelDeployment loan with uid u1 in namespace lending"

    status = begun(None, a_declaration(severity="Low")).status

    assert status is not None
    assert status.severity is Severity.LOW
    assert status.timeline[1].text.startswith(words)
    assert (status.next_for_human or "").startswith(words)
    assert status.subject is None


def test_the_model_knows_nothing_of_it_and_so_does_nothing() -> None:
    model, incident = contained(), begun(contained(), a_declaration())

    assert incident.metadata.name not in incidents_told(model)
    assert incident_status(model, incident) == incident.status


def test_whoever_answers_at_once_keeps_nothing_untold() -> None:
    early = a_declaration(
        acknowledgement={"by": "bob"},
        decision={"outcome": "None", "by": "bob", "rationale": "a test"},
        close={"by": "bob", "resolution": "FalsePositive"},
    )
    first = begun(reverted(), early)

    status = heard(first, LATER, proved=True)

    assert status is not None
    assert [e.text.split(":")[0] for e in status.timeline] == [
        "declared by alice",
        "acknowledged by bob",
        "bob has decided None",
        "closed as FalsePositive by bob; no traffic moves",
    ]
    assert status.phase is IncidentPhase.CLOSED


def test_it_goes_on_when_another_version_serves_and_never_by_itself() -> None:
    serves = begun(contained(), a_declaration(declared={"by": "a", "summary": "?"}))
    assert serves.status is not None
    assert serves.status.subject is not None
    subject = serves.status.subject.model_copy(update={"version": "6"})
    about_six = serves.model_copy(
        update={"status": serves.status.model_copy(update={"subject": subject})}
    )

    assert on(reverted(), serves) == serves, "the version that it is about serves still"
    assert phase(on(reverted(), about_six)) is IncidentPhase.ERADICATED


def test_it_stays_open_until_somebody_says_that_nothing_has_to_be_done() -> None:
    open_ = begun(reverted(), a_declaration())
    said = begun(
        reverted(),
        a_declaration(decision={"outcome": "None", "by": "bob", "rationale": "a test"}),
    )
    lost = begun(None, a_declaration())
    assert open_.status is not None
    assert said.status is not None
    assert lost.status is not None

    assert expires_at(reverted(), open_, open_.status, WEEK) is None
    assert expires_at(reverted(), said, said.status, WEEK) == MADE + WEEK
    assert expires_at(None, lost, lost.status, WEEK) == NOW + WEEK


def test_an_incident_of_a_trigger_is_not_taken_up() -> None:
    body = a_declaration().wire()
    del body["spec"]["declared"]
    incident = Incident.model_validate(body)

    assert taken_up(reverted(), incident, IncidentStatus(), NOW, proved=True) == IncidentStatus()
