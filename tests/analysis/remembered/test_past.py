from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.analysis.blocks import Block, Cutter, cut
from knowngood.analysis.remembered.past import PastRule, begin, both_times, fold
from knowngood.api.v1alpha1.comparisons import Direction
from knowngood.signals.shifting import Shifted
from tests.analysis.remembered.made import YEAR, column, spread

HOUR = 60
"""In minutes."""


def rule(**changes: object) -> PastRule:
    known: dict[str, object] = {
        "direction": Direction.DECREASE,
        "tolerance": 0.05,
        "offset": 3600,
        "once_in_minutes": 50 * YEAR,
    }
    return PastRule(**(known | changes))  # type: ignore[arg-type]  # any field, by its name


def blocks(
    draw: np.random.Generator, rate: float, shares: npt.NDArray[np.float64], offset: int
) -> Iterator[Block]:
    """A block a minute from `offset` minutes on; each answer is the present once and the past once."""
    totals = draw.poisson(rate, len(shares))
    events = draw.binomial(totals, shares)
    x, n = events.tolist(), totals.tolist()
    for then, now in zip(range(len(shares)), range(offset, len(shares)), strict=False):
        yield Block(x[now], n[now], x[then], n[then], 60 * then, 60 * (then + 1))


def alarm_after(test: PastRule, cut_blocks: Iterator[Block]) -> int | None:
    """Minutes until the alarm."""
    state = begin(test, 0.0)
    for block in cut_blocks:
        state = fold(state, test, block)
        if state.breached_by:
            return block.end // 60
    return None


def stairs(minutes: int, offset: int, down: float) -> npt.NDArray[np.float64]:
    """Each span of `offset` minutes is lower than the one before, by what is just tolerated."""
    return np.array([max(0.1, 0.9 - down * (k // offset)) for k in range(minutes)])


NULLS = [
    pytest.param(1e-9, 60, np.full(310, 0.7), id="a steady share"),
    pytest.param(1e-9, 10, np.full(260, 0.7), id="a short offset"),
    pytest.param(0.05, 60, stairs(310, 60, 0.05), id="as low as tolerated, again and again"),
]  # fmt: skip


@pytest.mark.parametrize(("tolerance", "offset", "course"), NULLS)
def test_without_harm_alarms_within_a_span_are_no_more_than_its_part_of_c(
    tolerance: float, offset: int, course: npt.NDArray[np.float64]
) -> None:
    """At most T/c, here a quarter; three standard deviations for chance."""
    draw, runs, c = np.random.default_rng(31), 100, 1000.0
    test = rule(tolerance=tolerance, offset=60 * offset, once_in_minutes=c)
    alarms = 0
    for _ in range(runs):
        alarms += alarm_after(test, blocks(draw, 30, course, offset)) is not None

    assert alarms <= runs / 4 + spread(runs, 0.25)


DELAYS = [(0.55, 12, 28), (0.40, 2, 6)]


@pytest.mark.parametrize(("share", "low", "high"), DELAYS)
def test_a_fall_within_the_hour_is_found(share: float, low: int, high: int) -> None:
    draw, took = np.random.default_rng(32), []
    course = np.concatenate([np.full(3 * HOUR, 0.7), np.full(HOUR, share)])
    for _ in range(21):
        found = alarm_after(rule(), blocks(draw, 100, course, HOUR))
        took.append(HOUR if found is None else found - 2 * HOUR)

    assert low <= np.median(took) <= high


def test_what_lasts_longer_than_the_offset_is_the_new_past() -> None:
    """After an hour the past is as bad: a comparison with the hour before sees no fall any more."""
    draw = np.random.default_rng(33)
    course = np.concatenate([np.full(HOUR, 0.7), np.full(5 * HOUR, 0.3)])
    late = [block for block in blocks(draw, 100, course, HOUR) if block.start >= 3600]

    assert alarm_after(rule(), iter(late)) is None


def test_no_run_of_evidence_holds_an_answer_twice() -> None:
    """Each ten minutes are lower than the last ones, for five hours: a run would never end."""
    test = rule(tolerance=1e-9, offset=600, once_in_minutes=1e300)
    state, longest = begin(test, 0.0), 0.0
    course = np.linspace(0.95, 0.05, 300)
    for block in blocks(np.random.default_rng(34), 100, course, 10):
        state = fold(state, test, block)
        lasted = max(block.end - run.began for run in state.leading.runs)
        longest = max(longest, lasted)

    assert longest == test.offset


def test_without_answers_then_or_now_nothing_is_judged() -> None:
    state = begin(rule(), 0.0)
    for k in range(1000):
        one = Block(0, 10, 0, 0, 60 * k, 60 * k + 60), Block(0, 0, 10, 10, 60 * k, 60 * k + 60)
        state = fold(state, rule(), one[k % 2])

    assert state == begin(rule(), 0.0)


def test_requests_that_count_as_one_are_a_part_of_the_evidence() -> None:
    whole, tenth = rule(), rule(design_effect=10)
    states = [begin(test, 0.0) for test in (whole, tenth)]
    for k, x in enumerate((70, 40)):
        block = Block(x, 100, 70, 100, 60 * k, 60 * k + 60)
        states = [
            fold(state, test, block) for state, test in zip(states, (whole, tenth), strict=True)
        ]

    gained = [state.leading.log_evidence for state in states]
    assert gained[0] > 1
    assert gained[1] == pytest.approx(gained[0] / 10)


def test_every_bet_must_reach_the_limit_by_itself() -> None:
    assert rule(once_in_minutes=100.0).limit == 500
    assert rule(once_in_minutes=100.0, direction=Direction.EITHER).limit == 1000


def test_a_view_of_the_past_is_the_column_later() -> None:
    then = column({3: (1, 2), 7: (0, 5), 20: (2, 2)})
    view = Shifted(then, 100)

    assert list(view.seconds) == [103, 107, 120]
    assert [view.seconds[k] for k in range(len(view.seconds))] == [103, 107, 120]
    assert list(view.seconds[1:]) == [107, 120]
    assert [view.cell(k) for k in range(3)] == [then.cell(k) for k in range(3)]
    assert [view.index_of(at) for at in (0, 103, 104, 107.5, 121)] == [0, 0, 1, 2, 3]
    then.append(30, 1, 1)
    assert list(view.seconds)[-1] == 130


@given(st.lists(st.integers(0, 400), max_size=6), st.sampled_from([60, 120]))
def test_blocks_of_then_and_now_do_not_depend_on_when_they_are_cut(
    looks: list[int], offset: int
) -> None:
    cells = column({k: (k % 3 == 0, 1 + k % 2) for k in range(0, 400, 2)})
    shifted = Shifted(cells, offset)

    cutter, in_parts = Cutter(offset), list[Block]()
    for until in [*sorted(looks), 400]:
        cutter, more = cut(cutter, cells, shifted, until)
        in_parts += more

    assert tuple(in_parts) == cut(Cutter(offset), cells, shifted, 400)[1]
    assert all(one.end <= later.start for one, later in pairwise(in_parts))
    assert in_parts


def test_an_incident_is_no_past_either() -> None:
    assert both_times(((10.0, 20.0),), 3600) == ((10.0, 20.0), (3610.0, 3620.0))
    cells = column(dict.fromkeys(range(7300), (1, 1)))

    _, cut_blocks = cut(
        Cutter(3600), cells, Shifted(cells, 3600), 7300, both_times(((100.0, 200.0),), 3600)
    )

    assert not any(block.end > 3700 and block.start < 3800 for block in cut_blocks)
