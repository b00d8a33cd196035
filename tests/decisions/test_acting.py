"""The list of actions is bounded, and an incident may last for weeks: there is always room for what begins now."""

from dataclasses import replace
from datetime import timedelta

from knowngood.api.v1alpha1 import (
    ActionRecord,
    ActionState,
    ActionType,
    IncidentStatus,
    VerdictKind,
)
from knowngood.decisions.acting import (
    ACTIONS_KEPT,
    begun,
    next_number,
    with_action,
    with_begun,
)
from knowngood.decisions.trigger_views import TriggerView
from tests.decisions.consent import Asked, a_question
from tests.decisions.containment import seen
from tests.decisions.states import NOW


def over(number: int) -> ActionRecord:
    held = begun(ActionType.HOLD, NOW, number)
    return held.model_copy(update={"state": ActionState.VERIFIED})


FULL = tuple(over(number) for number in range(1, ACTIONS_KEPT + 1))


def at(story: Asked, kind: VerdictKind) -> TriggerView:
    """What the trigger says at the next look."""
    view = a_question("Require")
    later = story.play.s.now.timestamp() + 30
    return replace(view, verdict=replace(view.verdict, kind=kind, at=later))


def test_people_are_asked_however_often_it_was_over_and_came_back() -> None:
    story = Asked(a_question("Require"))
    for _ in range(ACTIONS_KEPT + 6):
        story.after(30, serving=seen(at(story, VerdictKind.HEALTHY)))
        story.after(30, serving=seen(at(story, VerdictKind.BREACHED)))
        assert story.waits.id in (story.status.next_for_human or "")

    IncidentStatus.model_validate(story.status.wire())
    assert len(story.status.actions) == ACTIONS_KEPT
    assert story.waits.id == f"a{ACTIONS_KEPT + 8}", "no id is given twice"


def test_what_begins_finds_room_and_the_oldest_that_is_over_makes_it() -> None:
    waits = begun(ActionType.SHIFT_TO_SHADOW, NOW).model_copy(update={"state": ActionState.WAITING})

    actions = with_begun((waits, *FULL[1:]), ActionType.ROLLBACK, NOW + timedelta(hours=1))

    assert len(actions) == ACTIONS_KEPT
    assert [a.id for a in actions[:2]] == ["a1", "a3"]
    assert (actions[-1].id, actions[-1].type) == (f"a{ACTIONS_KEPT + 1}", ActionType.ROLLBACK)


def test_while_there_is_room_nothing_is_left_out() -> None:
    assert with_action(FULL[:-1], FULL[-1]) == FULL


def test_a_number_that_people_have_named_already_is_not_given() -> None:
    assert next_number(()) == 1
    assert next_number(FULL[:2]) == 3
    assert next_number(FULL[:2], {"a3", "a4", "a6", "e1"}) == 5
    assert next_number((over(7), over(2))) == 8
