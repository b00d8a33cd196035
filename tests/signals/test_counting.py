import pytest

from knowngood.signals.cells import Counts
from knowngood.signals.counting import LOOKBACK, CountLedger
from knowngood.signals.series import RawSeries, Target
from tests.signals.counted import SINCE, counted, everything, steady
from tests.signals.scraping import series, version_of


def test_a_count_is_the_difference_of_samples() -> None:
    ledger = counted(series("a-1", [(999.5, 7), (1000.5, 9), (1001.5, 14), (1002, 14)]), now=1002.0)

    assert list(ledger.column("a").seconds) == [1000, 1001]
    assert [ledger.column("a").cell(i).total for i in range(2)] == [2, 5]


def test_pods_of_a_version_are_summed_and_versions_are_not() -> None:
    ledger = counted(
        series("a-1", [(999, 0), (1001, 5), (1009, 5)]),
        series("a-2", [(999, 0), (1001, 6), (1009, 6)]),
        series("b-1", [(999, 0), (1001, 7), (1009, 7)]),
    )

    assert everything(ledger, "a").total == 11
    assert everything(ledger, "b").total == 7


def test_after_a_reset_the_whole_value_counts() -> None:
    ledger = counted(series("a-1", [(999, 50), (1001, 52), (1002, 3), (1003, 4), (1009, 4)]))

    assert everything(ledger, "a").total == 2 + 3 + 1


def test_what_came_in_a_gap_counts_in_the_cell_of_the_later_sample() -> None:
    ledger = counted(series("a-1", [(999, 0), (1000.5, 1), (1007.5, 31), (1009, 31)]))

    assert ledger.between("a", 1001, 1007).total == 0
    assert ledger.between("a", 1007, 1008).total == 30


def test_samples_before_the_epoch_are_baselines_only() -> None:
    ledger = counted(
        series("a-1", [(990, 0), (995, 100), (999.9, 150), (1000.1, 152), (1009, 152)])
    )

    assert everything(ledger, "a").total == 2


def test_a_scraped_second_without_answers_has_a_cell() -> None:
    assert list(counted(steady("a-1")).column("a").seconds) == list(range(1000, 1010))


@pytest.mark.parametrize("odd", [-3.0, 2.5, 2.0**53 + 2, float("inf"), float("nan")])
def test_a_value_that_is_no_count_is_not_read(odd: float) -> None:
    ledger = counted(series("a-1", [(999, 4), (1001, odd), (1002, 6), (1009, 6)]))

    assert everything(ledger, "a").total == 2


def test_a_series_without_a_target_is_not_read() -> None:
    ledger = counted(RawSeries({"__name__": "x"}, ((999.0, 0.0), (1009.0, 9.0))))

    assert ledger.watermark == SINCE


def test_nothing_is_judged_before_every_live_pod_was_read_beyond_it() -> None:
    ledger = counted(
        series("a-1", [(999, 0), (1003.5, 9), (1004.5, 9)]),
        series("b-1", [(999, 0), (1003.1, 1), (1008.1, 7)]),
        now=1008.2,
    )

    assert ledger.watermark == 1004.5
    assert ledger.settled_until == 1004
    assert everything(ledger, "b").total == 1


def silent(pod: str) -> RawSeries:
    return steady(pod, last=1003.5)


def test_a_silent_pod_is_waited_for_only_five_seconds() -> None:
    two = (silent("a-1"), steady("b-1"))

    waiting = counted(*two, now=1008.0)
    given_up = counted(*two, now=1008.3)

    assert waiting.watermark == pytest.approx(1003.2)
    assert given_up.watermark == pytest.approx(1010.2)


def test_rarely_scraped_pods_are_waited_for_longer() -> None:
    every_15_s = series("a-1", [(940 + 15 * k, k) for k in range(5)])  # the last one at 1000

    assert counted(every_15_s, since=930.0, now=1059.0).freshness("a", 1059.0).targets == 1
    assert counted(every_15_s, since=930.0, now=1061.0).freshness("a", 1061.0).targets == 0


def test_a_pod_that_is_gone_is_not_waited_for_but_its_answers_count() -> None:
    first = [series("a-1", [(999, 0), (1001, 5)]), steady("b-1", last=1001.2)]
    ledger = CountLedger(SINCE).advance([], first, version_of, 1001.3)
    then = [series("a-1", [(999, 0), (1001, 5), (1002, 8)]), steady("b-1", last=1004.2)]

    def gone(target: Target) -> str | None:
        return None if target.pod == "a-1" else version_of(target)

    ledger.advance([], then, gone, 1004.2)

    assert ledger.watermark == pytest.approx(1004.2)
    assert everything(ledger, "a").total == 8
    assert ledger.freshness("a", 1004.2).targets == 0


def test_pods_of_no_judged_version_count_for_nobody_and_hold_nobody_up() -> None:
    total = [silent("x-1"), steady("b-1", last=1005.2)]

    ledger = CountLedger(SINCE).advance(
        [], total, lambda target: None if target.pod == "x-1" else "b", 1005.2
    )

    assert ledger.watermark == pytest.approx(1005.2)
    assert everything(ledger, "x") == Counts(0, 0)


def test_nothing_is_counted_twice_when_reads_overlap() -> None:
    total = [series("a-1", [(999, 0), (1001, 5), (1002, 8), (1009, 9), (1010, 9)])]
    ledger = CountLedger(SINCE)

    for _ in range(3):
        ledger.advance([], total, version_of, 1010.0)

    assert everything(ledger, "a").total == 9


def test_settled_cells_never_change() -> None:
    """A pod that had been given up comes back with samples from the time of its silence."""
    ledger = CountLedger(SINCE)
    ledger.advance([], [silent("a-1"), steady("b-1")], version_of, 1010.2)
    settled = list(ledger.column("a").seconds)

    late = series(
        "a-1", [(995.2 + k, 100.0) for k in range(9)] + [(1006.2, 120.0), (1012.2, 125.0)]
    )
    ledger.advance([], [late, steady("b-1", last=1012.5)], version_of, 1012.6)

    assert list(ledger.column("a").seconds[: len(settled)]) == settled
    assert ledger.between("a", 1000, 1010).total == 0
    assert ledger.between("a", 1010, 1012).total == 20


def test_events_that_run_ahead_of_their_total_wait_and_do_not_crash() -> None:
    total = [series("a-1", [(999, 0), (1001, 1), (1002, 1), (1003, 9), (1009, 9)])]
    events = [series("a-1", [(999, 0), (1001, 4), (1002, 4), (1003, 5), (1009, 5)], kind="bad")]

    column = CountLedger(SINCE).advance(events, total, version_of, 1010.0).column("a")

    assert [column.cell(i) for i in range(3)] == [Counts(1, 1), Counts(0, 0), Counts(4, 8)]


def test_a_reader_starts_before_the_epoch_and_then_where_it_stopped() -> None:
    ledger = CountLedger(SINCE)
    assert ledger.read_from == SINCE - LOOKBACK

    ledger.advance([], [steady("a-1")], version_of, 1010.3)
    assert ledger.read_from == ledger.watermark == pytest.approx(1010.2)


def test_freshness_names_the_last_sample_and_the_live_pods() -> None:
    ledger = counted(silent("a-1"), steady("a-2"), steady("b-1"), now=1010.2)

    fresh = ledger.freshness("a", 1010.2)
    assert fresh.targets == 1
    assert fresh.last == pytest.approx(1010.2)
    assert ledger.freshness("a", 1016.0).targets == 0
    assert ledger.freshness("nobody", 1010.2).last is None


def test_who_is_behind_a_series_can_be_told() -> None:
    """At a gateway all versions share one target, and a label says whose the answers are."""
    total = [
        series("gateway", [(999, 0), (1001, n), (1009, n)], cluster=v)
        for v, n in (("a", 3), ("b", 4))
    ]

    def by_cluster(one: RawSeries) -> Target:
        return Target("loans", one.labels["cluster"])

    ledger = CountLedger(SINCE).advance(
        [], total, lambda target: target.pod, 1010.0, target_of=by_cluster
    )

    assert [everything(ledger, v).total for v in "ab"] == [3, 4]


def test_a_pod_name_that_comes_back_with_another_version_counts_for_that_one() -> None:
    """As the pods of a StatefulSet do."""
    ledger = CountLedger(SINCE)
    before = [series("p-0", [(999, 0), (1001, 5)])]
    after = [series("p-0", [(999, 0), (1001, 5), (1003, 2), (1009, 2)])]
    ledger.advance([], before, lambda _: "a", 1001)
    ledger.advance([], after, lambda _: "b", 1009)

    assert (everything(ledger, "a").total, everything(ledger, "b").total) == (5, 2)
