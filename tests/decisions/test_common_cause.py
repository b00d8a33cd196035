"""Many models that turn bad at once have one cause, and none of them is moved by itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import Phase
from knowngood.decisions.sharing import Harmed, Shared, common_cause
from tests.decisions.containment import SERVES, STANDS_BY, a_breach, held, kept, play, seen
from tests.decisions.playing import Play
from tests.decisions.states import NOW

ME = Harmed(NOW, "lending/loan")
WHICH = ("IncidentPolicy", "lending", "errors")


def others(count: int, apart: timedelta = timedelta(minutes=1)) -> tuple[Harmed, ...]:
    return tuple(Harmed(NOW - apart, f"lending/model-{n}", f"model-{n}-1") for n in range(count))


def policy(watched: int, harmed: tuple[Harmed, ...]) -> Shared:
    return Shared("IncidentPolicy lending", watched, harmed)


@pytest.mark.parametrize(
    ("watched", "harmed", "is_common"),
    [
        (3, others(2), True),
        (20, others(2), True),
        (30, others(2), True),
        (31, others(2), False),
        (2, others(1), False),
        (400, others(39), True),
        (401, others(39), False),
        (3, others(2, timedelta(minutes=10)), True),
        (3, others(2, timedelta(minutes=11)), False),
        (3, others(2, -timedelta(minutes=9)), True),
        (3, (), False),
        (3, (others(1)[0],) * 5, False),
    ],
)
def test_at_least_three_and_a_tenth_of_those_that_share_something_are_many(
    watched: int,
    harmed: tuple[Harmed, ...],
    is_common: bool,  # noqa: FBT001  - a table's column
) -> None:
    assert (common_cause([policy(watched, harmed)], ME) is not None) is is_common


def test_what_is_known_of_the_model_itself_counts_once() -> None:
    again = Harmed(NOW - timedelta(minutes=1), ME.model, "loan-1")

    assert common_cause([policy(3, (again, *others(1)))], ME) is None


def test_any_of_several_things_that_are_shared_is_enough_and_is_named() -> None:
    source = Shared("source default", 5, others(4))

    found = common_cause([policy(400, others(4)), source], ME)

    assert found is not None
    assert found[0].startswith("5 of the 5 models of source default turned bad within 10 minutes")
    assert "lending/loan, lending/model-0" in found[0]
    assert found[1].incident == "model-0-1"


def test_many_models_are_named_in_a_sentence_of_bounded_length() -> None:
    long = tuple(Harmed(NOW, f"{'n' * 63}/{n:040}") for n in range(1000))

    found = common_cause([policy(1000, long)], ME)

    assert found is not None
    assert len(found[0]) < 1024


def together(story: Play, **more: Any) -> Any:
    return story.look(serving=seen(a_breach()), shared={WHICH: (policy(3, others(2)),)}, **more)


def test_one_of_many_is_not_moved_although_its_standby_does_better() -> None:
    story = play()

    plan = together(story)

    assert (plan.phase, plan.shares) == (Phase.GUARDING, {SERVES: 100, STANDS_BY: 0})
    assert "3 of the 3 models of IncidentPolicy lending turned bad" in held(story)
    assert kept(story.s.model).parent == "lending/model-0-1"


def test_the_first_of_many_has_no_parent() -> None:
    story = play(shadow={"standby": "Warm", "mirrorPercent": 0})
    story.look(serving=seen(a_breach()))
    assert kept(story.s.model).incident == "loan-1"
    later = others(2, -timedelta(minutes=1))

    story.look(serving=seen(a_breach()), shared={WHICH: (policy(3, later),)})

    assert kept(story.s.model).common_cause
    assert kept(story.s.model).parent is None


def test_that_the_others_are_well_again_moves_nobody() -> None:
    story = play()
    together(story)

    story.look(serving=seen(a_breach()), shared={})
    plan = story.look(serving=seen(a_breach()), shared={})

    assert plan.shares[SERVES] == 100


def test_a_shift_that_waits_is_called_off_when_others_turn_bad_too() -> None:
    story = play()
    began = story.look(serving=seen(a_breach()), ready={SERVES: 2, STANDS_BY: 1})
    assert began.phase is Phase.CONTAINING

    plan = together(story)

    assert (plan.phase, plan.shares[SERVES]) == (Phase.PROBATION, 100)
    assert any("3 of the 3 models" in n.message for n in plan.notices)


def test_a_closed_breach_is_no_longer_one_of_many() -> None:
    story = play()
    story.look(serving=seen(a_breach()), ready={SERVES: 2, STANDS_BY: 0})
    breach = kept(story.s.model).model_copy(update={"closed": "Resolved"})
    status = story.s.model.status
    assert status is not None
    closed = status.model_copy(update={"serving_breaches": (breach,)})
    story.s = replace(story.s, model=story.s.model.model_copy(update={"status": closed}))

    together(story)

    assert kept(story.s.model).common_cause is None
