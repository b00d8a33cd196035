import math
from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.analysis.remembered.lanes import lanes_between
from knowngood.signals.above import AboveLedger
from knowngood.signals.buckets import spread
from knowngood.signals.cells import Counts
from knowngood.signals.edges import parse_edge
from knowngood.signals.histograms import HistogramLedger
from knowngood.signals.series import RawSeries
from tests.signals.counted import SINCE
from tests.signals.observing import buckets
from tests.signals.scraping import version_of

LES = ("0.1", "0.5", "+Inf")
Rows = list[tuple[float, Sequence[float]]]
STEADY: Rows = [(at, (4, 6, 9)) for at in range(999, 1022)]


def counted(*read: RawSeries, now: float = 1010.0) -> HistogramLedger:
    ledger = HistogramLedger(SINCE)
    ledger.advance(read, version_of, now)
    return ledger


def slow(above: float, *read: RawSeries, now: float = 1010.0) -> AboveLedger:
    ledger = AboveLedger(SINCE, above)
    ledger.advance(read, version_of, now)
    return ledger


def bins(ledger: HistogramLedger, version: str = "a") -> tuple[int, ...]:
    return ledger.column(version).between(0, 1e9).counts


@pytest.mark.parametrize(
    ("text", "edge"),
    [("1", 1.0), ("1.0", 1.0), ("1e0", 1.0), ("+1.00", 1.0), (".5", 0.5), ("5e-01", 0.5), ("-2.5", -2.5),
     ("+Inf", math.inf), ("Inf", math.inf), ("inf", math.inf), ("-Inf", -math.inf)],
)  # fmt: skip
def test_an_edge_is_a_number_whatever_its_spelling(text: str, edge: float) -> None:
    assert parse_edge(text) == edge


@pytest.mark.parametrize("text", ["", "NaN", "1_0", " 1", "1 ", "abc", "0x1", "1,5", "٣"])
def test_what_is_no_number_is_no_edge(text: str) -> None:
    assert parse_edge(text) is None


def test_bins_lie_between_edges_and_are_summed_over_pods() -> None:
    ledger = counted(
        *buckets("a-1", [(999, (4, 6, 9)), (1002, (5, 9, 13)), (1009, (5, 9, 13))], LES),
        *buckets("a-2", [(999, (0, 0, 0)), (1002, (0, 0, 7)), (1009, (0, 0, 7))], LES),
    )

    assert bins(ledger) == (1, 2, 8)
    partition = ledger.partition(SINCE)
    assert partition is not None
    assert partition.labels == ("up to 0.1", "0.1 to 0.5", "above 0.5")
    assert partition.edges == (0.1, 0.5)
    assert partition.places(ledger.lanes.names) == (0, 1, 2)


def test_a_column_that_was_asked_for_before_the_first_scrape_has_the_same_bins() -> None:
    ledger = HistogramLedger(SINCE)
    asked = ledger.column("a")
    ledger.advance((), version_of, 1000.0)

    rows = [(999, (4, 6, 9)), (1002, (5, 9, 13)), (1009, (5, 9, 13))]
    ledger.advance(buckets("a-1", rows, LES), version_of, 1010.0)

    partition = ledger.partition(SINCE)
    assert partition is not None
    assert partition.places(asked.lanes.names) == (0, 1, 2)
    assert lanes_between(ledger, "a", partition, (0, 1e9)) == (1, 2, 1)


def test_a_spelling_that_changes_in_the_middle_changes_no_count() -> None:
    """As when Prometheus 3 takes over from Prometheus 2."""
    old = buckets("a-1", [(999, (4, 6, 9)), (1002, (5, 7, 12))], ("0.1", "1", "+Inf"))
    new = buckets("a-1", [(1003, (6, 9, 14)), (1009, (6, 9, 14))], ("1e-1", "1.0", "inf"))

    assert bins(counted(*old, *new)) == (2, 1, 2)


def test_after_a_restart_all_buckets_count_in_full() -> None:
    """Also those that have passed their old values already: it was one process."""
    rows = [(999, (4, 4, 90)), (1001, (5, 5, 92)), (1002, (6, 8, 9)), (1009, (6, 8, 9))]

    assert bins(counted(*buckets("a-1", rows, LES))) == (1 + 6, 2, 1 + 1)


def test_a_scrape_that_is_not_all_there_is_read_with_the_next_one() -> None:
    first, middle, last = buckets("a-1", STEADY[:4], LES)
    torn = RawSeries(middle.labels, middle.samples[:2])
    whole = buckets("a-1", [*STEADY[:4], (1003, (5, 8, 12)), (1009, (5, 8, 12))], LES)
    ledger = HistogramLedger(SINCE)

    ledger.advance([first, torn, last], version_of, 1002.2)
    assert ledger.watermark == 1000
    ledger.advance(whole, version_of, 1009.2)

    assert bins(ledger) == (1, 1, 1)


def test_a_bucket_that_runs_ahead_of_a_wider_one_waits_and_no_bin_is_negative() -> None:
    rows = [(999, (4, 6, 9)), (1001, (7, 6, 10)), (1002, (7, 9, 12)), (1009, (7, 9, 12))]

    column = counted(*buckets("a-1", rows, LES)).column("a")

    assert [column.cell(i).counts for i in range(2)] == [(0, 0, 1), (2, 0, 0)]


def test_a_bucket_that_counts_what_wider_ones_do_not_is_an_error() -> None:
    """Else all later requests would be taken for those that wait."""
    torn = [(at, (4 + 20 * k, 6 + 18 * k, 9 + 20 * k)) for k, at in enumerate(range(999, 1030))]
    odd = [(at, (4 + 30 * k, 6 + 20 * k, 9 + 20 * k)) for k, at in enumerate(range(999, 1030))]

    assert not counted(*buckets("a-1", torn[:20], LES), now=1018.0).problem()
    ledger = counted(*buckets("a-1", odd, LES), now=1029.0)
    assert ledger.problem() == (
        "the bucket le=0.1 of version a counts requests that wider buckets do not: 290 beside 580 in all"
    )


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), max_size=30))
def test_torn_counts_are_only_delayed(gains: list[list[int]]) -> None:
    waiting, seen = [0, 0, 0], [0, 0, 0]
    for gained in gains:
        found, waiting = spread([a + b for a, b in zip(waiting, gained, strict=True)])
        assert min(found) >= 0
        assert sum(found) == gained[-1]
        seen = [a + b for a, b in zip(seen, found, strict=True)]

    missing = [sum(gained[edge] for gained in gains) for edge in range(3)]
    assert list(accumulate(seen)) == [m - w for m, w in zip(missing, waiting, strict=True)]


def test_a_pod_with_other_edges_is_an_error_that_names_it_and_them() -> None:
    other = buckets("b-1", [(at, (1, 1, 1)) for at in range(999, 1011)], ("0.2", "0.5", "+Inf"))

    ledger = counted(*buckets("a-1", STEADY, LES), *other)

    problem = ledger.problem()
    assert "histogram of pod b-1 has other buckets than the first one" in problem
    assert "it has 0.2, 0.5, +Inf, and lacks 0.1" in problem
    assert ledger.freshness("b", 1010.0).targets == 0
    assert ledger.freshness("a", 1010.0).targets == 1


def test_an_edge_more_is_folded_into_the_bins_around_it() -> None:
    finer = buckets("b-1", [(999, (0, 0, 0, 0)), (1003, (1, 3, 4, 9)), (1009, (1, 3, 4, 9))],
                    ("0.1", "0.25", "0.5", "+Inf"))  # fmt: skip

    ledger = counted(*buckets("a-1", STEADY, LES), *finer)

    assert not ledger.problem()
    assert bins(ledger, "b") == (1, 3, 5)


def test_the_error_ends_with_the_pod() -> None:
    ledger = HistogramLedger(SINCE)
    other = buckets("b-1", STEADY, ("0.2", "0.5", "+Inf"))
    ledger.advance([*buckets("a-1", STEADY, LES), *other], version_of, 1010.0)
    assert ledger.problem()

    ledger.advance(buckets("a-1", STEADY, LES), version_of, 1011.0)

    assert not ledger.problem()


@pytest.mark.parametrize(
    ("les", "words"),
    [(("0.1", "0.5"), "pod a-1 has no bucket le=+Inf"), (("abc", "+Inf"), "le='abc', which is no number")],
)  # fmt: skip
def test_buckets_that_are_none_are_an_error(les: tuple[str, ...], words: str) -> None:
    rows = [(at, (1, 2)) for at in range(999, 1011)]

    assert words in counted(*buckets("a-1", rows, les)).problem()
    assert words in slow(0.1, *buckets("a-1", rows, les)).problem()


def test_too_many_buckets_are_an_error() -> None:
    les = [*map(str, range(80)), "+Inf"]
    rows = [(at, [1.0] * 81) for at in range(999, 1011)]

    assert "has 81 buckets: at most 63" in counted(*buckets("a-1", rows, les)).problem()


def test_the_share_above_an_edge_is_counted_exactly() -> None:
    """However the edge is spelled, and whatever other edges there are."""
    rows = [(999, (4, 6, 9)), (1002, (5, 9, 13)), (1009, (5, 9, 13))]

    ledger = slow(
        0.5,
        *buckets("a-1", rows, ("0.1", "5e-1", "+Inf")),
        *buckets("a-2", [(at, (1, 1)) for at, _ in rows], (".50", "inf")),
    )

    assert ledger.column("a").between(0, 1e9) == Counts(1, 4)
    assert not ledger.problem()


def test_a_limit_that_is_no_edge_is_an_error_that_lists_the_edges() -> None:
    ledger = slow(0.3, *buckets("a-1", STEADY, LES))

    assert ledger.problem() == (
        "0.3 is no edge of the histogram of pod a-1; its edges are 0.1, 0.5, +Inf"
    )
