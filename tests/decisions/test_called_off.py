"""A shift that is called off is told as failed, whatever ends it, and also where the write that tells it is lost."""

import pytest

from knowngood.api.v1alpha1 import Containment, PolicyMode, Reason, VerdictKind
from knowngood.decisions.serving import ServingView
from knowngood.decisions.situation import SpecProblem
from knowngood.decisions.trigger_views import ActionKind
from tests.decisions.consent import Asked
from tests.decisions.containment import SERVES, STANDS_BY, a_breach, said, seen

ENDS = {
    "it is over": seen(said(VerdictKind.HEALTHY)),
    "the policy says hold": seen(a_breach(ActionKind.HOLD)),
    "the policy only observes": seen(a_breach(mode=PolicyMode.OBSERVE)),
    "the trigger is gone": seen(),
}
NOBODY = SpecProblem(Reason.NO_POLICY, "no policy selects the model")


def waiting() -> Asked:
    """A shift that waits for pods, told in its incident."""
    story = Asked(a_breach(), better=())
    story.after(1, serving=seen(a_breach()), ready={SERVES: 2, STANDS_BY: 1})
    assert (story.phase, story.states[-1]) == ("Containing", "a2 ShiftToShadow Started")
    assert story.status.containment is Containment.PENDING
    return story


def is_told(story: Asked) -> None:
    assert story.phase == "Guarding"
    assert story.states == ["a1 Hold Verified", "a2 ShiftToShadow Failed"]
    assert story.status.containment is Containment.FAILED
    assert "nothing is to be done now" not in (story.status.next_for_human or "")


@pytest.mark.parametrize("view", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("lost", [False, True], ids=["", "a write is lost"])
def test_whatever_calls_it_off_is_told(view: ServingView, *, lost: bool) -> None:
    story = waiting()

    if lost:
        story.play.look(serving=view)
    story.after(1, serving=view)
    story.after(1, serving=view)

    is_told(story)


def test_that_no_policy_is_left_is_told_too() -> None:
    story = waiting()

    story.after(1, serving=None, guarded=NOBODY)
    story.after(1)

    is_told(story)
    assert story.play.s.model.status is not None
    assert story.play.s.model.status.serving_breaches == (), "and nothing is found any more"


def test_while_the_trigger_can_not_be_seen_it_is_waited_for() -> None:
    story = waiting()

    story.after(1, serving=None)

    assert story.phase == "Containing"
