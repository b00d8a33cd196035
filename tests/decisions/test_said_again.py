"""What people said before an incident was opened again is no word on now, and they can say it anew."""

from datetime import timedelta
from typing import Any

from knowngood.api.v1alpha1 import Incident, IncidentPhase, TaskRole
from knowngood.api.v1alpha1.notification_status import PagedAcknowledgement, PagedBy
from knowngood.decisions.acknowledging import acknowledged_by, taken_where_paged
from knowngood.decisions.answering import heard
from knowngood.decisions.expiring import expires_at
from knowngood.decisions.handing_over import readable
from knowngood.decisions.incidents import incident_status
from tests.decisions.test_reopening import AGAIN, bad_again, over

HOUR = timedelta(hours=1)
FIRST = {"outcome": "AcceptRisk", "by": "alice", "rationale": "it is over"}
PAGED = PagedAcknowledgement(by="Carol", way=PagedBy.PAGER_DUTY, receiver="oncall", at=AGAIN)


def said(incident: Incident, **spec: Any) -> Incident:
    """What people have written, heard by a pass where that is new."""
    body = incident.wire()
    found = Incident.model_validate({**body, "spec": {**body["spec"], **spec}})
    return found.model_copy(update={"status": heard(found, AGAIN, proved=True) or found.status})


def again(**spec: Any) -> Incident:
    """An incident that is opened again after people have said that, and the pass has heard them."""
    model, incident = over(IncidentPhase.RECOVERED)
    found = said(incident, **spec)
    return found.model_copy(update={"status": incident_status(bad_again(model), found)})


def texts(incident: Incident) -> list[str]:
    assert incident.status is not None
    return [e.text for e in incident.status.timeline if "alice" in e.text or "bob" in e.text]


def test_nobody_has_it_any_more_once_it_is_opened_again() -> None:
    incident = again(acknowledgement={"by": "alice"}, decision=FIRST)

    assert incident.status is not None
    assert incident.status.clocks is not None
    clocks = incident.status.clocks
    assert (clocks.acknowledged, clocks.decided) == (None, None)
    assert acknowledged_by(incident) == ""
    assert heard(incident, AGAIN + HOUR, proved=True) is None, "an old word is not heard again"
    assert texts(incident) == [
        "acknowledged by alice",
        "alice has decided AcceptRisk: it is over",
    ], "the timeline keeps who had it"


def test_it_is_taken_and_decided_anew() -> None:
    incident = again(acknowledgement={"by": "alice"}, decision=FIRST)

    anew = said(
        incident,
        acknowledgement={"by": "bob", "round": 1},
        decision={**FIRST, "by": "bob", "outcome": "Patch", "round": 1},
    )

    assert anew.status is not None
    assert anew.status.clocks is not None
    assert (anew.status.clocks.acknowledged, anew.status.clocks.decided) == (AGAIN, AGAIN)
    assert acknowledged_by(anew) == "bob"
    assert texts(anew)[2:] == ["acknowledged by bob", "bob has decided Patch: it is over"]
    assert anew.status.phase is IncidentPhase.TRIAGED
    model, _ = over(IncidentPhase.RECOVERED)
    handed = readable(bad_again(model), anew, anew.status)
    assert (handed.next_for_human or "").startswith("ship a mended version")
    owner = next(task for task in handed.tasks if task.role is TaskRole.MODEL_OWNER)
    assert owner.text.startswith("ship a mended version")
    assert heard(anew, AGAIN + HOUR, proved=True) is None


def test_what_was_said_of_an_earlier_time_and_never_heard_takes_nothing() -> None:
    incident = again()

    assert acknowledged_by(said(incident, acknowledgement={"by": "alice"})) == ""
    assert acknowledged_by(said(incident, acknowledgement={"by": "alice", "round": 1})) == "alice"


def test_who_answers_an_old_page_has_not_taken_the_new_one() -> None:
    incident = again()

    assert taken_where_paged(incident, PAGED, 0) is None
    taken = taken_where_paged(incident, PAGED, 1)
    assert taken is not None
    assert taken.acknowledgement == PAGED


def test_who_had_it_where_they_were_paged_has_it_no_more() -> None:
    model, incident = over(IncidentPhase.RECOVERED)
    taken = taken_where_paged(incident, PAGED, 0)
    had = incident.model_copy(update={"status": taken})
    assert acknowledged_by(had) == "Carol (PagerDuty receiver oncall)"

    status = incident_status(bad_again(model), had)

    assert acknowledged_by(had.model_copy(update={"status": status})) == ""


def test_a_risk_that_was_accepted_before_closes_nothing_now() -> None:
    incident = again(decision=FIRST)
    assert incident.status is not None
    body = incident.wire()
    body["status"]["phase"] = "Detected"
    model, _ = over(IncidentPhase.RECOVERED)
    assert model.status is not None
    well = model.model_copy(
        update={"status": model.status.model_copy(update={"serving_breaches": ()})}
    )

    def closes(found: Incident) -> bool:
        assert found.status is not None
        return expires_at(well, found, found.status, HOUR) is not None

    assert not closes(Incident.model_validate(body))
    anew = said(Incident.model_validate(body), decision={**FIRST, "round": 1})
    assert closes(anew)
