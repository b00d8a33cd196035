"""A containment that another process goes on with: the one that began it may have been gone for long."""

from datetime import timedelta

from knowngood.api.v1alpha1 import Phase
from tests.decisions.containment import SERVES, STANDS_BY, a_breach, held, kept, play, seen

LONG = timedelta(hours=2)
"""More than any deadline of the story."""


def test_a_process_that_has_not_looked_yet_gives_no_shift_up_for_its_time() -> None:
    story = play()
    story.look(serving=seen(a_breach()), ready={SERVES: 2, STANDS_BY: 1})

    plan = story.look(later=LONG, serving=None)

    assert plan.phase is Phase.CONTAINING
    assert kept(story.s.model).failed_at is None
    plan = story.look(later=timedelta(seconds=30), serving=seen(a_breach()))
    assert plan.phase is Phase.CONTAINING, held(story)
    assert story.look(later=LONG).phase is Phase.PROBATION, "and no more than that"
