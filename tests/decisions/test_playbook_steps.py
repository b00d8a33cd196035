"""Which steps of the playbook are due, and how what came of them is written down."""

from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    Clocks,
    EvidenceEntry,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Role,
    Subject,
    VerdictKind,
)
from knowngood.api.v1alpha1.playbook_status import MOST_CHANGES, RecentChange, StepState
from knowngood.decisions.chaining import first_fault
from knowngood.decisions.playbook.names import STEPS
from knowngood.decisions.playbook.steps import (
    RESULT_LENGTH,
    WHILE_FRESH,
    Finding,
    begun,
    ended,
    is_due,
    nearest_first,
    unended,
)
from tests.decisions.states import NOW

FOUND = Finding(StepState.FOUND, "income has moved")
SAID = EvidenceEntry(id="e1", trigger="t", verdict=VerdictKind.BREACHED, message="bad")


def an_incident(role: Role = Role.STABLE, **status: Any) -> Incident:
    known: dict[str, Any] = {
        "phase": IncidentPhase.DETECTED,
        "subject": Subject(version="8", role=role),
        "evidence": (SAID,),
        "clocks": Clocks(detected=NOW),
        **status,
    }
    bare = Incident.model_validate(
        {
            "metadata": {"name": "loan-1", "namespace": "lending", "uid": "i1"},
            "spec": {"modelRef": {"name": "loan", "uid": "u1"}, "origin": "Trigger"},
        }
    )
    return bare.model_copy(update={"status": IncidentStatus(**known)})


def status_of(incident: Incident) -> IncidentStatus:
    assert incident.status is not None
    return incident.status


@pytest.mark.parametrize(
    ("incident", "due"),
    [
        (an_incident(), True),
        (an_incident(phase=IncidentPhase.CONTAINED), True),
        (an_incident(phase=IncidentPhase.CLOSED), False),
        (an_incident(phase=None), False),
        (an_incident(role=Role.CANARY), False),
        (an_incident(evidence=()), False),
        (an_incident(subject=None), False),
        (an_incident(clocks=Clocks(detected=NOW - WHILE_FRESH)), True),
        (an_incident(clocks=Clocks(detected=NOW - WHILE_FRESH - timedelta(seconds=1))), False),
        (an_incident().model_copy(update={"status": None}), False),
    ],
    ids=[
        "serves",
        "contained",
        "closed",
        "not told yet",
        "canary",
        "a person's rollback",
        "about nothing",
        "an hour old",
        "older",
        "no status",
    ],
)
def test_incidents_about_what_serves_are_looked_into_while_they_are_new(
    incident: Incident, *, due: bool
) -> None:
    assert is_due(incident, NOW) is due


def test_what_was_begun_is_ended_also_when_it_is_old_or_closed() -> None:
    running = begun(status_of(an_incident()), NOW)
    old: dict[str, Any] = {
        "phase": IncidentPhase.CLOSED,
        "clocks": Clocks(detected=NOW - timedelta(days=1)),
    }
    incident = an_incident(**old, steps=running.steps)

    assert is_due(incident, NOW)
    assert unended(status_of(incident)) == STEPS


def test_what_is_begun_again_changes_nothing() -> None:
    first = begun(status_of(an_incident()), NOW)

    assert [step.name for step in first.steps] == list(STEPS)
    assert begun(first, NOW + timedelta(seconds=5)) is first


def test_what_came_of_a_step_is_told_once_and_the_chain_holds() -> None:
    incident = an_incident()
    running = begun(status_of(incident), NOW)

    later = NOW + timedelta(seconds=3)
    told = ended(incident, running, STEPS[0], FOUND, later)

    step = told.steps[0]
    assert (step.state, step.result, step.started_at, step.finished_at) == (
        StepState.FOUND,
        "income has moved",
        NOW,
        later,
    )
    (entry,) = told.timeline
    assert (entry.csf, entry.actor) == ("RS.AN", "operator")
    assert entry.text == f"{STEPS[0]}: income has moved"
    wire = [one.wire() for one in told.timeline]
    assert first_fault(incident.metadata, wire, told.chain) is None
    assert ended(incident, told, STEPS[0], Finding(StepState.PASSED, "no"), later) is told
    assert unended(told) == STEPS[1:]


def test_what_a_person_has_closed_meanwhile_is_told_nothing_more_than_how_it_ended() -> None:
    """A SIEM takes the last entry of what is closed for its end, and could not take that back."""
    incident = an_incident(phase=IncidentPhase.CLOSED)
    running = begun(status_of(incident), NOW)

    told = ended(incident, running, STEPS[0], FOUND, NOW)

    assert (told.steps[0].state, told.steps[0].result) == (StepState.FOUND, "income has moved")
    assert (told.timeline, told.chain) == (running.timeline, running.chain)


def test_a_step_that_was_never_begun_is_not_ended() -> None:
    incident = an_incident()

    assert ended(incident, status_of(incident), STEPS[0], FOUND, NOW) is status_of(incident)


def test_nothing_is_due_when_every_step_has_ended() -> None:
    incident = an_incident()
    status = begun(status_of(incident), NOW)
    for name in STEPS:
        status = ended(incident, status, name, FOUND, NOW)

    assert not is_due(incident.model_copy(update={"status": status}), NOW)


def test_what_is_too_long_is_cut() -> None:
    incident = an_incident()
    long = Finding(StepState.FOUND, "x" * 5000)

    told = ended(incident, begun(status_of(incident), NOW), STEPS[0], long, NOW)

    assert len(told.steps[0].result or "") == RESULT_LENGTH
    IncidentStatus.model_validate(told.wire())


def test_changes_are_kept_nearest_to_the_onset_first_and_as_many_as_there_is_room_for() -> None:
    def change(minutes: float) -> RecentChange:
        at = NOW + timedelta(minutes=minutes)
        return RecentChange(time=at, kind="ConfigMap", name=f"m{minutes}", text="x")

    changes = [change(n) for n in (*range(-MOST_CHANGES, 0), 9.5)]

    kept = nearest_first([*reversed(changes), changes[0]], NOW)

    names = [f"m{-n}" for n in range(1, 10)] + ["m9.5", "m-10"]
    assert [c.name for c in kept][:11] == names
    assert len(kept) == MOST_CHANGES
