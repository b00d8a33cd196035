from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowngood.analysis.remembered.strata import STRATA, name_of, stratum_of
from knowngood.analysis.remembered.stretches import Stretch, alongside, cut_alone
from knowngood.api.v1alpha1.comparisons import Seasonality
from tests.analysis.remembered.made import MONDAY, column

Cells = dict[int, tuple[int, int]]
Spans = tuple[tuple[float, float], ...]


def stretches_of(
    cells: Cells, until: int, since: float = 0.0, excluded: Spans = ()
) -> tuple[Stretch, ...]:
    return cut_alone(alongside(since), column(cells), until, excluded)[1]


def test_stretches_lie_on_the_grid_and_only_whole_ones_are_cut() -> None:
    cells = dict.fromkeys(range(35), (1, 2))

    assert stretches_of(cells, 35) == tuple(
        Stretch(10, 20, start, start + 10, 1 / 6) for start in (0, 10, 20)
    )
    assert [one.start for one in stretches_of(cells, 35, since=3.2)] == [10, 20]


def test_where_nobody_answers_there_is_no_stretch() -> None:
    assert stretches_of(dict.fromkeys(range(100_000), (0, 0)), 100_000) == ()


def test_a_stretch_stands_for_the_time_since_the_last_one_up_to_a_minute() -> None:
    found = stretches_of({5: (1, 1), 25: (1, 1), 605: (1, 1)}, 1000)

    assert [(one.start, one.judged) for one in found] == [(0, 1 / 6), (20, 2 / 6), (600, 1.0)]


def test_what_touches_a_span_that_is_not_judged_is_left_out_with_its_time() -> None:
    found = stretches_of(dict.fromkeys(range(60), (0, 1)), 60, excluded=((14.5, 31.0),))

    assert [(one.start, one.judged) for one in found] == [(0, 1 / 6), (40, 19 / 60), (50, 1 / 6)]


def random_cells(draw: Random, rate: float) -> Cells:
    cells = {}
    for second in range(1500):
        if draw.random() < rate:
            total = draw.randrange(4)
            cells[second] = (draw.randrange(total + 1), total)
    return cells


rates = st.sampled_from([0.002, 0.02, 0.3, 1.0])
spans = st.lists(st.tuples(st.floats(0, 1500), st.floats(0, 20)), max_size=3)
seeds = st.integers(0, 10**6)


@settings(deadline=None)
@given(seeds, rates, spans, st.floats(0, 500), st.lists(st.integers(0, 1500), max_size=8))
def test_stretches_do_not_depend_on_when_they_are_cut(
    seed: int, rate: float, drawn: list[tuple[float, float]], since: float, looks: list[int]
) -> None:
    cells = column(random_cells(Random(seed), rate))
    excluded = [(start, start + length) for start, length in drawn]

    place, in_parts = alongside(since), list[Stretch]()
    for until in [*sorted(looks), 1500]:
        place, more = cut_alone(place, cells, until, excluded)
        in_parts += more

    assert tuple(in_parts) == cut_alone(alongside(since), cells, 1500, excluded)[1]


@settings(deadline=None)
@given(seeds, rates, spans, st.floats(0, 500))
def test_judged_time_is_never_more_than_the_time_that_passed(
    seed: int, rate: float, drawn: list[tuple[float, float]], since: float
) -> None:
    excluded = tuple((start, start + length) for start, length in drawn)
    found = stretches_of(random_cells(Random(seed), rate), 1500, since, excluded)

    assert 60 * sum(one.judged for one in found) <= 1500 - since + 1e-6
    assert all(60 * one.judged >= one.end - one.start for one in found)
    assert all(one.end <= later.start for one, later in pairwise(found))


@settings(deadline=None)
@given(seeds, rates)
def test_outcomes_never_move_the_edge_of_a_stretch(seed: int, rate: float) -> None:
    cells = random_cells(Random(seed), rate)
    none, every = ({k: (part * n, n) for k, (_, n) in cells.items()} for part in (0, 1))

    first, second = stretches_of(none, 1500), stretches_of(every, 1500)

    assert [(a.start, a.total, a.judged) for a in first] == [
        (b.start, b.total, b.judged) for b in second
    ]


STRATA_NAMED = [
    (MONDAY, Seasonality.HOUR_OF_WEEK, 0, "Mondays at 00:00 UTC"),
    (MONDAY - 1, Seasonality.HOUR_OF_WEEK, 167, "Sundays at 23:00 UTC"),
    (0, Seasonality.HOUR_OF_WEEK, 72, "Thursdays at 00:00 UTC"),
    (MONDAY + 3 * 3600 + 3599, Seasonality.HOUR_OF_DAY, 3, "03:00 UTC"),
    (MONDAY + 30 * 3600, Seasonality.HOUR_OF_DAY, 6, "06:00 UTC"),
    (123_456, Seasonality.NONE, 0, "all hours"),
]


@pytest.mark.parametrize(("second", "seasonality", "stratum", "name"), STRATA_NAMED)
def test_hours_are_those_of_the_utc_week(
    second: int, seasonality: Seasonality, stratum: int, name: str
) -> None:
    assert stratum_of(second, seasonality) == stratum
    assert name_of(stratum, seasonality) == name


@given(st.integers(0, 10**10), st.sampled_from(list(Seasonality)))
def test_every_stretch_lies_in_one_stratum(second: int, seasonality: Seasonality) -> None:
    start = second // 10 * 10

    assert stratum_of(start, seasonality) == stratum_of(start + 9.99, seasonality)
    assert 0 <= stratum_of(start, seasonality) < STRATA[seasonality]
