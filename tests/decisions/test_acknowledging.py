"""Who has taken an incident is written down once, whichever way it is said first."""

from collections.abc import Callable

import pytest

from knowngood.api.v1alpha1 import Incident, IncidentPhase
from knowngood.api.v1alpha1.notification_status import PagedAcknowledgement, PagedBy
from knowngood.decisions.acknowledging import acknowledged_by, taken_where_paged
from knowngood.decisions.answering import heard
from knowngood.decisions.chaining import first_fault
from tests.decisions.states import NOW
from tests.decisions.test_incidents import LATER, breached, opened, told

SAID = PagedAcknowledgement(by="Alice", way=PagedBy.PAGER_DUTY, receiver="oncall", at=LATER)
WORDS = "Alice (PagerDuty receiver oncall)"


def by_page(incident: Incident) -> Incident:
    status = taken_where_paged(incident, SAID, 0)
    return incident if status is None else incident.model_copy(update={"status": status})


def by_spec(incident: Incident) -> Incident:
    body = incident.wire()
    body["spec"]["acknowledgement"] = {"by": "bob"}
    said = Incident.model_validate(body)
    return said.model_copy(update={"status": heard(said, LATER, proved=True) or said.status})


def entries(incident: Incident) -> list[str]:
    assert incident.status is not None
    return [e.text for e in incident.status.timeline if e.text.startswith("acknowledged")]


@pytest.mark.parametrize(
    "ways", [(by_page, by_spec), (by_spec, by_page), (by_page, by_page), (by_spec, by_spec)]
)
def test_the_first_one_has_it_and_the_others_change_nothing(
    ways: tuple[Callable[[Incident], Incident], ...],
) -> None:
    incident = told(breached(), opened(breached()))
    assert acknowledged_by(incident) == ""
    for way in ways:
        incident = way(incident)

    first = WORDS if ways[0] is by_page else "bob"
    assert acknowledged_by(incident) == first
    assert entries(incident) == [f"acknowledged by {first}"]
    assert incident.status is not None
    assert incident.status.clocks is not None
    assert incident.status.clocks.acknowledged == LATER
    rendered = incident.status.wire()["timeline"]
    assert first_fault(incident.metadata, rendered, incident.status.chain) is None


def test_what_a_person_has_said_counts_before_it_is_heard() -> None:
    incident = opened(breached(), {"acknowledgement": {"by": "bob"}})

    assert taken_where_paged(incident, SAID, 0) is None


def test_what_is_closed_is_taken_by_nobody() -> None:
    incident = told(breached(), opened(breached()))
    assert incident.status is not None
    over = incident.status.model_copy(update={"phase": IncidentPhase.CLOSED})

    assert taken_where_paged(incident.model_copy(update={"status": over}), SAID, 0) is None


def test_it_is_taken_also_before_anything_is_told_in_it() -> None:
    status = taken_where_paged(opened(breached()), SAID, 0)

    assert status is not None
    assert [(e.time, e.csf) for e in status.timeline] == [(LATER, "RS.CO")]
    assert NOW < LATER
