"""When a series begins to exist: what its first value says depends on who was looking before."""

from knowngood.signals.cells import Counts
from knowngood.signals.counting import CountLedger
from knowngood.signals.series import RawSeries
from tests.signals.counted import SINCE, counted, everything, steady
from tests.signals.scraping import series, version_of


def test_the_first_error_of_a_known_pod_counts() -> None:
    ledger = counted(
        series("a-1", [(999, 10), (1002, 30), (1009, 30)], outcome="ok"),
        series("a-1", [(1002, 5), (1009, 5)], outcome="error"),
    )

    assert everything(ledger, "a") == Counts(5, 25)


def test_a_pod_that_appears_under_the_scrapers_eyes_counts_from_zero() -> None:
    ledger = counted(steady("b-1"), series("a-1", [(1004.5, 40), (1008, 41), (1010, 41)]))

    assert everything(ledger, "a").total == 41


def test_a_pod_that_may_be_older_than_the_scrapers_work_counts_from_its_first_sample() -> None:
    ledger = counted(
        steady("b-1", first=1000.2), series("a-1", [(1000.9, 5000), (1008, 5003), (1010, 5003)])
    )

    assert everything(ledger, "a").total == 3


def test_what_was_scraped_of_others_proves_that_the_scraper_was_at_work() -> None:
    total = [series("a-1", [(1004.5, 40), (1008, 41), (1010, 41)])]

    alone = CountLedger(SINCE).advance([], total, version_of, 1010.0)
    informed = CountLedger(SINCE).advance([], total, version_of, 1010.0, scraped_from=1002.0)

    assert everything(alone, "a").total == 1
    assert everything(informed, "a").total == 41


def test_whether_a_pod_is_new_is_decided_when_the_others_are_read_up_to_it() -> None:
    young, other = series("a-1", [(1004.5, 40), (1008.0, 41)]), steady("b-1", first=1000.2)
    ledger = CountLedger(SINCE)

    early = [young, RawSeries(other.labels, other.samples[:1])]
    ledger.advance([], early, version_of, 1004.6)
    ledger.advance([], [young, other], version_of, 1010.0)

    assert everything(ledger, "a").total == 40


def test_a_pod_that_is_only_shown_to_us_later_is_not_new() -> None:
    """As one that joins a Service after a while: its old count is not of this moment."""
    ledger = CountLedger(SINCE).advance([], [steady("b-1")], version_of, 1010.2)

    joined = series("a-1", [(1004.5, 5000), (1009.5, 5002), (1010.5, 5003), (1012.5, 5003)])
    ledger.advance([], [steady("b-1", last=1012.5), joined], version_of, 1012.6)

    assert everything(ledger, "a").total == 3


def test_a_new_pod_whose_first_scrape_took_long_is_still_new() -> None:
    ledger = CountLedger(SINCE).advance([], [steady("b-1")], version_of, 1010.2)

    young = series("a-1", [(1009.5, 7), (1010.5, 8), (1012.5, 8)])
    ledger.advance([], [steady("b-1", last=1012.5), young], version_of, 1012.6)

    assert everything(ledger, "a").total == 8


def test_two_reads_of_one_sample_each_prove_that_the_scraper_was_at_work() -> None:
    ledger, other = CountLedger(SINCE), steady("b-1", first=1000.2)

    for sample in other.samples[:4]:
        ledger.advance([], [RawSeries(other.labels, (sample,))], version_of, sample[0])
    young = series("a-1", [(1003.5, 40), (1009.5, 41), (1010.5, 41)])
    ledger.advance([], [young, RawSeries(other.labels, other.samples[4:])], version_of, 1010.5)

    assert everything(ledger, "a").total == 41


def test_a_label_that_the_scrape_puts_on_or_takes_off_makes_no_count_new() -> None:
    """Or a canary's whole past would be held against it once more."""
    ledger = counted(
        steady("b-1"),
        series("a-1", [(999, 700), (1001, 702)], outcome="ok"),
        series("a-1", [(1002, 704), (1004, 706)], outcome="ok", zone="x"),
        series("a-1", [(1005, 707), (1008, 709), (1009, 709)], outcome="ok", zone="x", rack="r"),
        series("a-1", [(1005, 1), (1006, 2), (1009, 2)], outcome="error", zone="x", rack="r"),
    )

    assert everything(ledger, "a") == Counts(2, 11)


def test_a_counter_with_more_labels_beside_another_one_is_a_counter_of_its_own() -> None:
    ledger = counted(
        series("a-1", [(999, 1), (1002, 3), (1009, 3)]),
        series("a-1", [(1002, 5), (1008, 6), (1009, 6)], segment="new"),
    )

    assert everything(ledger, "a").total == 2 + 6


def test_a_counter_that_goes_on_is_not_the_heir_of_one_beside_it_that_ends() -> None:
    """As children that are dropped after a while are."""
    ledger = CountLedger(SINCE)
    shorter = series("a-1", [(at, 5000.0) for at in range(999, 1005)])
    longer = series("a-1", [(at, 4000.0) for at in range(999, 1011)], segment="new")

    for now in range(1001, 1011):
        read = [RawSeries(s.labels, s.samples[: now - 998]) for s in (shorter, longer)]
        ledger.advance([], read, version_of, now)

    assert everything(ledger, "a").total == 0
