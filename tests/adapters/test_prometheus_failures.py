"""Everything that a source can answer instead of an answer, from small real servers."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest
import requests
from aiohttp import web

from knowngood.adapters.prometheus.signals import PrometheusSignals
from knowngood.adapters.prometheus.words import steady
from knowngood.errors import ObserverError
from knowngood.signals.planning import Query, QueryKind
from knowngood.sources.source import parse_sources
from tests.adapters.loopback import HOST, Handler, answering, unused_port

NOW = 1_700_000_000.0
MATRIX = Query("errors", QueryKind.TOTAL, "requests_total[30s]", NOW, 30)
VECTOR = Query("latency", QueryKind.VALUE, "latency", NOW)


@contextlib.asynccontextmanager
async def source(handler: Handler, **settings: object) -> AsyncIterator[PrometheusSignals]:
    async with answering(handler) as url:
        signals = PrometheusSignals(parse_sources({"default": {"url": url, **settings}}))
        try:
            yield signals
        finally:
            signals.close()


def saying(text: str, status: int = 200, kind: str = "application/json") -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, status=status, content_type=kind)

    return answer


def result(kind: str, *entries: object, **more: object) -> str:
    data = {"resultType": kind, "result": list(entries)}
    return json.dumps({"status": "success", "data": data, **more})


ERROR = json.dumps(
    {"status": "error", "errorType": "bad_data", "error": 'parse error: unexpected "}" at 1:3'}
)
PARTIAL = result("matrix", warnings=["a store is away", "results may be incomplete"])
ONE = {"metric": {"pod": "a"}, "values": [[NOW, "1"]]}
LARGE = {"metric": {"pod": "b"}, "values": [[NOW - 9999 + n, str(n)] for n in range(9999)]}
AWAY = [f"a store is away: rpc error: code = Unavailable of store {n}" * 3 for n in range(40)]


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        pytest.param(saying(ERROR, 400), 'unexpected "}" at 1:3', id="its own error"),
        pytest.param(saying(ERROR, 422), "parse error", id="an expression it cannot execute"),
        pytest.param(saying(PARTIAL), "only in part: a store is away", id="a partial answer"),
        pytest.param(
            saying("<html>Log in</html>", 200, "text/html"), "source default", id="a proxy"
        ),
        pytest.param(
            saying("<html>Bad</html>", 502, "text/html"), "source default", id="a gateway"
        ),
        pytest.param(saying("", 204), "source default", id="nothing"),
        pytest.param(saying("[1, 2]"), "source default", id="another JSON"),
        pytest.param(saying('{"status": "success"}'), "source default", id="no data"),
        pytest.param(saying("[" * 200_000), "source default", id="too deep to be read"),
        pytest.param(
            saying('{"error": ' + "[" * 200_000, 500), "source default", id="an error too deep"
        ),
        pytest.param(saying(result("matrix", 7)), "no series", id="no series"),
        pytest.param(
            saying(result("matrix", {"metric": {}, "histograms": []})), "histogram", id="histograms"
        ),
    ],
)
async def test_whatever_is_no_answer_is_an_observer_error(handler: Handler, words: str) -> None:
    async with source(handler) as signals:
        with pytest.raises(ObserverError) as failed:
            await signals.read("default", MATRIX)

    assert words in str(failed.value)
    assert len(str(failed.value)) < 400


PARTS = {
    "many warnings after the data": result("matrix", ONE, warnings=AWAY),
    "a warning before much data": json.dumps(
        {"warnings": AWAY[:1], **json.loads(result("matrix", LARGE))}
    ),
    "one in its own words": result("matrix", ONE, warnings="a store is away"),
    "its own mark": json.dumps({"isPartial": True, **json.loads(result("matrix", LARGE))}),
}


@pytest.mark.parametrize("text", PARTS.values(), ids=PARTS.keys())
async def test_a_part_is_never_taken_for_the_whole(text: str) -> None:
    async with source(saying(text)) as signals:
        with pytest.raises(ObserverError, match="answered only in part: ") as failed:
            await signals.read("default", MATRIX)

    assert len(str(failed.value)) < 400


@pytest.mark.parametrize("kind", [QueryKind.TOTAL, QueryKind.HISTOGRAMS])
@pytest.mark.parametrize("at", [(NOW - 1) * 1000, NOW + 3600], ids=["milliseconds", "ahead"])
async def test_times_of_tomorrow_are_no_answer(kind: QueryKind, at: float) -> None:
    """A ledger would believe that it has read everything up to then."""
    histograms = [[at, {"count": "1", "sum": "1"}]]
    series = {"metric": {"pod": "a"}, "values": [[at, "1"]], "histograms": histograms}
    async with source(saying(result("matrix", series))) as signals:
        with pytest.raises(ObserverError, match="later than the instant"):
            await signals.read("default", Query("errors", kind, "requests_total[30s]", NOW, 30))


async def test_what_says_that_it_is_whole_is_taken_for_whole() -> None:
    text = result("matrix", ONE, infos=["it may be no counter"], warnings=[], isPartial=False)
    async with source(saying(text)) as signals:
        assert len(await signals.read("default", MATRIX)) == 1


async def test_a_large_answer_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[object] = []
    really = requests.Response.json

    def noted(response: requests.Response) -> object:
        parsed.append(response)
        return really(response)

    monkeypatch.setattr(requests.Response, "json", noted)
    async with source(saying(result("matrix", LARGE))) as signals:
        await signals.read("default", MATRIX)

    assert len(parsed) == 1


async def test_the_same_failure_is_told_in_the_same_words() -> None:
    """They end up in a condition, which must not be written every second."""
    told = set()
    for _ in range(2):
        signals = PrometheusSignals(parse_sources({"default": f"http://{HOST}:{unused_port()}"}))
        with pytest.raises(ObserverError) as failed:
            await signals.read("default", MATRIX)
        signals.close()
        told.add(str(failed.value))

    assert told == {"source default cannot be reached"}


async def test_a_source_that_does_not_answer_is_given_up() -> None:
    held = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await held.wait()
        return web.Response()

    async with source(hang, deadline="200ms") as signals:
        with pytest.raises(ObserverError, match=r"did not answer within 0\.2 s"):
            await signals.read("default", MATRIX)
        held.set()


async def test_a_source_that_is_not_configured_is_named() -> None:
    signals = PrometheusSignals(parse_sources({"default": "http://unused"}))
    with pytest.raises(ObserverError, match=r"source other is not configured; .* knows: default"):
        await signals.read("other", MATRIX)
    signals.close()


async def test_one_failure_does_not_spoil_the_next_answer() -> None:
    answers = iter([ERROR, PARTIAL, result("matrix", ONE)])

    async def answer(_: web.Request) -> web.Response:
        text = next(answers)
        return web.json_response(text=text, status=400 if text == ERROR else 200)

    async with source(answer) as signals:
        for _ in range(2):
            with pytest.raises(ObserverError):
                await signals.read("default", MATRIX)
        (series,) = await signals.read("default", MATRIX)

    assert series.samples == ((NOW, 1.0),)  # type: ignore[union-attr]  # a matrix was asked for


async def test_a_query_is_asked_at_its_own_instant_and_with_a_deadline() -> None:
    asked: list[dict[str, str]] = []

    async def note(request: web.Request) -> web.Response:
        asked.append({**request.query, **await request.post()})  # type: ignore[dict-item]  # plain fields
        return web.json_response(text=result("vector"))

    async with source(note) as signals:
        assert await signals.read("default", VECTOR) == ()

    assert asked == [{"query": "latency", "time": "1700000000.000", "timeout": "3000ms"}]


def test_what_changes_from_try_to_try_is_left_out_of_an_error() -> None:
    first = steady("HTTP 502 of 10.0.0.17:9090, request 8f3a9c2d-11aa-4b, at 2026-11-24T04:20:01Z")
    second = steady("HTTP 502 of 10.0.0.18:9090, request 77b01c2d-98ff-41, at 2026-11-24T04:20:02Z")

    assert first == second
    assert steady("parse error at char 12: store-7") == "parse error at char 12: store-7"


def test_of_a_long_text_only_the_beginning_is_read() -> None:
    assert steady("a." * 20_000) == "a." * 150
