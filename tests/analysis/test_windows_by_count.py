"""Thresholds over the last so many requests, for traffic that comes and goes."""

from hypothesis import given
from hypothesis import strategies as st

from knowngood.analysis.threshold import ThresholdRule, ThresholdState, latest, look
from knowngood.signals.cells import Counts
from tests.analysis.counters import column_of

NIGHT = ThresholdRule(
    is_ceiling=True, limit=0.05, window=43_200, hold=0, min_samples=50, confidence=0.99, samples=500
)
cells = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20)), max_size=40).map(
    lambda found: [(second, min(e, n), n) for second, (e, n) in enumerate(found)]
)


@given(cells, st.integers(1, 100), st.integers(0, 45), st.integers(1, 45))
def test_it_holds_the_fewest_last_cells_that_have_enough_requests(
    found: list[tuple[int, int, int]], count: int, end: int, age: int
) -> None:
    inside = [cell for cell in found if end - age <= cell[0] < end]
    taken: list[tuple[int, int, int]] = []
    for cell in reversed(inside):
        if sum(n for _, _, n in taken) >= count:
            break
        taken.append(cell)

    seen = latest(column_of(found), count, end - age, end)

    assert seen == Counts(sum(e for _, e, _ in taken), sum(n for _, _, n in taken))


def test_a_night_of_a_request_a_minute_is_judged_by_count() -> None:
    """In a window of 5 minutes there are five requests; of the last 500, eight in a hundred fail."""
    column = column_of([(60 * k, k % 12 == 0, 1) for k in range(600)])

    state = look(ThresholdState(35_900), NIGHT, column, 35_990)

    assert state.counts.total == 500
    assert state.clock.began is not None


def test_requests_that_are_too_old_are_not_looked_at() -> None:
    rule = ThresholdRule(True, 0.05, 3600, 0, 50, 0.99, 500)  # noqa: FBT003  - a ceiling
    column = column_of([(60 * k, 1, 1) for k in range(600)])

    state = look(ThresholdState(35_900), rule, column, 35_990)

    assert state.counts.total <= 60
