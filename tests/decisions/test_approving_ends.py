"""What ends a question that people are asked, and what an answer is about."""

from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import IncidentRef
from knowngood.api.v1alpha1.answers import Close
from knowngood.api.v1alpha1.approvals import MOST_ANSWERS
from knowngood.decisions.answering import heard
from knowngood.decisions.outliving import ended_with_model
from knowngood.decisions.progress import progressed
from knowngood.decisions.trigger_views import TriggerView
from tests.decisions.consent import Asked, a_question
from tests.decisions.containment import held, seen
from tests.decisions.states import NOW

NO, ASKED = "Reject", "Guarding"
REQUIRE = a_question("Require")
VETO = a_question("VetoWindow")


def test_an_answer_to_another_action_counts_for_nothing_and_is_told() -> None:
    story = Asked(REQUIRE)
    story.say("alice", "Approve", "a1")
    story.say("alice", "Approve", "a99")

    story.after(1)

    assert story.phase == ASKED
    assert any(
        "a99 is approved by alice, and there is no such" in e.text for e in story.status.timeline
    )
    before = story.status.timeline
    story.after(1)
    assert story.status.timeline == before


def test_a_veto_outlives_an_incident_that_somebody_deletes() -> None:
    story = Asked(VETO)
    story.say("alice", NO)
    story.after(1)
    story.play.s = replace(story.play.s, incidents={})
    story.incident = None

    story.after(250, serving=seen(VETO))
    story.after(250)

    assert story.phase == ASKED
    assert held(story.play) == "alice said no"


def test_what_many_models_share_ends_the_question() -> None:
    story = Asked(REQUIRE)
    model = story.play.s.model
    assert model.status is not None
    (breach,) = model.status.serving_breaches
    shared = breach.model_copy(
        update={"common_cause": "many models", "common_since": story.play.s.now}
    )
    status = model.status.model_copy(update={"serving_breaches": (shared,)})
    story.play.s = replace(story.play.s, model=model.model_copy(update={"status": status}))
    story.say("alice")

    story.after(1)

    assert story.phase == ASKED
    assert story.states[1] == "a2 ShiftToShadow Withdrawn"


def test_no_time_is_over_before_the_incident_tells_of_the_question() -> None:
    story = Asked(VETO)
    later = replace(VETO, verdict=replace(VETO.verdict, at=NOW.timestamp() + 700))
    story.play.s = replace(story.play.s, incidents={})

    story.after(700, serving=seen(later))

    assert story.phase == ASKED
    story.after(1)  # told meanwhile
    assert story.phase == "Containing"


@pytest.mark.parametrize("how", ["by a person", "with its model"])
def test_what_closes_the_incident_ends_the_question(how: str) -> None:
    story = Asked(REQUIRE)
    assert story.incident is not None
    if how == "by a person":
        close = Close.model_validate({"by": "alice", "resolution": "Resolved"})
        spec = story.incident.spec.model_copy(update={"close": close})
        closed = heard(story.incident.model_copy(update={"spec": spec}), NOW, proved=True)
    else:
        closed = ended_with_model(story.incident, NOW)
    assert closed is not None
    assert [a.state for a in closed.actions] == ["Verified", "Withdrawn"]
    assert closed.next_for_human is not None
    story.play.s = replace(
        story.play.s, incidents={"loan-1": story.incident.model_copy(update={"status": closed})}
    )

    assert story.play.look(serving=seen(REQUIRE)).phase == ASKED
    assert story.play.told.count("ApprovalNeeded") == 1


def test_what_was_said_before_people_were_asked_is_no_answer() -> None:
    story = Asked(REQUIRE, better=())
    story.say("alice", "Approve", "a2")
    story.after(1)

    story.after(3, serving=seen(REQUIRE))
    story.after(1)

    assert story.phase == ASKED
    assert story.waits.id == "a3"
    story.say("alice")
    story.after(1)
    assert story.phase == "Containing"


@pytest.mark.parametrize("trigger", [VETO, a_question("Require", onTimeout="Act")])
def test_where_there_is_no_room_for_a_veto_no_time_decides(trigger: TriggerView) -> None:
    story = Asked(trigger)
    for number in range(MOST_ANSWERS):
        story.say(f"p{number}", NO, "a1")
    story.after(1)
    assert story.waits.result == (
        "it begins as soon as 1 person has approved; nothing is shifted before, also after "
        "2026-03-01T12:10:03Z"
    )

    later = replace(trigger, verdict=replace(trigger.verdict, at=NOW.timestamp() + 700))
    story.after(700, serving=seen(later))

    assert story.phase == ASKED
    assert "ApprovalOverdue" in story.play.told


def test_a_question_ends_also_where_the_model_has_gone_on_to_another_incident() -> None:
    story = Asked(REQUIRE)
    model = story.play.s.model
    assert model.status is not None
    assert story.incident is not None
    assert progressed(model, story.incident, story.status, None, NOW) == story.status

    later = {"serving_breaches": (), "incident_ref": IncidentRef(name="loan-2")}
    on = model.model_copy(update={"status": model.status.model_copy(update=later)})
    status = progressed(on, story.incident, story.status, None, NOW)

    assert [a.state for a in status.actions] == ["Verified", "Withdrawn"]
