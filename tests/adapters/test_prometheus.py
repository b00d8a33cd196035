"""The `Signals` port, on a real Prometheus and in memory."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from e2e.cluster import Cluster
from knowngood.adapters.memory.signals import MemorySignals
from knowngood.adapters.prometheus.signals import PrometheusSignals
from knowngood.clock import SystemClock
from knowngood.control.ports import Signals
from knowngood.errors import ObserverError
from knowngood.signals.native import NativeCounts, NativeSeries
from knowngood.signals.planning import Query, QueryKind
from knowngood.signals.series import RawSeries
from knowngood.sources.source import parse_sources


def matrix(promql: str, at: float, width: int = 30) -> Query:
    return Query("one", QueryKind.TOTAL, f"{promql}[{width}s]", at, width)


async def ranged(signals: Signals, query: Query) -> tuple[RawSeries, ...]:
    found = await signals.read("default", query)
    return tuple(one for one in found if isinstance(one, RawSeries))


@pytest.fixture
async def prometheus(cluster: Cluster) -> AsyncIterator[PrometheusSignals]:
    signals = PrometheusSignals(parse_sources({"default": cluster.prometheus_url}))
    yield signals
    signals.close()


async def test_raw_samples_come_with_their_own_times(prometheus: PrometheusSignals) -> None:
    now = SystemClock().now().timestamp()
    promql = "up"
    async with asyncio.timeout(60):
        while not (found := await ranged(prometheus, matrix(promql, now))):
            now = SystemClock().now().timestamp()
            await asyncio.sleep(0.2)

    for one in found:
        assert one.labels["__name__"] == promql
        times = [at for at, _ in one.samples]
        assert times == sorted(times)
        assert all(now - 30 < at <= now for at in times)


async def test_a_query_is_answered_for_its_instant(prometheus: PrometheusSignals) -> None:
    """All models are judged at one instant, however long the queries take."""
    long_ago = Query("one", QueryKind.VALUE, "time()", 1_600_000_000.0)
    with pytest.raises(ObserverError):  # a scalar is no answer for each version
        await prometheus.read("default", long_ago)

    of_one = Query("one", QueryKind.VALUE, "vector(time())", 1_600_000_000.0)
    assert await prometheus.read("default", of_one) == (({}, 1_600_000_000.0),)


async def test_prometheus_own_words_are_quoted(prometheus: PrometheusSignals) -> None:
    broken = Query("one", QueryKind.VALUE, "rate(x", SystemClock().now().timestamp())

    with pytest.raises(ObserverError, match="unclosed left parenthesis"):
        await prometheus.read("default", broken)


async def test_nothing_known_is_an_empty_answer_and_no_error(prometheus: PrometheusSignals) -> None:
    now = SystemClock().now().timestamp()

    assert await prometheus.read("default", matrix("no_such_metric", now)) == ()


def labels(pod: str) -> tuple[tuple[str, str], ...]:
    return (("__name__", "requests_total"), ("namespace", "lending"), ("pod", pod))


async def test_memory_answers_ranges_like_prometheus() -> None:
    """Later than the start of the range, and up to its end."""
    signals = MemorySignals()
    for second in range(60):
        signals.scrape(1000.0 + second, {labels("a"): float(second)})

    (found,) = await ranged(signals, matrix('requests_total{pod="a"}', 1050.0))

    assert [at for at, _ in found.samples] == [1021.0 + n for n in range(30)]
    assert await ranged(signals, matrix('requests_total{pod="b"}', 1050.0)) == ()


async def test_memory_answers_native_histograms_where_they_are_asked_for() -> None:
    signals, shown = MemorySignals(), NativeCounts(3, (((0.5, 1.0), 3.0),))
    signals.scrape(1000.0, {labels("a"): 1.0})
    signals.scrape_native(1000.0, {labels("b"): shown})
    natives = Query("one", QueryKind.HISTOGRAMS, "requests_total[30s]", 1001.0, 30)

    (counter,) = await ranged(signals, matrix("requests_total", 1001.0))
    (native,) = await signals.read("default", natives)

    assert counter.labels["pod"] == "a"
    assert native == NativeSeries(dict(labels("b")), ((1000.0, shown),))


async def test_memory_fails_when_it_is_told_to() -> None:
    signals = MemorySignals()
    signals.problem = "cannot be reached"

    with pytest.raises(ObserverError, match="source default: cannot be reached"):
        await signals.read("default", matrix("requests_total", 1000.0))
