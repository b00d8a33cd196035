"""How often requests of what serves may be shifted by itself."""

from datetime import timedelta

import pytest

from knowngood.api.v1alpha1.policy import Limits
from knowngood.decisions.limiting import (
    KEPT,
    UNLIMITED,
    ShiftLimits,
    counted,
    limited_until,
    strictest,
    why_limited,
)
from tests.decisions.containment import a_breach, held, play, seen
from tests.decisions.states import NOW

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("per_hour", "cooldown", "ages", "ends"),
    [
        (None, None, [1, 2, 3], None),
        (1, None, [], None),
        (1, None, [59], 1),
        (1, None, [60], None),
        (2, None, [59], None),
        (2, None, [59, 1], 1),
        (2, None, [70, 1], None),
        (2, None, [50, 40, 1], 20),
        (None, 15, [14], 1),
        (None, 15, [15], None),
        (None, 15, [90, 5], 10),
        (1, 15, [50], 10),
        (1, 15, [5], 55),
        (3, 120, [5], 115),
    ],
)
def test_a_limit_is_reached_and_ends(
    per_hour: int | None, cooldown: int | None, ages: list[int], ends: int | None
) -> None:
    limits = ShiftLimits(per_hour, None if cooldown is None else cooldown * MINUTE)
    shifts = [NOW - age * MINUTE for age in ages]

    assert limited_until(limits, shifts, NOW) == NOW + (ends or 0) * MINUTE
    assert bool(why_limited(limits, shifts, NOW)) is (ends is not None)


def test_the_limit_that_lasts_longest_is_named_with_its_end() -> None:
    words = why_limited(ShiftLimits(1, 15 * MINUTE), [NOW - 5 * MINUTE], NOW)

    assert words == (
        "the limit actionsPerHour: 1 of the policies is reached: nothing is shifted by itself before "
        "2026-03-01T12:55:00Z"
    )


def test_of_several_policies_the_strictest_counts() -> None:
    said = [
        Limits(),
        Limits(actions_per_hour=3, cooldown="15m"),
        Limits(actions_per_hour=2),
        Limits(cooldown="1h"),
    ]

    assert strictest(said) == ShiftLimits(2, timedelta(hours=1))
    assert strictest([]) == UNLIMITED


def test_few_shifts_are_remembered() -> None:
    shifts: tuple[object, ...] = ()
    for number in range(KEPT + 5):
        shifts = counted(shifts, NOW + number * MINUTE)  # type: ignore[arg-type] # they are instants
    assert len(shifts) == KEPT
    assert shifts[-1] == NOW + (KEPT + 4) * MINUTE


def test_a_shift_is_counted_and_the_next_one_waits_until_the_limit_ends() -> None:
    story = play()
    assert story.look(serving=seen(a_breach())).shifts == (story.s.now,)

    again = play()
    model = again.s.model
    assert model.status is not None
    status = model.status.model_copy(update={"shifts": (NOW - 14 * MINUTE,)})
    limits = ShiftLimits(cooldown=15 * MINUTE)
    plan = again.look(
        serving=seen(a_breach()),
        limits=limits,
        model=model.model_copy(update={"status": status}),
    )

    assert plan.phase == "Guarding"
    assert plan.wake_at is not None
    assert plan.wake_at <= NOW + MINUTE
    assert held(again).startswith("the limit cooldown: 15m of the policies is reached")
    assert again.told.count("ShiftLimited") == 1
    again.look(later=30 * timedelta(seconds=1))
    assert again.told.count("ShiftLimited") == 1
    plan = again.look(later=MINUTE)
    assert plan.phase == "Containing"
    assert len(plan.shifts) == 2


def test_what_a_person_asks_for_is_neither_counted_nor_limited() -> None:
    story = play()
    story.look(serving=seen(a_breach()), ready={"7": 2, "8": 1})
    counted_once = story.s.model.status
    plan = story.give("undo 7", limits=ShiftLimits(per_hour=1))

    assert story.refusal == ""
    assert counted_once is not None
    assert plan.shifts == counted_once.shifts
