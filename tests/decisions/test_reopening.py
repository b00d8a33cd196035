"""What was thought to be over and turns bad again is told in the same incident, which begins anew."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Incident,
    IncidentPhase,
    IncidentStatus,
    ServingBreach,
    TaskRole,
)
from knowngood.api.v1alpha1.playbook_status import StepState
from knowngood.decisions.acting import ACTIONS_KEPT
from knowngood.decisions.answering import heard
from knowngood.decisions.better_told import EVIDENCE_KEPT
from knowngood.decisions.handing_over import readable
from knowngood.decisions.incidents import incident_status
from knowngood.decisions.playbook.names import STEPS
from knowngood.decisions.playbook.steps import (
    WHILE_FRESH,
    Finding,
    begun,
    ended,
    is_due,
    unended,
)
from knowngood.decisions.trigger_views import ActionKind
from tests.decisions.containment import SERVES, a_breach, kept, play, seen
from tests.decisions.situations import an_incident
from tests.decisions.states import NOW
from tests.decisions.test_handing_over import held
from tests.decisions.test_progress import a_hold, healthy, on, phase, triggers_of, well

AGAIN = NOW + timedelta(days=30)


def over(to: IncidentPhase) -> tuple[AIModelDeployment, Incident]:
    """What was held is over; the model as it was with the breach, and its incident."""
    model, incident = a_hold()
    incident = on(healthy(model), incident, well(SERVES, timedelta(), *triggers_of(incident)))
    if to is IncidentPhase.RECOVERED:
        incident = on(healthy(model), incident, well(SERVES, timedelta(hours=1)))
    assert phase(incident) is to
    return model, incident


def bad_again(model: AIModelDeployment, **more: Any) -> AIModelDeployment:
    """The same trigger is breached a month later."""
    update = {"found_at": AGAIN, "onset": AGAIN, "until": AGAIN, **more}
    breach = kept(model).model_copy(update=update)
    assert model.status is not None
    status = model.status.model_copy(update={"serving_breaches": (breach,)})
    return model.model_copy(update={"status": status})


def told(model: AIModelDeployment, incident: Incident) -> IncidentStatus:
    """What a pass writes; a further one writes the same."""
    once = incident_status(model, incident)
    again = incident.model_copy(update={"status": once})
    assert incident_status(model, again) == once
    return once


@pytest.mark.parametrize("last", [IncidentPhase.ERADICATED, IncidentPhase.RECOVERED])
def test_new_evidence_about_the_same_version_opens_it_again_once(last: IncidentPhase) -> None:
    model, incident = over(last)

    status = told(bad_again(model), incident)

    assert (status.phase, status.reopened) == (IncidentPhase.DETECTED, 1)
    assert status.clocks is not None
    reached = status.clocks.contained, status.clocks.eradicated, status.clocks.recovered
    assert reached == (None, None, None)
    assert status.clocks.reopened == AGAIN
    assert incident.status is not None
    assert incident.status.clocks is not None
    assert status.clocks.detected == incident.status.clocks.detected, "what was told stays"
    assert status.timeline[: len(incident.status.timeline)] == incident.status.timeline
    texts = [e.text for e in status.timeline[len(incident.status.timeline) :]]
    assert texts[0] == f"the incident is opened again: version {SERVES} is bad again"
    assert texts[1] == kept(model).message
    assert texts[2].startswith("nothing is shifted: ")
    assert [(e.id, e.trigger) for e in status.evidence] == [
        ("e1", kept(model).trigger),
        ("e2", kept(model).trigger),
    ]
    assert [a.id for a in status.actions] == ["a1", "a2"]


def test_what_was_looked_at_the_first_time_is_looked_at_again() -> None:
    model, incident = over(IncidentPhase.RECOVERED)
    assert incident.status is not None
    fine = Finding(StepState.PASSED, "it stands by")
    looked = ended(incident, begun(incident.status, NOW), "fallback-ready", fine, NOW)

    status = told(bad_again(model), incident.model_copy(update={"status": looked}))

    assert unended(status) == STEPS
    assert is_due(incident.model_copy(update={"status": status}), AGAIN)
    assert not is_due(incident.model_copy(update={"status": status}), AGAIN + 2 * WHILE_FRESH)


def test_it_is_opened_again_also_where_no_more_evidence_is_kept() -> None:
    model, incident = over(IncidentPhase.RECOVERED)
    assert incident.status is not None
    (first,) = incident.status.evidence
    full = tuple(first.model_copy(update={"id": f"e{n}"}) for n in range(1, EVIDENCE_KEPT + 1))
    (hold,) = incident.status.actions
    acted = tuple(hold.model_copy(update={"id": f"a{n}"}) for n in range(1, ACTIONS_KEPT + 1))
    status = incident.status.model_copy(update={"evidence": full, "actions": acted})

    after = told(bad_again(model), incident.model_copy(update={"status": status}))

    assert (after.phase, after.reopened) == (IncidentPhase.DETECTED, 1)
    assert (len(after.evidence), len(after.actions)) == (EVIDENCE_KEPT, ACTIONS_KEPT)
    assert [e.text for e in after.timeline].count(kept(model).message) == 2, (
        "it is told all the same"
    )


def test_a_new_breach_joins_what_is_thought_to_be_over_and_may_be_shifted() -> None:
    """A shift that has failed in the past says nothing about one that is needed now."""
    for last in (IncidentPhase.ERADICATED, IncidentPhase.RECOVERED):
        story = play()
        story.look(serving=seen(a_breach(ActionKind.HOLD)))
        name = kept(story.s.model).incident
        assert name is not None
        story.look(serving=seen(), later=timedelta(minutes=1))
        _, incident = over(last)
        story.s = replace(story.s, incident=incident, incidents={name: incident})

        story.look(serving=seen(a_breach()), later=timedelta(minutes=1))

        breach: ServingBreach = kept(story.s.model)
        assert breach.incident == name, last
        assert breach.failed_at is None


def test_a_decision_about_the_first_time_is_none_about_the_second() -> None:
    model, incident = over(IncidentPhase.RECOVERED)
    spec = {"outcome": "AcceptRisk", "by": "alice", "rationale": "it is over"}
    body = incident.wire()
    said = Incident.model_validate({**body, "spec": {**body["spec"], "decision": spec}})
    decided = heard(said, AGAIN - timedelta(days=1), proved=True)
    assert decided is not None
    assert decided.phase is IncidentPhase.RECOVERED

    status = told(bad_again(model), said.model_copy(update={"status": decided}))
    again = said.model_copy(update={"status": status})

    assert heard(again, AGAIN + timedelta(hours=1), proved=True) is None
    assert status.phase is IncidentPhase.DETECTED
    handed = readable(bad_again(model), again, status)
    assert "the risk is accepted" not in (handed.next_for_human or "")
    assert "decide: version 7 goes on answering users" in (handed.next_for_human or "")
    tasks = {task.role: task for task in handed.tasks}
    assert not any(task.done for task in tasks.values())
    assert tasks[TaskRole.MODEL_OWNER].text == (
        f"find out why version {SERVES} is bad again, and say what is decided now"
    )


def test_while_it_lasts_more_evidence_opens_nothing_again() -> None:
    model = held().s.model
    incident = an_incident("loan-1")
    first = incident.model_copy(update={"status": told(model, incident)})

    status = told(bad_again(model), first)

    assert (status.phase, status.reopened) == (IncidentPhase.DETECTED, 0)
