"""False alarms of comparisons with a baseline, counted: also where the world is not simple."""

import numpy as np
import pytest

from knowngood.analysis.remembered.baseline import begin, fold
from knowngood.analysis.remembered.counts import BaselineCounts, harmless_share
from knowngood.analysis.remembered.strata import STRATA, stratum_of
from knowngood.analysis.remembered.stretches import alongside, cut_alone
from knowngood.api.v1alpha1.comparisons import Direction, Seasonality
from knowngood.signals.cells import CellColumn, Counts
from tests.analysis.remembered.made import (
    MONDAY,
    alarm_at,
    falling,
    flat,
    folded,
    minutes,
    spread,
)

RUNS = 150
WORST = harmless_share(Counts(35_000, 50_000), True, 0.05)  # noqa: FBT003  - a fall
"""The share of approvals that is just harmless."""


@pytest.mark.parametrize("rate", [100.0, 3.0, 0.1])
def test_at_the_limit_of_harm_alarms_within_a_span_are_no_more_than_its_part_of_c(
    rate: float,
) -> None:
    """Doob: at most T/c, here a fifth; three standard deviations for chance."""
    draw, span, c = np.random.default_rng(17), 100, 500.0
    rule = falling(once_in_minutes=c, tolerance=0.05)
    alarms = 0
    for _ in range(RUNS):
        found = alarm_at(rule, flat(), minutes(draw, rate, np.full(span, WORST)))
        alarms += found is not None

    assert alarms <= RUNS * span / c + spread(RUNS, span / c)


def test_at_the_limit_of_harm_a_false_alarm_takes_c_minutes_on_average() -> None:
    """Spans are cut at ten times c, which only makes the mean smaller."""
    draw, c = np.random.default_rng(18), 20.0
    rule = falling(once_in_minutes=c)
    took = []
    for _ in range(RUNS):
        found = alarm_at(rule, flat(), minutes(draw, 50, np.full(200, WORST)))
        took.append((found.end - MONDAY) / 60 if found else 200.0)

    assert np.mean(took) >= c - 3 * np.std(took) / np.sqrt(RUNS)


def test_thirty_days_without_a_request_raise_no_alarm() -> None:
    """A sum that grows by itself reaches a week's limit after a week, whatever happens."""
    column = CellColumn()
    for second in range(MONDAY, MONDAY + 30 * 86_400, 15):
        column.append(second, 0, 0)
    rule = falling(once_in_minutes=7 * 1440.0)

    _, stretches = cut_alone(alongside(MONDAY), column, MONDAY + 30 * 86_400)

    assert stretches == ()
    assert folded(rule, flat(), stretches) == begin(rule, 0.0)


def test_a_request_in_ten_minutes_raises_no_alarm_in_two_weeks() -> None:
    """With c = 7 days and no harm; the rule that counts empty looks errs in 6 of 100."""
    draw, alarms = np.random.default_rng(19), 0
    for _ in range(25):
        found = alarm_at(
            falling(once_in_minutes=7 * 1440.0), flat(), minutes(draw, 1.0, np.full(2016, 0.7))
        )
        alarms += found is not None

    assert alarms <= 25 * 0.01 + spread(25, 0.01)


def test_a_lucky_small_baseline_is_not_taken_at_its_word() -> None:
    """230 of 300, where 70 % is the truth: one baseline in 160 of this size is so lucky."""
    draw = np.random.default_rng(20)
    lucky, plain = flat(230, 300), flat(230 * 10**6, 300 * 10**6)
    rule = falling(min_samples=300, once_in_minutes=7 * 1440.0)
    days = [list(minutes(draw, 100, np.full(1440, 0.7))) for _ in range(5)]

    assert not any(alarm_at(rule, lucky, day) for day in days)
    assert all(alarm_at(rule, plain, day) for day in days)


def season(swing: float, days: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return 0.7 + swing * np.sin(2 * np.pi * np.arange(1440 * days) / 1440)


def hourly(draw: np.random.Generator, swing: float, per_hour: int) -> BaselineCounts:
    """One day of counts, each hour in a stratum of its own."""
    shares = season(swing, 1).reshape(24, 60).mean(axis=1)
    events = draw.binomial(per_hour, shares)
    strata = tuple(Counts(seen, per_hour) for seen in events.tolist())
    return BaselineCounts(Seasonality.HOUR_OF_DAY, strata, 0.0, 86_400.0)


def test_a_flat_baseline_fires_on_a_season_and_hours_of_the_day_do_not() -> None:
    draw = np.random.default_rng(21)
    rule = falling(seasonality=Seasonality.HOUR_OF_DAY)
    for _ in range(3):
        hours = hourly(draw, 0.08, 6000)
        traffic = list(minutes(draw, 100, season(0.08, 3)))

        assert alarm_at(falling(), hours.coarsened(Seasonality.NONE), traffic)
        assert not alarm_at(rule, hours, traffic)


def test_a_small_season_is_within_the_tolerance() -> None:
    draw = np.random.default_rng(22)
    for _ in range(3):
        assert not alarm_at(falling(), flat(), minutes(draw, 100, season(0.03, 3)))


DELAYS = [
    pytest.param(0.60, 27, 41, id="60 %"),
    pytest.param(0.55, 8, 12, id="55 %"),
    pytest.param(0.40, 1, 3, id="40 %"),
]


@pytest.mark.parametrize(("share", "low", "high"), DELAYS)
def test_a_real_fall_is_found_within_minutes_at_once_in_ten_years_for_five_triggers(
    share: float, low: float, high: float
) -> None:
    """Medians of 61 runs, 100 requests a minute after two healthy hours; expected: 34, 10, 2."""
    draw, exact = np.random.default_rng(23), flat(7 * 10**6, 10**7)
    course = np.concatenate([np.full(30, 0.7), np.full(170, share)])
    took = []
    for _ in range(61):
        found = alarm_at(falling(), exact, minutes(draw, 100, course))
        took.append((found.end - MONDAY) / 60 - 30 if found else 170.0)

    assert low <= np.median(took) <= high


def test_a_window_that_reaches_back_into_health_delays_the_alarm() -> None:
    """A fall of thirty points must fill a sixth of the hour before its mean is five lower."""
    draw = np.random.default_rng(24)
    course = np.concatenate([np.full(60, 0.7), np.full(60, 0.4)])
    for over, low, high in ((None, 1, 4), (3600.0, 9, 12)):
        found = alarm_at(falling(effect_over=over), flat(), minutes(draw, 100, course))

        assert found
        assert low <= (found.end - MONDAY) / 60 - 60 <= high


def test_bursts_break_the_promise_and_the_design_effect_keeps_it() -> None:
    """Ten answers alike at a time, at the limit of harm: at most T/c if counted as one."""
    draw, c, span = np.random.default_rng(25), 500.0, 100
    alarms = {1.0: 0, 10.0: 0}
    for _ in range(RUNS):
        single = list(minutes(draw, 10, np.full(span, WORST)))
        bursts = [
            type(one)(10 * one.events, 10 * one.total, one.start, one.end, one.judged)
            for one in single
        ]
        for effect in alarms:
            rule = falling(once_in_minutes=c, design_effect=effect)
            alarms[effect] += alarm_at(rule, flat(350_000, 500_000), bursts) is not None

    bound = RUNS * span / c + spread(RUNS, span / c)
    assert alarms[10.0] <= bound < alarms[1.0]


def test_direction_increase_keeps_its_promise_too() -> None:
    draw, c, span = np.random.default_rng(26), 500.0, 100
    counts = flat(500, 50_000)
    worst = 1 - harmless_share(Counts(500, 50_000), False, 0.01)  # noqa: FBT003  - a rise
    rule = falling(direction=Direction.INCREASE, tolerance=0.01, once_in_minutes=c)
    alarms = 0
    for _ in range(RUNS):
        alarms += alarm_at(rule, counts, minutes(draw, 100, np.full(span, worst))) is not None

    assert alarms <= RUNS * span / c + spread(RUNS, span / c)


def test_hours_of_the_week_tell_a_saturday_from_a_monday() -> None:
    """Ten points lower every Saturday: the week's strata know it, the day's do not."""
    draw = np.random.default_rng(27)
    strata = []
    for stratum in range(STRATA[Seasonality.HOUR_OF_WEEK]):
        share = 0.55 if stratum // 24 == 5 else 0.7
        strata.append(Counts(int(draw.binomial(6000, share)), 6000))
    weekly = BaselineCounts(Seasonality.HOUR_OF_WEEK, tuple(strata), 0.0, 604_800.0)
    saturday = MONDAY + 5 * 86_400
    assert stratum_of(saturday, Seasonality.HOUR_OF_WEEK) == 120
    traffic = list(minutes(draw, 100, np.full(1440, 0.55), saturday))

    state = begin(falling(seasonality=Seasonality.HOUR_OF_WEEK), 0.0)
    for stretch in traffic:
        state = fold(state, falling(seasonality=Seasonality.HOUR_OF_WEEK), weekly, stretch)

    assert not state.breached_by
    assert state.judged == pytest.approx(1440, abs=1)
    by_day = weekly.coarsened(Seasonality.HOUR_OF_DAY)
    assert alarm_at(falling(seasonality=Seasonality.HOUR_OF_DAY), by_day, traffic)
