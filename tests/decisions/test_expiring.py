"""What needs nobody any more is closed after a quiet time, without anybody's word; nothing else is."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Containment,
    Ending,
    Incident,
    IncidentPhase,
    IncidentStatus,
    VerdictKind,
)
from knowngood.decisions.closing import let_go_of_closed
from knowngood.decisions.expiring import expired, expires_at
from knowngood.decisions.handing_over import readable
from knowngood.decisions.planned import plan_of
from knowngood.decisions.trigger_views import ActionKind
from tests.decisions.containment import a_breach, kept, play, said, seen
from tests.decisions.test_incidents import breached, contained, opened
from tests.decisions.test_progress import a_hold, healthy, of, on, reverted, well

WEEK = timedelta(hours=168)


def last_of(status: IncidentStatus) -> datetime:
    return max(entry.time for entry in status.timeline)


def closes_at(model: AIModelDeployment | None, incident: Incident) -> datetime | None:
    assert incident.status is not None
    return expires_at(model, incident, incident.status, WEEK)


def saying(incident: Incident, **spec: Any) -> Incident:
    body = incident.wire()
    return Incident.model_validate({**body, "spec": {**body["spec"], **spec}})


def having(incident: Incident, **status: Any) -> Incident:
    assert incident.status is not None
    return incident.model_copy(update={"status": incident.status.model_copy(update=status)})


def decided(incident: Incident, outcome: str) -> Incident:
    word = {"outcome": outcome, "by": "alice", "rationale": "because"}
    return saying(incident, decision=word)


def gone(incident: Incident | None = None) -> Incident:
    return on(reverted(), incident or of(contained(), opened(contained())))


def test_a_canary_that_is_gone_is_forgotten_after_a_week() -> None:
    incident = of(contained(), opened(contained()))
    assert incident.status is not None
    end = last_of(incident.status) + WEEK

    assert closes_at(contained(), incident) == end
    before = expired(contained(), incident, incident.status, WEEK, end - timedelta(seconds=1))
    assert before == incident.status
    closed = expired(contained(), incident, incident.status, WEEK, end)
    assert (closed.phase, closed.resolution) == (IncidentPhase.CLOSED, Ending.AUTO_CLOSED)
    assert closed.clocks is not None
    assert closed.clocks.closed == end
    assert closed.timeline[-1].text == (
        "closed as AutoClosed: nothing was told in it for 168h; no traffic moves"
    )
    after = incident.model_copy(update={"status": closed})
    assert expired(contained(), after, closed, WEEK, end + WEEK) == closed
    said = readable(contained(), incident, closed).next_for_human or ""
    assert said.startswith("nothing is asked any more: the incident is closed")


def test_what_is_told_meanwhile_begins_the_week_anew() -> None:
    incident = gone()
    assert incident.status is not None
    assert incident.status.clocks is not None

    assert closes_at(reverted(), incident) == incident.status.timeline[-1].time + WEEK
    assert incident.status.timeline[-1].time == incident.status.clocks.eradicated


def test_what_has_recovered_is_closed_also_where_it_served() -> None:
    model, incident = a_hold()
    first = incident.status
    assert first is not None
    found = [(e.policy or "", e.trigger) for e in first.evidence]
    after = on(healthy(model), incident, well("7", timedelta(), *found))
    assert closes_at(healthy(model), after) is None, "nobody has seen yet that it lasts"

    after = on(healthy(model), after, well("7", timedelta(hours=1)))

    assert closes_at(healthy(model), after) is not None
    assert closes_at(model, after) is None, "it is bad again, and the next pass opens it again"


def waits(name: str) -> tuple[AIModelDeployment | None, Incident]:
    incident = of(contained(), opened(contained()))
    model, held = a_hold()
    return {
        "being taken away": (breached(), of(breached(), opened(breached()))),
        "still answering": (contained(), having(incident, containment=Containment.FAILED)),
        "not ours to shift": (contained(), having(incident, containment=Containment.NONE)),
        "held": (model, held),
        "held, a mended version decided": (model, decided(held, "Patch")),
        "held, accepted, and still breached": (model, decided(held, "AcceptRisk")),
        "accepted, and users meet it again": (
            healthy(model),
            decided(having(held, containment=Containment.UNDONE), "AcceptRisk"),
        ),
        "its model is gone": (None, held),
        "closed": (contained(), having(incident, phase=IncidentPhase.CLOSED)),
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "being taken away",
        "still answering",
        "not ours to shift",
        "held",
        "held, a mended version decided",
        "held, accepted, and still breached",
        "accepted, and users meet it again",
        "its model is gone",
        "closed",
    ],
)
def test_what_needs_somebody_is_never_closed_by_time(name: str) -> None:
    assert closes_at(*waits(name)) is None


@pytest.mark.parametrize("outcome", ["AcceptRisk", "None"])
def test_what_a_person_has_accepted_is_closed_when_it_is_not_found_any_more(outcome: str) -> None:
    model, incident = a_hold()

    assert closes_at(healthy(model), decided(incident, outcome)) is not None
    for other in ("Retrain", "Patch", "FixPipeline"):
        assert closes_at(healthy(model), decided(incident, other)) is None


def test_what_was_told_in_it_is_told_anew_when_it_was_over_and_comes_back() -> None:
    story = play()
    story.look(serving=seen(a_breach(ActionKind.HOLD)))
    name = kept(story.s.model).incident or ""
    _, incident = a_hold()
    ended = having(incident, phase=IncidentPhase.CLOSED, resolution=Ending.AUTO_CLOSED)
    story.s = replace(story.s, incidents={name: ended})
    plan = let_go_of_closed(story.s, plan_of(story.s.model))
    assert [b.closed for b in plan.breaches] == [Ending.AUTO_CLOSED]
    assert plan.incident == ""
    assert plan.weights == plan_of(story.s.model).weights, "closing moves no traffic"

    story.look(serving=seen(said(VerdictKind.HEALTHY)), later=timedelta(minutes=1))
    assert story.s.model.status is not None
    assert story.s.model.status.serving_breaches == ()
    story.look(serving=seen(a_breach(ActionKind.HOLD)), later=timedelta(minutes=1))
    assert kept(story.s.model).closed is None
