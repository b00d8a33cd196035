"""Ledgers that read a few hand-written series."""

from knowngood.signals.cells import Counts
from knowngood.signals.counting import CountLedger
from knowngood.signals.series import RawSeries
from tests.signals.scraping import errors_of, series, version_of

SINCE = 1000.0


def counted(*total: RawSeries, since: float = SINCE, now: float = 1010.0) -> CountLedger:
    return CountLedger(since).advance(errors_of(total), total, version_of, now)


def steady(pod: str, first: float = 995.2, last: float = 1010.2, **labels: str) -> RawSeries:
    """A pod that is scraped every second and answers nothing: it shows that the scraper works."""
    times = [first + k for k in range(int(last - first) + 1)]
    return series(pod, [(at, 100.0) for at in times], **labels)


def everything(ledger: CountLedger, version: str) -> Counts:
    return ledger.between(version, 0, 10**9)
