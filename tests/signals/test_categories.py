from knowngood.signals.categories import CategoryLedger
from knowngood.signals.partition import OTHER
from knowngood.signals.series import RawSeries
from tests.signals.counted import SINCE
from tests.signals.scraping import series, version_of


def counted(*read: RawSeries, now: float = 1010.0) -> CategoryLedger:
    return CategoryLedger(SINCE, "outcome").advance(read, version_of, now)


def by_name(ledger: CategoryLedger, version: str) -> dict[str, int]:
    row = ledger.column(version).between(0, 1e9).counts
    return {name: n for name, n in zip(ledger.lanes.names, row, strict=False) if n}


def test_requests_are_counted_by_the_labels_value_and_summed_over_everything_else() -> None:
    ledger = counted(
        series("a-1", [(999, 5), (1002, 8), (1009, 8)], outcome="yes", method="get"),
        series("a-1", [(999, 1), (1002, 3), (1009, 3)], outcome="yes", method="post"),
        series("a-2", [(999, 7), (1003, 8), (1009, 8)], outcome="no"),
        series("b-1", [(999, 0), (1003, 4), (1009, 4)], outcome="no"),
    )

    assert by_name(ledger, "a") == {"yes": 5, "no": 1}
    assert by_name(ledger, "b") == {"no": 4}
    assert ledger.column("a").between(0, 1e9).total == 6


def test_a_category_that_begins_in_the_middle_counts_from_its_first_request() -> None:
    ledger = counted(
        series("a-1", [(at, 100.0 + at - 999) for at in range(999, 1011)], outcome="yes"),
        series("a-1", [(at, 5.0) for at in range(1004, 1011)], outcome="manual"),
    )

    assert by_name(ledger, "a")["manual"] == 5
    column = ledger.column("a")
    assert column.cell(0).counts == (1, 0)
    assert column.cell(4).counts == (1, 5)
    assert column.cell(9).counts == (1, 0)


def test_categories_have_the_same_places_in_whatever_order_the_series_come() -> None:
    """Evidence that another leader counts must not differ."""
    read = [series("a-1", [(999, 0), (1002, 2), (1009, 2)], outcome=name) for name in ("yes", "no")]

    assert counted(*read).lanes.names == counted(*reversed(read)).lanes.names == ["no", "yes"]


def test_a_test_tells_apart_what_was_there_before_it_began() -> None:
    """A bin that is chosen by what a canary does would know what it bets on."""
    ledger = counted(
        series("a-1", [(at, 100.0) for at in range(999, 1011)], outcome="yes"),
        series("a-1", [(at, 100.0) for at in range(999, 1011)], outcome="no"),
        series("a-1", [(at, 5.0) for at in range(1004, 1011)], outcome="manual"),
    )

    assert ledger.partition(1004.0).labels == ("no", "yes", OTHER)
    assert ledger.partition(1004.0).places(["yes", "manual"]) == (1, 2)
    assert ledger.partition(1005.0).labels == ("manual", "no", "yes", OTHER)


def test_a_series_without_the_label_is_an_error_that_names_its_pod() -> None:
    bare = series("a-1", [(999, 5), (1002, 8), (1009, 8)])

    assert "pod a-1 has a series without the label outcome" in counted(bare).problem()
    assert not counted(series("a-1", [(999, 5.0)], outcome="yes")).problem()


def test_pods_that_are_not_judged_make_no_trouble() -> None:
    ledger = CategoryLedger(SINCE, "outcome")

    ledger.advance([series("x-1", [(999, 5), (1002, 8)])], lambda _: None, 1010.0)

    assert not ledger.problem()


def test_too_many_categories_are_an_error_and_the_totals_stay_right() -> None:
    many = [series("a-1", [(999, 0), (1002, 2), (1009, 2)], outcome=f"c{n:03}") for n in range(80)]

    at_most, too_many = counted(*many[:63]), counted(*many)

    assert not at_most.problem()
    assert "the label outcome has more than 63 values" in too_many.problem()
    assert len(too_many.lanes.names) == 63
    assert too_many.column("a").between(0, 1e9).total == 160
