"""A source that is away is left in peace, and a slow one keeps nobody else waiting: on small real servers."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web

from knowngood.adapters.prometheus.breaker import FAILURES
from knowngood.adapters.prometheus.endpoint import PROBE, Endpoint
from knowngood.adapters.prometheus.session import SourceSession
from knowngood.adapters.prometheus.signals import PrometheusSignals
from knowngood.adapters.prometheus.words import wish_of
from knowngood.errors import ObserverError
from knowngood.signals.planning import Query, QueryKind
from knowngood.sources.source import parse_sources
from tests.adapters.loopback import Handler, answering, until

NOW = 1_700_000_000.0
EMPTY = json.dumps({"status": "success", "data": {"resultType": "vector", "result": []}})
Answer = Callable[[], web.Response]


def good() -> web.Response:
    return web.Response(text=EMPTY, content_type="application/json")


def bad(status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: web.Response(status=status, headers=named)


class Server:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = good
        self.odd: dict[str, Answer] = {}
        self.asked: list[str] = []

    async def handle(self, request: web.Request) -> web.Response:
        query = request.query["query"]
        self.asked.append(query)
        return self.odd.get(query, self.answer)()


class Bench:
    """An endpoint whose time is set by hand."""

    def __init__(self, endpoint: Endpoint, server: Server, in_flight: int) -> None:
        self.endpoint, self.server, self.in_flight, self.now = endpoint, server, in_flight, 0.0

    async def ask(self, promql: str = "latency") -> str:
        try:
            await self.endpoint.ask(promql, NOW)
        except ObserverError as error:
            return str(error)
        return ""

    async def look(self, *queries: str) -> list[str]:
        """Half a second later, ask several at once."""
        self.now += 0.5
        return await asyncio.gather(*map(self.ask, queries))


@contextlib.asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    server = Server()
    async with answering(server.handle) as url:
        (source,) = parse_sources({"s": url}).values()
        found: list[Bench] = []
        endpoint = Endpoint("s", source, jitter=lambda: 0.0, monotonic=lambda: found[0].now)
        found.append(Bench(endpoint, server, source.in_flight))
        yield found[0]
        endpoint.close()


async def test_a_source_that_fails_is_told_in_the_same_words_while_it_is_not_asked() -> None:
    async with bench() as one:
        one.server.answer = bad(500)
        told = {await one.ask() for _ in range(50)}

    assert told == {"source s gave no answer of a Prometheus (HTTP 500)"}
    assert len(one.server.asked) == FAILURES


async def test_one_small_probe_comes_first_and_its_answer_lets_the_queries_in() -> None:
    async with bench() as one:
        one.server.answer = bad(502)
        for _ in range(FAILURES):
            await one.ask()
        one.server.asked.clear()
        one.now = 1.0
        told = await asyncio.gather(*(one.ask() for _ in range(3)))
        assert one.server.asked == [PROBE]
        assert len(set(told)) == 1

        one.server.answer = good
        one.now = 1.9
        assert "HTTP 502" in await one.ask()
        one.now = 2.0
        assert await one.ask() == ""

    assert one.server.asked == [PROBE, PROBE, "latency"]
    assert one.endpoint.well


async def test_the_peace_that_is_asked_of_one_query_keeps_no_other_one_out() -> None:
    async with bench() as one:
        one.server.odd["heavy"] = bad(429, Retry_After="60")
        told = [await one.look("heavy", "latency") for _ in range(240)]

    assert all(heavy and not latency for heavy, latency in told)
    assert one.server.asked.count("heavy") == 2


@pytest.mark.parametrize("number", [1, FAILURES, FAILURES + 1])
async def test_queries_that_always_fail_keep_no_other_one_out(number: int) -> None:
    async with bench() as one:
        heavy = [f"heavy {n}" for n in range(number)]
        one.server.odd = dict.fromkeys(heavy, bad(503))
        told = [await one.look(*heavy, "latency") for _ in range(240)]

    assert not any(latency for *_, latency in told)
    assert one.server.asked.count("heavy 0") < 30


async def test_a_source_that_answers_nothing_but_the_probe_is_asked_each_query_now_and_then() -> (
    None
):
    async with bench() as one:
        queries = [f"query {n}" for n in range(6)]
        one.server.odd = dict.fromkeys(queries, bad(503))
        for _ in range(240):
            assert all(await one.look(*queries))

    assert len(one.server.asked) < 240
    assert not one.endpoint.well


async def test_a_dead_source_of_many_queries_is_left_in_peace() -> None:
    async with bench() as one:
        one.server.answer = bad(503)
        queries = [f"query {n}" for n in range(20)]
        for _ in range(240):
            assert all(await one.look(*queries))

    probes = one.server.asked.count(PROBE)
    # Those that were let in before the source was in doubt may arrive after the first probe.
    assert len(one.server.asked) - probes < FAILURES + one.in_flight
    assert 0 < probes < 20


async def test_a_source_that_wants_peace_from_everybody_is_asked_nothing() -> None:
    async with bench() as one:
        one.server.answer = bad(429, Retry_After="30")
        await one.ask("one")
        for _ in range(50):
            assert all(await one.look("one", "two", "three"))

    assert one.server.asked == ["one", PROBE]


async def test_who_comes_during_a_probe_waits_for_what_becomes_of_it() -> None:
    async with bench() as one:
        one.server.answer = bad(502)
        await asyncio.gather(*(one.ask(f"query {n}") for n in range(FAILURES)))
        one.server.answer, one.now = good, 1.0
        one.server.asked.clear()

        assert await one.look("one", "two", "three") == ["", "", ""]

    assert sorted(one.server.asked) == ["one", "three", "two", PROBE]


def nested() -> web.Response:
    return web.Response(text="[" * 200_000, content_type="application/json")


async def test_a_probe_whose_answer_can_not_be_parsed_has_failed_and_is_sent_again() -> None:
    async with bench() as one:
        one.server.answer = bad(502)
        for _ in range(FAILURES):
            await one.ask()
        one.server.answer = nested
        one.now = 1.0
        assert "gave no answer of a Prometheus" in await one.ask()

        one.server.answer = good
        one.now = 60.0
        assert await one.ask() == ""


async def test_a_probe_that_ends_in_a_bug_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object, **__: object) -> None:
        raise AssertionError

    async with bench() as one:
        one.server.answer = bad(502)
        for _ in range(FAILURES):
            await one.ask()
        one.server.answer = good
        one.now = 1.0
        with monkeypatch.context() as broken:
            broken.setattr(SourceSession, "request", bug)
            with pytest.raises(AssertionError):
                await one.ask()

        one.now = 60.0
        assert await one.ask() == ""


@pytest.mark.parametrize("status", [429, 503])
async def test_the_peace_that_a_source_asks_for_is_kept(status: int) -> None:
    async with bench() as one:
        one.server.answer = bad(status, Retry_After="7")
        assert f"HTTP {status}" in await one.ask()
        one.server.answer = good
        one.now = 6.9
        assert f"HTTP {status}" in await one.ask()
        assert len(one.server.asked) == 1
        one.now = 7.0
        assert await one.ask() == ""


async def test_of_other_answers_no_wish_is_taken() -> None:
    async with bench() as one:
        one.server.answer = bad(500, Retry_After="7")
        await one.ask()
        one.server.answer = good
        assert await one.ask() == ""


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("120", 120.0),
        ("Sat, 28 Nov 2026 10:00:30 GMT", 30.0),
        ("Sat, 28 Nov 2026 09:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("9" * 400, None),
        ("", None),
    ],
)
def test_a_wish_is_read_by_the_clock_of_the_source(wish: str, seconds: float | None) -> None:
    assert wish_of({"Retry-After": wish, "Date": "Sat, 28 Nov 2026 10:00:00 GMT"}) == seconds


async def test_a_date_without_the_time_of_the_answer_says_nothing() -> None:
    assert wish_of({"Retry-After": "Sat, 28 Nov 2026 10:00:30 GMT"}) is None


def hanging(released: asyncio.Event, running: set[object]) -> Handler:
    async def hang(_: web.Request) -> web.Response:
        me = object()
        running.add(me)
        try:
            await released.wait()
        finally:
            running.discard(me)
        return good()

    return hang


async def test_a_source_that_hangs_takes_no_thread_from_another_one() -> None:
    released, running = asyncio.Event(), set[object]()
    query = Query("latency", QueryKind.VALUE, "latency", NOW)
    async with answering(hanging(released, running)) as slow, answering(Server().handle) as quick:
        signals = PrometheusSignals(
            parse_sources({"slow": {"url": slow, "deadline": "30s", "inFlight": 2}, "quick": quick})
        )
        waiting = [asyncio.ensure_future(signals.read("slow", query)) for _ in range(8)]
        await until(lambda: len(running) == 2)
        for _ in range(10):
            assert await signals.read("quick", query) == ()
        assert len(running) == 2, "more in flight than the source is set to"
        released.set()
        assert await asyncio.gather(*waiting) == [()] * 8
        signals.close()
