"""Counters that show what is no count: nobody is healthy by requests that can not be counted."""

import pytest

from knowngood.signals.categories import CategoryLedger
from knowngood.signals.counting import CountLedger
from knowngood.signals.histograms import HistogramLedger
from knowngood.signals.oddities import HEALED_AFTER
from knowngood.signals.series import RawSeries, Target
from tests.signals.counted import SINCE, counted, everything, steady
from tests.signals.scraping import series, version_of


def halves(pod: str, first: float = 999.0) -> RawSeries:
    """Errors of which the first one was half of one."""
    return series(pod, [(first + k, k + 0.5) for k in range(11)], outcome="error")


@pytest.mark.parametrize("odd", [-3.0, 2.5, 2.0**53 + 2, float("inf"), float("nan")])
def test_a_pod_that_shows_no_count_is_named_with_what_it_shows(odd: float) -> None:
    ledger = counted(steady("b-1"), series("a-1", [(999, 4), (1001, odd), (1002, 6), (1009, 6)]))

    assert "answers_total of pod a-1" in ledger.problem()
    assert repr(odd) in ledger.problem()


def test_errors_that_are_no_counts_are_not_left_out_without_a_word() -> None:
    assert "pod a-1 shows 10.5" in counted(steady("a-1"), halves("a-1")).problem()


def test_counts_are_no_problem() -> None:
    assert not counted(steady("a-1"), steady("b-1")).problem()


def test_every_kind_of_counts_tells() -> None:
    category = CategoryLedger(SINCE, "outcome").advance([halves("a-1")], version_of, 1010.0)
    bucket = RawSeries({**halves("a-1").labels, "le": "+Inf"}, halves("a-1").samples)
    histogram = HistogramLedger(SINCE).advance([bucket], version_of, 1010.0)

    assert "pod a-1 shows 10.5" in category.problem()
    assert "pod a-1 shows 10.5" in histogram.problem()


def test_a_pod_that_is_not_judged_is_not_told_of() -> None:
    def judged(target: Target) -> str | None:
        return None if target.pod == "a-1" else version_of(target)

    total = [steady("a-1"), steady("b-1")]

    assert not CountLedger(SINCE).advance([halves("a-1")], total, judged, 1010.0).problem()


def test_a_pod_that_counts_again_is_believed_after_a_while() -> None:
    """Not at once: halves that are added up are whole every other time."""
    end = SINCE + HEALED_AFTER + 20
    ledger = counted(steady("a-1"), halves("a-1"))

    for now, believed in ((1020.0, False), (end, True)):
        total = [steady("a-1", last=now)]
        restarted = [series("a-1", [(now - 1, 1.0), (now, 1.0)], outcome="error")]
        ledger.advance(restarted, total, version_of, now)
        assert (not ledger.problem()) is believed


def test_the_first_count_after_what_was_none_says_nothing_of_how_it_came_about() -> None:
    """Or what an old pod has counted in its life would all be of this moment."""
    old = series("a-1", [(999, 5000.5), (1001, 5000.5), (1002, 5001), (1003, 5003), (1009, 5003)])

    assert everything(counted(old), "a").total == 2
