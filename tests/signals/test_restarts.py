"""A process that began anew: its requests have fallen, and so all of its counts are new, whether they fell or not."""

from knowngood.signals.categories import CategoryLedger
from knowngood.signals.cells import Counts
from knowngood.signals.counting import CountLedger
from knowngood.signals.series import RawSeries
from tests.signals.counted import SINCE, counted, everything, steady
from tests.signals.scraping import series, version_of


def of(pod: str, name: str, values: list[float], **labels: str) -> RawSeries:
    """Scraped every second from a second before the epoch on."""
    return series(pod, [(999.0 + k, v) for k, v in enumerate(values)], name=name, **labels)


def read(*both: RawSeries) -> CountLedger:
    events = [one for one in both if one.labels["name"] == "errors"]
    total = [one for one in both if one.labels["name"] == "requests"]
    return CountLedger(SINCE).advance(events, total, version_of, 1010.0)


def test_errors_at_each_start_of_a_server_that_crashes_are_all_counted() -> None:
    ledger = read(
        of("a-1", "requests", [0, 60, 90, 55, 80, 70, 90, 60, 60, 60, 60]),
        of("a-1", "errors", [0, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50]),
    )

    assert everything(ledger, "a") == Counts(50 * 4, 60 + 30 + 55 + 25 + 70 + 20 + 60)


def test_errors_that_come_some_scrapes_after_the_restart_are_counted_whole() -> None:
    requests = of("a-1", "requests", [0, 60, 10, 80, 90, 90, 90, 90, 90, 90, 90])
    errors = series("a-1", [(999.0, 0), (1000.0, 5), (1002.0, 40), (1009.0, 40)], name="errors")

    assert everything(read(requests, errors), "a").events == 5 + 40


def test_a_child_of_the_total_that_did_not_fall_is_counted_whole_too() -> None:
    ledger = counted(
        series("a-1", [(999, 10), (1001, 600), (1002, 100), (1009, 100)], outcome="ok"),
        series("a-1", [(999, 0), (1001, 50), (1002, 50), (1009, 50)], outcome="error"),
    )

    assert everything(ledger, "a") == Counts(50 + 50, 590 + 50 + 100 + 50)


def test_categories_of_a_process_begin_anew_together() -> None:
    fine = series("a-1", [(999, 10), (1001, 600), (1002, 100), (1009, 100)], outcome="ok")
    wrong = series("a-1", [(999, 0), (1001, 50), (1002, 50), (1009, 50)], outcome="error")

    ledger = CategoryLedger(SINCE, "outcome").advance([fine, wrong], version_of, 1010.0)

    assert ledger.column("a").between(0, 1e9).total == 590 + 50 + 100 + 50


def test_another_container_of_the_pod_did_not_begin_anew() -> None:
    ledger = read(
        of("a-1", "requests", [0, 60, 10, 20, 20, 20, 20, 20, 20, 20, 20], container="proxy"),
        of("a-1", "errors", [7, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9], container="model"),
    )

    assert everything(ledger, "a").events == 2


def test_a_process_with_more_events_than_requests_is_not_the_one_that_began_anew() -> None:
    """Where no label tells the containers of a pod apart."""
    ledger = read(
        of("a-1", "requests", [0, 60, 10, 20, 20, 20, 20, 20, 20, 20, 20]),
        of("a-1", "errors", [5000, 5001, 5002, 5002, 5002, 5002, 5002, 5002, 5002, 5002, 5002]),
    )

    assert ledger.column("a").between(0, 1e9).events == 2


def test_a_child_that_is_made_anew_while_others_go_on_is_no_restart() -> None:
    """Or the whole past of the others would count once more."""
    ledger = counted(
        series("a-1", [(999, 9000), (1001, 9001), (1002, 3), (1009, 3)], outcome="ok", tenant="x"),
        series("a-1", [(999, 800), (1001, 801), (1002, 802), (1009, 802)], outcome="error"),
        steady("b-1"),
    )

    assert everything(ledger, "a") == Counts(2, 1 + 3 + 2)


def test_a_child_that_was_scraped_between_leaves_it_open_when_the_restart_was() -> None:
    ledger = counted(
        series("a-1", [(999, 10), (1001, 600), (1003, 100), (1009, 100)], outcome="ok"),
        series("a-1", [(999, 0), (1001, 50), (1002, 50), (1003, 50), (1009, 50)], outcome="error"),
    )

    assert everything(ledger, "a").events == 50
