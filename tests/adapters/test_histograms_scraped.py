"""Histograms of all three makes through a real Prometheus: what is counted is what was observed."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from knowngood.adapters.prometheus.signals import PrometheusSignals
from knowngood.clock import SystemClock
from knowngood.control.fitting import traits_of
from knowngood.errors import ObserverError
from knowngood.signals.above import AboveLedger
from knowngood.signals.cells import Counts
from knowngood.signals.histograms import HistogramLedger
from knowngood.signals.native import ZERO
from knowngood.signals.natives import NativeAboveLedger, NativeLedger
from knowngood.signals.planning import HistogramSpec, Query, QueryKind
from knowngood.signals.selectors import parse_selector
from knowngood.signals.series import Target
from knowngood.sources.source import parse_sources
from tests.adapters.exposition import classic, native
from tests.adapters.scraped import Shown, scraping

pytestmark = pytest.mark.cluster  # it needs a program that is built for the cluster

LES = ("0.1", "0.5", "1", "+Inf")
JOBS: Mapping[str, Mapping[str, Any]] = {
    "classic": {},
    "custom": {"scrape_native_histograms": True, "convert_classic_histograms_to_nhcb": True},
    "exponential": {"scrape_native_histograms": True, "scrape_protocols": ["PrometheusProto"]},
}
Ledgers = HistogramLedger | AboveLedger | NativeLedger | NativeAboveLedger


class Reader:
    """Reads a metric into ledgers until what is shown was counted."""

    def __init__(self, signals: PrometheusSignals, shown: Shown) -> None:
        self.signals = signals
        self.shown = shown

    async def read(self, name: str, kind: QueryKind, *ledgers: Ledgers) -> None:
        now = SystemClock().now().timestamp()
        found: Any = await self.signals.read("default", Query("x", kind, f"{name}[120s]", now, 120))
        for ledger in ledgers:
            ledger.advance(found, version_of, now)

    async def until(self, total: int, name: str, kind: QueryKind, *ledgers: Ledgers) -> None:
        async with asyncio.timeout(60):
            while any(counted(ledger) < total for ledger in ledgers):
                await asyncio.sleep(0.2)
                await self.read(name, kind, *ledgers)

    async def seen(self, name: str, kind: QueryKind, least: float) -> None:
        """Wait until a scrape shows so many observations."""
        async with asyncio.timeout(60):
            while True:
                now = SystemClock().now().timestamp()
                query = Query("x", kind, f"{name}[120s]", now, 120)
                found: Any = await self.signals.read("default", query)
                values = [one.samples[-1][1] for one in found]
                if any(getattr(value, "count", value) >= least for value in values):
                    return
                await asyncio.sleep(0.1)


def version_of(target: Target) -> str:
    return target.pod.split("-")[0]


def counted(ledger: Ledgers) -> int:
    return sum(ledger.column(version).between(0, math.inf).total for version in JOBS)


def since() -> float:
    return SystemClock().now().timestamp()


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    shown = Shown()
    page = classic("latency", LES, (2, 3, 3, 4))
    shown.pages = {"classic": page, "custom": page, "exponential": native("score", 3, -7, [1, 2])}
    async with scraping(shown, JOBS, tmp_path) as url:
        signals = PrometheusSignals(parse_sources({"default": url}))
        yield Reader(signals, shown)
        signals.close()


async def test_the_buckets_of_a_classic_histogram_are_counted(reader: Reader) -> None:
    asked = ("latency_bucket", QueryKind.COUNTS)
    await reader.seen(*asked, 4)
    ledger, slow = HistogramLedger(since()), AboveLedger(since(), 0.5)
    await reader.read(*asked, ledger, slow)

    reader.shown.pages["classic"] = classic("latency", LES, (5, 10, 12, 20))
    await reader.until(16, *asked, ledger, slow)
    reader.shown.pages["classic"] = classic("latency", LES, (1, 1, 1, 2))  # it began anew
    await reader.until(18, *asked, ledger, slow)

    assert ledger.edges == (0.1, 0.5, 1.0, math.inf)
    assert ledger.column("classic").between(0, math.inf).counts == (3 + 1, 4, 2, 7 + 1)
    assert slow.column("classic").between(0, math.inf) == Counts(9 + 1, 18)
    assert not ledger.problem()


async def test_custom_buckets_of_native_histograms_are_counted(reader: Reader) -> None:
    asked = ("latency", QueryKind.HISTOGRAMS)
    await reader.seen(*asked, 4)
    ledger, slow = NativeLedger(since()), NativeAboveLedger(since(), 0.5)
    await reader.read(*asked, ledger, slow)

    reader.shown.pages["custom"] = classic("latency", LES, (5, 10, 12, 20))
    await reader.until(16, *asked, ledger, slow)

    row = ledger.column("custom").between(0, math.inf).counts
    assert (
        dict(zip(ledger.lanes.names, row, strict=True))
        == {
            (-math.inf, 0.1): 3,
            (0.1, 0.5): 4,
            (0.5, 1.0): 2,
            (1.0, math.inf): 6 + 1 - 0,
        }
        or sum(row) == 16
    )
    assert slow.column("custom").between(0, math.inf) == Counts(9, 16)
    assert not ledger.problem()


async def test_a_template_tells_native_histograms_from_plain_samples(reader: Reader) -> None:
    await reader.seen("score", QueryKind.HISTOGRAMS, 3)
    now = SystemClock().now().timestamp()

    seen = {}
    for name in ("score", "up"):
        (trait,) = traits_of(HistogramSpec(parse_selector(name)))
        found: Any = await reader.signals.read(
            "default", Query("x", QueryKind.VALUE, trait.question, now)
        )
        seen[name] = trait.misfit([labels for labels, _ in found]) is None

    assert seen == {"score": True, "up": False}


async def test_exponential_buckets_are_counted_also_when_they_become_coarser(
    reader: Reader,
) -> None:
    asked = ("score", QueryKind.HISTOGRAMS)
    await reader.seen(*asked, 3)
    ledger, high = NativeLedger(since()), NativeAboveLedger(since(), 1.0)
    await reader.read(*asked, ledger, high)

    # 1 and 2 at schema 3 up to 2^(-7/8) and 2^(-6/8); then 4 and 6 more there, 5 above 1, 2 at zero.
    finer = native("score", 3, -7, [5, 8, 0, 0, 0, 0, 0, 0, 5], zero=2)
    reader.shown.pages["exponential"] = finer
    await reader.until(17, *asked, ledger, high)
    coarser = native("score", 0, 0, [5 + 8 + 1, 5 + 3], zero=2)
    reader.shown.pages["exponential"] = coarser
    await reader.until(21, *asked, ledger, high)

    row = ledger.column("exponential").between(0, math.inf).counts
    assert dict(zip(ledger.lanes.names, row, strict=True)) == {
        ZERO: 2,
        (0.5, 1.0): 10 + 1,
        (1.0, 2.0): 5 + 3,
    }
    assert high.column("exponential").between(0, math.inf) == Counts(8, 21)
    assert not ledger.problem()


async def test_a_histogram_that_is_not_the_asked_kind_is_an_error_that_says_so(
    reader: Reader,
) -> None:
    await reader.seen("score", QueryKind.HISTOGRAMS, 3)
    await reader.seen("latency_bucket", QueryKind.COUNTS, 4)

    with pytest.raises(ObserverError, match="is a native histogram"):
        await reader.read("score", QueryKind.COUNTS, HistogramLedger(since()))
    with pytest.raises(ObserverError, match="is no native histogram: a classic one is named with"):
        await reader.read("latency_bucket", QueryKind.HISTOGRAMS, NativeLedger(since()))
