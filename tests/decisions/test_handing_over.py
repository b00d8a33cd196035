"""An incident alone says what a person has to do now, what can be undone, and which answers were in doubt."""

from dataclasses import replace
from datetime import timedelta

import pytest

from knowngood.api.v1alpha1 import (
    ActionRecord,
    AIModelDeployment,
    Condition,
    Containment,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Phase,
    Undo,
    UndoneAction,
)
from knowngood.decisions.answering import heard
from knowngood.decisions.handing_over import readable
from knowngood.decisions.incidents import incident_status
from knowngood.decisions.outliving import ended_with_model
from knowngood.decisions.trigger_views import ActionKind
from tests.decisions.containment import READY, SERVES, STANDS_BY, a_breach, play, seen
from tests.decisions.playing import Play
from tests.decisions.situations import a_model, an_incident
from tests.decisions.states import NOW, STATES
from tests.decisions.test_incidents import LATER, breached, contained, opened

HAVE_IT = "say that you have it (knowngood incident acknowledge loan-1 -n lending), and "
THEN = "; then close the incident loan-1"


def told(
    model: AIModelDeployment | None, incident: Incident, *, earlier: AIModelDeployment | None = None
) -> IncidentStatus:
    """What is written of an incident; `earlier` is the model that it was told of first."""
    for each in [model] if earlier is None else [earlier, model]:
        status = incident_status(each, incident) if each else incident.status
        assert status is not None
        incident = incident.model_copy(update={"status": readable(each, incident, status)})
    assert incident.status is not None
    return incident.status


def of(story: Play, **earlier: AIModelDeployment) -> IncidentStatus:
    return told(story.s.model, an_incident("loan-1"), **earlier)


def says(status: IncidentStatus, *, first: str = HAVE_IT) -> str:
    found = status.next_for_human or ""
    assert found.startswith(first)
    assert found.endswith(THEN)
    return found.removeprefix(first).removesuffix(THEN)


def test_while_a_version_is_taken_back_nothing_is_to_be_done() -> None:
    status = told(breached(), opened(breached()))

    assert status.next_for_human == (
        "nothing is to be done now: version 8 is being taken away from users"
    )


def test_a_rollback_that_does_not_go_on_is_to_be_looked_at() -> None:
    model = breached()
    stalled = Condition(
        type="Stalled", status="True", reason="Claimed", message="?", last_transition_time=NOW
    )
    assert model.status is not None
    status = model.status.model_copy(update={"conditions": (stalled,)})

    assert says(told(model.model_copy(update={"status": status}), opened(model))) == (
        "look at what the shift waits for: it does not go on by itself (knowngood status loan -n lending)"
    )


def test_once_users_are_safe_it_says_with_which_version_and_what_the_spec_still_asks_for() -> None:
    status = told(contained(), opened(contained()))

    assert says(status) == (
        "find out what is wrong with version 8: users are safe with version 7, but the spec still asks for 8: set "
        "spec.model.version to another one, or to 7"
    )


def test_a_spec_that_asks_for_another_version_by_now_is_not_to_be_changed() -> None:
    model = contained()
    back = model.model_copy(update={"spec": a_model(desired="7").spec})

    assert says(told(back, opened(model))) == (
        "find out what is wrong with version 8: users are safe with version 7"
    )


def test_whoever_has_it_is_not_asked_to_say_so_again() -> None:
    incident = opened(contained(), {"acknowledgement": {"by": "alice"}})
    passed = incident.model_copy(update={"status": incident_status(contained(), incident)})
    status = heard(passed, LATER, proved=True)
    assert status is not None

    said = readable(contained(), passed, status)

    assert (said.next_for_human or "").startswith("find out what is wrong with version 8")


def test_the_undo_is_that_of_this_incidents_own_action() -> None:
    status = told(contained(), opened(contained()))
    assert status.undo is not None
    assert status.undo.command == "knowngood undo loan --version 8 -n lending"
    assert status.undo.what.startswith("version 8 is tried again from its first step")

    assert told(breached(), opened(breached())).undo is None, "nothing is reversed half way"
    model = contained()
    assert model.status is not None
    assert model.status.rollout is not None
    assert model.status.rollout.failure is not None
    failure = model.status.rollout.failure.model_copy(update={"incident": "loan-2"})
    rollout = model.status.rollout.model_copy(update={"failure": failure})
    later = model.model_copy(
        update={"status": model.status.model_copy(update={"rollout": rollout})}
    )
    assert told(later, opened(model), earlier=model).undo is None, "another one was acted on since"


def test_a_promotion_is_no_action_of_an_incident() -> None:
    model = contained()
    assert model.status is not None
    promotion = Undo(action=UndoneAction.PROMOTION, version="7", to="6", what="?", command="undo 7")
    status = model.status.model_copy(update={"undo": promotion})

    assert told(model.model_copy(update={"status": status}), opened(model)).undo is None


def test_a_version_that_is_tried_again_is_to_be_watched_and_nothing_is_undone_any_more() -> None:
    first = contained()
    again = first.model_copy(update={"status": STATES["pausing"].status()})

    status = told(again, opened(first), earlier=first)

    assert says(status) == "watch version 8, which is tried again because a person asked for it"
    assert status.undo is None


def test_a_version_that_was_forced_past_its_verdict_is_to_be_watched() -> None:
    first = contained()
    forced = first.model_copy(update={"status": STATES["just promoted"].status()})

    assert says(told(forced, opened(first), earlier=first)).startswith(
        "watch version 8, which answers users again"
    )


def held() -> Play:
    story = play()
    story.look(serving=seen(a_breach(ActionKind.HOLD)))
    return story


def test_what_is_held_is_for_a_person_to_decide() -> None:
    status = of(held())

    assert says(status) == (
        "decide: version 7 goes on answering users, and nothing was shifted; either mend what reaches it, or send them "
        "to version 8, which is known good and stands by: version 8 is healthy by its answers to copies (knowngood "
        "rollback loan --version 7 -n lending)"
    )
    assert status.undo is None


def test_what_is_held_can_be_taken_back_where_a_promotion_can() -> None:
    story = Play("promoted, not seen yet")
    story.look(later=timedelta(seconds=3))
    view = replace(seen(a_breach(ActionKind.HOLD)), version="8")
    story.look(serving=view)

    status = of(story)

    call = "knowngood rollback loan --version 8 -n lending"
    assert f"send them to version 7, which was never known good ({call})" in says(status)
    assert status.undo is None, "a promotion is no action of the incident"


def test_what_is_not_breached_any_more_is_to_be_understood_and_closed() -> None:
    story = held()
    first = story.s.model
    assert first.status is not None
    over = first.status.model_copy(update={"serving_breaches": ()})
    healthy = first.model_copy(update={"status": over})

    assert says(told(healthy, an_incident("loan-1"), earlier=first)) == (
        "find out what it was: nothing is found about version 7 any more"
    )


def test_a_shift_that_waits_can_be_called_off_and_one_that_failed_is_for_a_person() -> None:
    story = play()
    story.look(serving=seen(a_breach()), ready={SERVES: 2, STANDS_BY: 1})
    first = story.s.model
    waits = of(story)
    assert waits.undo is not None
    assert waits.undo.command == f"knowngood undo loan --version {SERVES} -n lending"

    story.look(later=timedelta(hours=2), ready={SERVES: 2, STANDS_BY: 1})
    failed = of(story, earlier=first)

    assert failed.containment is Containment.FAILED
    assert says(failed).startswith(f"decide: version {SERVES} goes on answering users")
    assert failed.undo is None


def test_after_a_containment_the_spec_is_to_be_set() -> None:
    story = play()
    story.look(serving=seen(a_breach()), ready=READY)
    story.look(later=timedelta(seconds=30))
    assert story.look().phase is Phase.CONTAINED

    status = of(story)

    assert says(status).endswith(f"set spec.model.version to another one, or to {STANDS_BY}")
    assert status.undo is not None


def test_where_the_traffic_is_not_ours_a_person_has_to_take_the_version_out() -> None:
    model = contained()
    spec = a_model(traffic=None).spec
    story = model.model_copy(update={"spec": spec})

    status = told(story, opened(model))

    assert says(status) == "take version 8 out of the traffic, which is not Knowngood's to shift"
    assert status.affected is not None
    assert status.affected.to is None


def test_a_closed_incident_asks_for_nothing_and_stays_so() -> None:
    incident = opened(contained(), {"close": {"by": "bob", "resolution": "Resolved"}})
    first = incident.model_copy(update={"status": told(contained(), incident)})
    closed = heard(first, LATER, proved=True)
    assert closed is not None

    said = readable(contained(), first, closed)

    assert said.next_for_human == (
        "nothing is asked any more: the incident is closed; not seen to be done: what is left to OnCall, ModelOwner, "
        "BusinessOwner"
    )
    assert said.undo is None
    stays = first.model_copy(update={"status": closed})
    assert readable(breached(), stays, closed) == closed


def test_an_incident_whose_model_is_gone_says_so() -> None:
    incident = opened(contained())
    known = incident.model_copy(update={"status": told(contained(), incident)})

    assert (
        says(told(None, known), first="")
        == "find out what it was: its model is not watched any more"
    )
    ended = ended_with_model(known, LATER)
    assert ended is not None
    assert (ended.phase, ended.undo) == (IncidentPhase.CLOSED, None)
    assert (ended.next_for_human or "").startswith("nothing is asked any more")
    assert ended.affected == known.status.affected if known.status else False


@pytest.mark.parametrize("model", [breached(), contained(), held().s.model])
def test_saying_it_twice_changes_nothing(model: AIModelDeployment) -> None:
    once = told(model, an_incident("loan-1"))

    again = an_incident("loan-1").model_copy(update={"status": once})
    assert told(model, again) == once


def test_an_incident_in_which_nothing_is_told_yet_says_nothing() -> None:
    bare = IncidentStatus()

    assert readable(contained(), opened(contained()), bare) == bare


def test_many_long_questions_leave_a_status_that_can_be_written() -> None:
    status = told(contained(), opened(contained()))
    asked = {"to": "all", "action": "SuspendFeed", "mode": "Require", "people": 1}
    asked |= {"onTimeout": "Hold", "askedAt": NOW, "until": NOW}
    waits = {"type": "SuspendFeed", "state": "Waiting", "startedAt": NOW, "approval": asked}
    waits |= {"feed": "CronJob nightly", "result": "it is not suspended before. " * 70}
    actions = tuple(ActionRecord.model_validate(waits | {"id": f"a{n}"}) for n in range(5, 8))
    status = status.model_copy(update={"actions": actions})

    found = readable(contained(), an_incident("loan-1"), status)

    assert "decide whether CronJob nightly" in (found.next_for_human or "")
    assert IncidentStatus.model_validate(found.wire()).next_for_human == found.next_for_human
