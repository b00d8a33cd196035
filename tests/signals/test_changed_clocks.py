"""Clocks that are changed: what was seen in the future is not lately seen, and nobody is healthy by it."""

from knowngood.analysis.looking import unseen
from knowngood.signals.counting import CountLedger
from knowngood.signals.planning import QueryKind, RatioSpec, Segments
from knowngood.signals.segments import SegmentedLedger
from knowngood.signals.selectors import parse_selector
from knowngood.signals.series import RawSeries
from tests.signals.counted import SINCE, everything, steady
from tests.signals.scraping import version_of

SELECTED = parse_selector("answers_total")
BACK = 1800.0


def said(ledger: CountLedger, now: float) -> str:
    verdict = unseen(ledger, "errors", ["a"], now)
    return "" if verdict is None else verdict.message


def test_after_a_clock_was_set_back_nobody_is_fresh_until_it_is_right_again() -> None:
    ledger = CountLedger(SINCE).advance([], [steady("a-1")], version_of, 1010.2)
    old = steady("a-1", first=900.2, last=1005.2)

    ledger.advance([], [old], version_of, 1010.2 - BACK)
    message = said(ledger, 1010.2 - BACK)
    ledger.advance([], [steady("a-1", last=1012.2)], version_of, 1012.2)

    assert (
        "no fresh sample: the last one is of 30 min in the future; was a clock changed?" in message
    )
    assert not said(ledger, 1012.2)
    assert ledger.watermark == 1012.2


def test_a_sample_may_be_a_little_ahead() -> None:
    ledger = CountLedger(SINCE).advance([], [steady("a-1")], version_of, 1008.5)

    assert not said(ledger, 1008.5)


def test_an_answer_with_times_of_the_future_is_not_what_was_seen_last() -> None:
    """As one in milliseconds: nothing that comes would be newer, however bad it is."""
    ledger = CountLedger(SINCE).advance([], [steady("a-1")], version_of, 1010.2)
    one = steady("a-1")
    late = RawSeries(one.labels, tuple((at * 1000, value + 50) for at, value in one.samples))

    ledger.advance([], [late], version_of, 1011.2)
    further = RawSeries(one.labels, ((1012.2, 107.0), (1014.2, 107.0)))
    ledger.advance([], [further], version_of, 1014.2)

    assert not said(ledger, 1014.2)
    assert everything(ledger, "a").total == 7


def test_what_is_in_no_segment_is_not_seen_in_the_future_either() -> None:
    spec, segments = RatioSpec(SELECTED, SELECTED), Segments("region", ("north",), 100)
    ledger = SegmentedLedger(spec, segments, SINCE)
    here, elsewhere = steady("a-1", region="north"), steady("a-1", first=9000.2, last=9010.2)

    for last in (1010.2, 1020.2):
        here = steady("a-1", region="north", last=last)
        ahead = RawSeries({**elsewhere.labels, "region": "south"}, elsewhere.samples)
        ledger.advance({QueryKind.TOTAL: [here, ahead]}, version_of, last)

    assert ledger.read_from == 1020.2
