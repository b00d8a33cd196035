from itertools import accumulate
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from knowngood.analysis.remembered.baseline import FRACTIONS, BaselineRule, begin, fold, log_factors
from knowngood.analysis.remembered.counts import BaselineCounts, harmless_share
from knowngood.analysis.remembered.demands import Need
from knowngood.analysis.remembered.stretches import Stretch
from knowngood.api.v1alpha1.comparisons import Direction, Seasonality
from knowngood.signals.cells import Counts
from tests.analysis.remembered.made import MONDAY, alarm_at, falling, flat, folded, minutes

outcomes = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), min_size=1, max_size=40)


def stretches_of(drawn: list[tuple[int, int]], start: int = MONDAY) -> list[Stretch]:
    return [
        Stretch(min(x, n), n, start + 60 * k, start + 60 * (k + 1), 1.0 if k % 3 else 1 / 6)
        for k, (x, n) in enumerate(drawn)
    ]


def plainly(stretches: list[Stretch], m: float, *, falls: bool) -> float:
    """The evidence as its formula is: per bet the best start, then the mean of the bets."""
    total = 0.0
    for f in FRACTIONS:
        stake = f / (1 - m)
        factors = []
        for one in stretches:
            good = one.events if falls else one.total - one.events
            factors.append((1 + stake * (m - 1)) ** good * (1 + stake * m) ** (one.total - good))
        total += max(
            one.judged * list(accumulate(factors[k:], lambda a, b: a * b))[-1]
            for k, one in enumerate(stretches)
        )
    return total / len(FRACTIONS)


@settings(deadline=None)
@given(outcomes, st.sampled_from([Direction.DECREASE, Direction.INCREASE]))
def test_the_evidence_is_the_best_product_since_any_start(
    drawn: list[tuple[int, int]], direction: Direction
) -> None:
    rule, stretches = falling(direction=direction, once_in_minutes=1e300), stretches_of(drawn)
    falls = direction is Direction.DECREASE
    m = harmless_share(Counts(35_000, 50_000), falls, 0.05)

    state = folded(rule, flat(), stretches)

    assert exp(state.leading.log_evidence) == pytest.approx(plainly(stretches, m, falls=falls))


@given(events=st.integers(0, 5000), total=st.integers(1, 5000), falls=st.booleans())
def test_the_limit_of_harm_is_the_sure_bound_and_the_tolerance(
    *, events: int, total: int, falls: bool
) -> None:
    events = min(events, total)
    bounds = binomtest(events, total).proportion_ci(0.98, method="wilson")

    m = harmless_share(Counts(events, total), falls, 0.05)

    expected = bounds.low - 0.05 if falls else 1 - (bounds.high + 0.05)
    assert m == pytest.approx(expected, abs=1e-12)


def test_requests_that_count_as_one_make_a_baseline_less_sure() -> None:
    by_ten = harmless_share(Counts(7000, 10_000), True, 0.05, 10.0)  # noqa: FBT003  - a fall

    assert by_ten == harmless_share(Counts(700, 1000), True, 0.05)  # noqa: FBT003  - likewise


@given(st.floats(0.01, 0.99), st.floats(0, 1))
def test_a_factor_is_at_most_one_on_average_while_there_is_no_harm(m: float, more: float) -> None:
    share = m + more * (1 - m)

    for good, bad in zip(log_factors(1, 0, m), log_factors(0, 1, m), strict=True):
        assert share * exp(good) + (1 - share) * exp(bad) <= 1 + 1e-12


@settings(deadline=None)
@given(outcomes, st.integers(0, 39), st.sampled_from([1.0, 4.0]))
def test_one_more_bad_answer_is_never_less_evidence(
    drawn: list[tuple[int, int]], where: int, design_effect: float
) -> None:
    rule = falling(design_effect=design_effect)
    drawn = [(min(x, n), n) for x, n in drawn]
    where %= len(drawn)
    worse = list(drawn)
    worse[where] = (max(0, drawn[where][0] - 1), drawn[where][1])

    state, other = (folded(rule, flat(), stretches_of(one)) for one in (drawn, worse))

    if not state.breached_by:
        assert other.breached_by or other.leading.log_evidence >= state.leading.log_evidence - 1e-9
    else:
        assert other.breached_by


@settings(deadline=None)
@given(outcomes, st.integers(0, 39))
def test_evidence_that_begins_later_is_never_more(drawn: list[tuple[int, int]], skip: int) -> None:
    """A new leader that replays less raises no alarm that the old one would not have raised."""
    stretches = stretches_of(drawn)
    skip %= len(stretches)

    whole, part = (folded(falling(), flat(), some) for some in (stretches, stretches[skip:]))

    for run, later in zip(whole.leading.runs, part.leading.runs, strict=True):
        assert whole.breached_by or later.log_wealth <= run.log_wealth + 1e-9


def test_evidence_that_begins_later_is_soon_the_same() -> None:
    draw = np.random.default_rng(3)
    stretches = list(minutes(draw, 100, np.full(600, 0.7)))

    whole, part = (folded(falling(), flat(), some) for some in (stretches, stretches[300:]))

    assert part.watches == whole.watches


def test_what_is_divided_by_the_design_effect_are_the_counts() -> None:
    by_ten = log_factors(300, 200, 0.6, design_effect=10)

    assert by_ten == pytest.approx(log_factors(30, 20, 0.6))


NEEDS = [
    pytest.param({}, (60, 100), Need.NOTHING, id="all is there"),
    pytest.param({"once_in_minutes": 1e300}, (60, 100), Need.PROOF, id="no proof"),
    pytest.param({"effect_over": 600.0}, (60, 100), Need.NOTHING, id="window full enough"),
    pytest.param(
        {"effect_over": 600.0, "min_samples": 2000}, (60, 100), Need.SAMPLES, id="window too thin"
    ),
    pytest.param({"min_events": 4001}, (60, 100), Need.EVENTS, id="too few bad answers"),
    pytest.param({"effect_at_least": 0.12}, (60, 100), Need.EFFECT, id="smaller than asked for"),
    pytest.param({"effect_at_least": 0.01}, (60, 100), Need.NOTHING, id="less than the tolerance"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "cell", "need"), NEEDS)
def test_an_alarm_needs_proof_samples_events_and_effect(
    changes: dict[str, object], cell: tuple[int, int], need: Need
) -> None:
    rule = falling(**changes)

    state = folded(rule, flat(), stretches_of([cell] * 100))

    watch = state.breached_by or state.leading
    assert rule.needed(watch, state.window) is need
    assert bool(state.breached_by) is (need is Need.NOTHING)


def test_a_breach_stays_with_its_numbers_until_the_epoch_ends() -> None:
    stretches = stretches_of([(30, 100)] * 30 + [(100, 100)] * 300)
    at = alarm_at(falling(), flat(), stretches)
    assert at

    state = folded(falling(), flat(), stretches)

    assert state.breached_by
    assert state.window.sums.total < 30 * 100


def test_a_rise_of_events_is_found_and_a_fall_is_none() -> None:
    rule = falling(direction=Direction.INCREASE)
    counts = flat(500, 50_000)

    assert alarm_at(rule, counts, stretches_of([(12, 100)] * 30))
    assert not alarm_at(rule, counts, stretches_of([(0, 100)] * 3000))


def test_either_direction_costs_twice_the_evidence() -> None:
    assert falling(direction=Direction.EITHER).limit == 2 * falling().limit
    for share in (40, 95):
        rule = falling(direction=Direction.EITHER)
        assert alarm_at(rule, flat(), stretches_of([(share, 100)] * 60))


def test_the_moment_of_the_change_is_found() -> None:
    stretches = stretches_of([(70, 100)] * 200 + [(50, 100)] * 30)

    state = folded(falling(), flat(), stretches)

    assert state.breached_by
    assert abs(state.breached_by.best.began - (MONDAY + 200 * 60)) <= 60


def thin(stratum_of_monday: int) -> BaselineCounts:
    """Hours of the day with enough requests, but for one of them."""
    strata = [Counts(700, 1000)] * 24
    strata[stratum_of_monday] = Counts(0, 499)
    return BaselineCounts(Seasonality.HOUR_OF_DAY, tuple(strata), 0.0, 86_400.0)


def test_hours_with_too_few_samples_are_left_out_and_borrow_nothing() -> None:
    rule = falling(seasonality=Seasonality.HOUR_OF_DAY)
    bad_hour = stretches_of([(0, 100)] * 60)

    state = folded(rule, thin(0), bad_hour)

    assert (state.judged, state.window.parts) == (0.0, ())
    assert state.skipped == pytest.approx(sum(one.judged for one in bad_hour))
    assert alarm_at(rule, thin(1), bad_hour)


def test_where_no_share_would_be_harmful_nothing_is_bet() -> None:
    counts = flat(1000, 50_000)  # 2 %: a fall by more than five points there is not

    state = folded(falling(), counts, stretches_of([(0, 100)] * 1000))

    assert not state.breached_by
    assert state.leading.log_evidence <= log(1)


def test_extreme_numbers_overflow_nothing() -> None:
    rule = BaselineRule(direction=Direction.EITHER, tolerance=1e-9, once_in_minutes=1e12)
    state = begin(rule, 0.0)
    for counts in (flat(0, 10**9), flat(10**9, 10**9)):
        for events in (0, 10**9):
            stretch = Stretch(events, 10**9, 0, 10, 1 / 6)
            state = fold(state, rule, counts, stretch)
    assert state.breached_by
