import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.signals.cells import CellColumn, Counts
from knowngood.signals.vectors import Lanes, VectorColumn


def column(*cells: tuple[int, int, int]) -> CellColumn:
    made = CellColumn()
    for second, events, total in cells:
        made.append(second, events, total)
    return made


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 99, Counts(4, 19)),
        (10, 12, Counts(3, 12)),
        (10, 11, Counts(1, 5)),
        (11, 11, Counts(0, 0)),
        (12, 10, Counts(0, 0)),
        (10.5, 14.5, Counts(3, 14)),
        (15, 99, Counts(0, 0)),
    ],
)
def test_a_span_holds_the_cells_that_begin_in_it(
    start: float, end: float, expected: Counts
) -> None:
    assert column((10, 1, 5), (11, 2, 7), (14, 1, 7)).between(start, end) == expected


def test_an_event_that_comes_before_its_request_waits_for_it() -> None:
    made = column((10, 3, 1), (11, 0, 0), (12, 1, 5))

    assert [made.cell(i) for i in range(3)] == [Counts(1, 1), Counts(0, 0), Counts(3, 5)]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_no_span_ever_has_more_events_than_requests(counts: list[tuple[int, int]]) -> None:
    made = column(*((k, events, total) for k, (events, total) in enumerate(counts)))

    for start in range(len(counts)):
        seen = made.between(start, len(counts))
        assert 0 <= seen.events <= seen.total


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_events_are_only_delayed_never_lost_once_there_is_room(events: list[int]) -> None:
    made = column(*((k, n, 0) for k, n in enumerate(events)), (len(events), 0, 999))

    assert made.between(0, 99).events == sum(events)


def test_counts_that_no_counter_can_mean_break_no_sum() -> None:
    made = column(*((k, 2**53, 2**53) for k in range(2000)), (2000, 1, 1))

    whole, last = made.between(0, 9999), made.between(1999, 9999)
    assert whole.events <= whole.total == 2**62
    assert last.events <= last.total


def test_rows_that_no_counters_can_mean_break_no_sum() -> None:
    made = VectorColumn(Lanes("ab"))
    for second in range(3000):
        made.append(second, {0: second % 2, 1: 2**53})

    assert made.between(0, 9999).counts == (1500, 2**62)
    assert made.between(2999, 9999).counts == (1, 0)
    assert len(made.seconds) == 3000
