from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Containment,
    FailureReason,
    Incident,
    IncidentPhase,
    Phase,
    RolloutFailure,
    RolloutStatus,
    VerdictKind,
)
from knowngood.decisions.answering import heard
from knowngood.decisions.incidents import incident_manifest, incident_status
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.timeline import beginning
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_situation, a_trigger, programmed
from tests.decisions.states import NOW, STATES

LATER = NOW + timedelta(seconds=30)


def model_after(s: Situation) -> AIModelDeployment:
    return s.model.model_copy(update={"status": status_of(s, decide(s))})


def breached() -> AIModelDeployment:
    """A model whose canary is going back."""
    return model_after(a_situation(STATES["pausing"], triggers=(a_trigger(VerdictKind.BREACHED),)))


def contained() -> AIModelDeployment:
    """The same, once the gateway has followed."""
    s = a_situation(STATES["pausing"], model=breached(), route=programmed({"7": 100, "8": 0}))
    return model_after(replace(s, now=NOW + timedelta(seconds=2)))


def opened(model: AIModelDeployment, spec: dict[str, object] | None = None) -> Incident:
    assert model.status is not None
    assert model.status.rollout is not None
    assert model.status.rollout.failure is not None
    manifest = incident_manifest(model, "loan-1", model.status.rollout.failure)
    manifest["spec"] |= spec or {}
    return Incident.model_validate(manifest)


def told(model: AIModelDeployment, incident: Incident, now: datetime = LATER) -> Incident:
    """What a pass over the model writes, and then what people said."""
    passed = incident.model_copy(update={"status": incident_status(model, incident)})
    return passed.model_copy(update={"status": heard(passed, now, proved=False) or passed.status})


def test_a_person_who_is_quicker_than_the_first_entry_keeps_nothing_untold() -> None:
    model = breached()
    early = opened(model, {"acknowledgement": {"by": "alice"}})
    taken = early.model_copy(update={"status": heard(early, NOW, proved=True)})

    status = incident_status(model, taken)

    texts = [entry.text for entry in status.timeline]
    assert texts[0] == "acknowledged by alice"
    assert any("all requests are sent back" in text for text in texts)
    assert status.phase is IncidentPhase.DETECTED
    assert status.summary
    assert status.clocks
    assert status.clocks.acknowledged == NOW
    assert status.clocks.detected
    again = taken.model_copy(update={"status": status})
    assert incident_status(model, again) == status


def test_an_incident_tells_what_and_since_when_and_what_is_done() -> None:
    incident = told(breached(), opened(breached()))

    assert incident.status is not None
    assert incident.spec.origin == "Trigger"
    assert incident.status.phase is IncidentPhase.DETECTED
    assert incident.status.containment is Containment.PENDING
    assert incident.status.summary == "version 8 of loan is taken back: the verdict is Breached"
    assert incident.status.fallback is not None
    assert incident.status.fallback.version == "7"
    assert incident.status.evidence[0].samples == 900
    assert incident.status.clocks is not None
    assert incident.status.clocks.onset == NOW - timedelta(seconds=35)
    assert incident.status.clocks.detected == NOW


@pytest.mark.parametrize("model", [breached(), contained()], ids=["going back", "back"])
def test_telling_it_twice_adds_nothing(model: AIModelDeployment) -> None:
    once = told(model, opened(model))

    assert told(model, once, LATER + timedelta(hours=1)) == once


def test_a_process_that_missed_the_beginning_tells_the_same() -> None:
    """The detection was never written: the one who finds the model rolled back tells it all at once."""
    seen_all = told(contained(), told(breached(), opened(breached())))

    assert told(contained(), opened(contained())) == seen_all
    assert seen_all.status is not None
    assert seen_all.status.phase is IncidentPhase.CONTAINED
    assert [e.seq for e in seen_all.status.timeline] == [1, 2, 3, 4]


def test_containment_is_what_the_gateway_was_seen_to_do() -> None:
    asked = a_situation(STATES["pausing"], model=breached(), route=programmed({"7": 90, "8": 10}))
    model = model_after(asked)

    assert model.status is not None
    assert model.status.phase is Phase.ROLLING_BACK
    incident = told(model, opened(model))
    assert incident.status is not None
    assert incident.status.containment is Containment.PENDING


def test_the_time_to_contain_is_attained_from_the_detection() -> None:
    incident = told(contained(), opened(contained()))

    assert incident.status is not None
    assert incident.status.attained is not None
    assert incident.status.attained.from_detection == "2s"


def test_acknowledging_and_closing_are_written_once_and_move_nothing() -> None:
    spec: dict[str, object] = {
        "acknowledgement": {"by": "alice"},
        "close": {"by": "bob", "resolution": "FalsePositive"},
    }
    model = contained()
    closed = told(model, opened(model, spec))

    assert closed.status is not None
    assert closed.status.phase is IncidentPhase.CLOSED
    assert closed.status.clocks is not None
    assert (closed.status.clocks.acknowledged, closed.status.clocks.closed) == (LATER, LATER)
    assert told(model, closed, LATER + timedelta(days=1)) == closed

    s = a_situation(STATES["rolled back"], incident=closed)
    assert decide(s).shares == decide(replace(s, incident=None)).shares


def test_what_people_said_stays_when_it_is_told_again() -> None:
    model = contained()
    acknowledged = told(model, opened(model, {"acknowledgement": {"by": "alice"}}))

    again = told(model, acknowledged, LATER + timedelta(hours=1))

    assert again == acknowledged
    assert again.status is not None
    assert again.status.timeline[-1].text == "acknowledged by alice (unverified)"


def test_nothing_is_heard_before_anybody_has_said_anything() -> None:
    incident = opened(breached())

    assert heard(incident, LATER, proved=False) is None
    assert heard(told(breached(), incident), LATER, proved=False) is None


def test_another_incident_is_not_told_from_this_status() -> None:
    model = breached()
    other = opened(model)
    other = other.model_copy(
        update={"metadata": other.metadata.model_copy(update={"name": "loan-7"})}
    )

    status = told(model, other).status

    assert status is not None
    assert (status.phase, status.timeline) == (None, ())


@pytest.mark.parametrize(
    ("rollout", "words"),
    [
        ({}, "all requests are sent back to version 7; 8 gets none"),
        ({"evidence_since": None}, "version 8 had got no requests yet"),
        (
            {"returning": "6"},
            "version 6 is brought up, and gets all requests from version 8 as soon",
        ),
    ],
)
def test_an_incident_tells_what_is_done_and_nothing_that_is_not(
    rollout: dict[str, Any], words: str
) -> None:
    failure = RolloutFailure(reason=FailureReason.MANUAL, message="alice asked", detected_at=NOW)
    made = RolloutStatus(
        version="8", step=0, steps=1, started_at=NOW, step_started_at=NOW, evidence_since=NOW
    ).model_copy(update=rollout)

    text = beginning(made, failure, "7")[-1][2]

    assert text.startswith(words)
