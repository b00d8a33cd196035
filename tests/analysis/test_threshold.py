from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from knowngood.analysis.holding import NEVER_LOOKED, HoldClock, Look
from knowngood.analysis.threshold import ThresholdRule, ThresholdState, look, wilson
from knowngood.signals.cells import CellColumn

ABOVE = ThresholdRule(
    is_ceiling=True, limit=0.05, window=10, hold=0, min_samples=50, confidence=None
)


@given(st.integers(0, 5000), st.integers(1, 5000), st.sampled_from([0.5, 0.9, 0.99, 0.9999]))
def test_the_bounds_are_wilsons(events: int, total: int, confidence: float) -> None:
    events = min(events, total)
    two_sided = 2 * confidence - 1

    low, high = wilson(events, total, confidence)

    if confidence == 0.5:
        assert (low, high) == pytest.approx((events / total, events / total))
    else:
        oracle = binomtest(events, total).proportion_ci(two_sided, method="wilson")
        assert (low, high) == pytest.approx((oracle.low, oracle.high), abs=1e-12)
        z = (events / total - low) / max(1e-300, (low * (1 - low) / total) ** 0.5)
        assert low == 0 or norm.cdf(z) == pytest.approx(confidence)


@given(st.integers(0, 300), st.integers(1, 300), st.sampled_from([None, 0.5, 0.99]))
def test_one_more_bad_answer_never_looks_better(
    events: int, total: int, confidence: float | None
) -> None:
    rule = replace(ABOVE, confidence=confidence, min_samples=1)
    events = min(events, total - 1)
    column = columns([(events, total)]), columns([(events + 1, total)])

    fewer, more = (look(ThresholdState(0), rule, one, 1).clock.began for one in column)

    assert fewer is None or more is not None


def columns(cells: list[tuple[int, int] | None]) -> CellColumn:
    made = CellColumn()
    for second, cell in enumerate(cells):
        if cell is not None:
            made.append(second, *cell)
    return made


def held(
    rule: ThresholdRule, cells: list[tuple[int, int] | None], until: int | None = None
) -> bool:
    state = look(ThresholdState(0), rule, columns(cells), until or len(cells))
    return state.clock.has_held(rule.hold)


FINE, BAD = (0, 10), (2, 10)

LOOKS = [
    pytest.param(ABOVE, [FINE] * 30, False, id="nothing bad"),
    pytest.param(ABOVE, [BAD] * 5, True, id="bad, with just enough samples"),
    pytest.param(ABOVE, [BAD] * 4, False, id="bad, with too few samples"),
    pytest.param(ABOVE, [(1, 20)] * 30, False, id="exactly at the limit"),
    pytest.param(ABOVE, [BAD] * 20 + [FINE] * 8, False, id="the window forgets"),
    pytest.param(ABOVE, [FINE] * 20 + [BAD] * 3, True, id="the window sees the end"),
    pytest.param(replace(ABOVE, confidence=0.99), [(1, 10)] * 10, False, id="bad, but not surely"),
    pytest.param(replace(ABOVE, confidence=0.99), [(2, 10)] * 10, True, id="surely bad"),
    pytest.param(replace(ABOVE, is_ceiling=False, limit=0.6), [(5, 10)] * 10, True, id="below"),
    pytest.param(
        replace(ABOVE, is_ceiling=False, limit=0.6, confidence=0.99), [(5, 10)] * 10, False,
        id="below, but not surely",
    ),
    pytest.param(replace(ABOVE, hold=20), [BAD] * 24, False, id="not long enough"),
    pytest.param(replace(ABOVE, hold=20), [BAD] * 25, True, id="long enough"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "cells", "expected"), LOOKS)
def test_a_limit_is_crossed_surely_and_for_long_enough(
    rule: ThresholdRule, cells: list[tuple[int, int] | None], *, expected: bool
) -> None:
    assert held(rule, cells) is expected


def test_looks_do_not_depend_on_when_they_are_taken() -> None:
    cells = [BAD if k % 40 < 25 else FINE for k in range(200)]
    column, rule = columns(list(cells)), replace(ABOVE, hold=7)
    state = ThresholdState(0)

    for until in (3, 17, 18, 90, 91, 200):
        state = look(state, rule, column, until)
        assert state == look(ThresholdState(0), rule, column, until)


gaps = st.lists(st.sampled_from([1, 1, 2, 5, 15, 15, 40, 90]), max_size=25)


@settings(deadline=None)
@given(gaps, st.data(), st.sampled_from([1.0, 4.5, 15, 60]), st.sampled_from([None, 20]))
def test_looks_that_are_taken_together_see_what_each_sees(
    gaps: list[int], data: st.DataObject, window: float, samples: int | None
) -> None:
    column, second = CellColumn(), 0
    for gap in gaps:
        column.append(second, *data.draw(st.sampled_from([FINE, BAD, (0, 0), (9, 10)])))
        second += gap
    rule = replace(ABOVE, window=window, min_samples=10, samples=samples)
    one_by_one = ThresholdState(0)

    begun = data.draw(st.integers(0, second))

    for until in range(1, second + 60):
        one_by_one = look(one_by_one, rule, column, until)
        if until == begun:
            assert look(ThresholdState(0), rule, column, until) == one_by_one

    assert look(ThresholdState(0), rule, column, second + 59) == one_by_one


def test_a_silent_version_is_not_held_against_its_old_samples() -> None:
    rule = replace(ABOVE, window=60, hold=20)

    assert held(rule, [BAD] * 20 + [None] * 4 + [BAD] * 10)
    assert not held(rule, [BAD] * 20 + [None] * 12 + [BAD] * 10)


def test_rare_scrapes_are_no_silence() -> None:
    every_ten = [BAD if k % 10 == 0 else None for k in range(200)]

    assert held(replace(ABOVE, window=100, hold=30), [*every_ten])


CLOCK = [
    ("CC", 1.0, True),
    ("C", 0.0, True),
    ("CCCC", 3.0, True),
    ("CCBCC", 2.0, True),
    ("CCB", 1.0, False),
    ("CCBB", 0.0, False),
    ("CCBBC", 0.0, True),
    ("CC.C", 0.0, True),
    ("..", 0.0, False),
    ("BC", 0.0, True),
]
SIGNS = {"C": Look.CROSSED, ".": Look.CLEAR, "B": Look.BLIND}


@pytest.mark.parametrize(("looks", "seconds", "crossed"), CLOCK)
def test_a_blind_look_stops_the_clock_and_two_set_it_back(
    looks: str, seconds: float, *, crossed: bool
) -> None:
    clock = NEVER_LOOKED
    for at, sign in enumerate(looks):
        clock = clock.after(SIGNS[sign], float(at))

    assert clock.held == seconds
    assert clock.has_held(seconds) is crossed
    assert not clock.has_held(seconds + 0.5)


def test_the_same_look_twice_counts_once() -> None:
    clock = HoldClock().after(Look.CROSSED, 1.0)

    assert clock.after(Look.CLEAR, 1.0) == clock


@settings(deadline=None)
@given(st.lists(st.sampled_from("CB."), max_size=30), st.integers(0, 29))
def test_a_blind_look_never_counts_as_a_crossed_one(looks: list[str], where: int) -> None:
    def clock_of(signs: list[str]) -> HoldClock:
        clock = NEVER_LOOKED
        for at, sign in enumerate(signs):
            clock = clock.after(SIGNS[sign], float(at))
        return clock

    crossed = [*looks[:where], "C", *looks[where + 1 :]]
    blind = [*looks[:where], "B", *looks[where + 1 :]]

    assert clock_of(blind).held <= clock_of(crossed).held
