"""What SIEMs are sent: on small real servers, with TLS."""

import asyncio
import io
import json
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from e2e.cluster.certificates import Authority
from knowngood.adapters.siem.hec import SplunkSink
from knowngood.adapters.siem.stdout import StdoutSink
from knowngood.errors import SinkAway, SinkRefused
from knowngood.exporting.records import Record, records_since
from knowngood.sinks.sink import parse_sinks
from tests.adapters.loopback import HOST, Handler, answering, unused_port
from tests.exporting.cases import closed, read

SUCCESS = {"text": "Success", "code": 0}
TOKEN = "f3c2-token"  # noqa: S105  - of nobody


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def tls(authority: Authority) -> ssl.SSLContext:
    server = authority.issue("server", "/CN=splunk", addresses=[f"IP:{HOST}"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.own.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(server.certificate, server.key)
    return context


def records() -> tuple[Record, ...]:
    return records_since(read(closed()), 0)


def hec(url: str, authority: Authority, folder: Path, **fields: object) -> SplunkSink:
    (folder / "token").write_text(f"{TOKEN}\n")
    client = authority.issue("client", "/CN=knowngood")
    files = {"certFile": str(client.certificate), "keyFile": str(client.key)}
    trusted = {"caFile": str(authority.own.certificate), **files}
    form = fields.pop("format", "OCSF")
    arm = {"url": url, "tokenFile": str(folder / "token"), "tls": trusted, **fields}
    config = parse_sinks({"splunk": {"format": form, "splunkHEC": arm}})["splunk"]
    assert config.splunk_hec is not None
    return SplunkSink(config, config.splunk_hec)


def noting(seen: list[web.Request], status: int = 200, answer: Any = None) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        await request.read()
        seen.append(request)
        return web.json_response(SUCCESS if answer is None else answer, status=status)

    return handle


async def events(request: web.Request) -> list[dict[str, Any]]:
    """Read what a collector reads: objects one after the other."""
    text, decoder, found = await request.text(), json.JSONDecoder(), list[dict[str, Any]]()
    while text:
        one, end = decoder.raw_decode(text)
        found.append(one)
        text = text[end:].lstrip()
    return found


async def test_a_collector_gets_all_records_of_a_batch_in_order_in_one_request(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    seen: list[web.Request] = []
    async with answering(noting(seen), tls) as url:
        sink = hec(url, authority, tmp_path, index="ml", sourcetype="ocsf")
        await sink.send(records())

    (request,) = seen
    assert request.path == "/services/collector/event"
    assert request.headers["Authorization"] == f"Splunk {TOKEN}"
    found = await events(request)
    assert [e["event"]["metadata"]["uid"] for e in found] == [r.uid for r in records()]
    assert {(e["index"], e["sourcetype"], e["source"]) for e in found} == {
        ("ml", "ocsf", "knowngood")
    }
    assert [float(e["time"]) for e in found] == [r.entry.time.timestamp() for r in records()]


async def test_a_collector_that_wants_lines_gets_lines(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    seen: list[web.Request] = []
    async with answering(noting(seen), tls) as url:
        await hec(url, authority, tmp_path, format="CEF").send(records()[:1])

    (found,) = await events(seen[0])
    assert found["event"].startswith("CEF:0|Knowngood|")
    assert "index" not in found


async def test_a_token_and_certificates_that_were_replaced_are_used_without_a_restart(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    seen: list[web.Request] = []
    subjects: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append(request)
        assert request.transport is not None
        shown = request.transport.get_extra_info("peercert")
        subjects.append(dict(part[0] for part in shown["subject"])["commonName"])
        return web.json_response(SUCCESS)

    async with answering(handle, tls) as url:
        sink = hec(url, authority, tmp_path)
        await sink.send(records()[:1])
        (tmp_path / "token").write_text("another")
        authority.issue("client", "/CN=knowngood-renewed")
        await sink.send(records()[:1])

    assert [r.headers["Authorization"] for r in seen] == [f"Splunk {TOKEN}", "Splunk another"]
    assert subjects == ["knowngood", "knowngood-renewed"]


@pytest.mark.parametrize(
    "case",
    [
        (503, {"text": "Server is busy", "code": 9}, SinkAway),
        (403, {"text": "Invalid token", "code": 4}, SinkAway),
        (400, {"text": "Incorrect index", "code": 7}, SinkAway),
        (400, {"text": "Invalid data format", "code": 6}, SinkRefused),
        (413, "<html>", SinkRefused),
        (302, SUCCESS, SinkAway),
        (502, ["x"], SinkAway),
    ],
)
async def test_only_what_is_wrong_with_the_records_is_held_against_them(
    authority: Authority,
    tls: ssl.SSLContext,
    tmp_path: Path,
    case: tuple[int, object, type[Exception]],
) -> None:
    status, answer, raised = case
    seen: list[web.Request] = []
    async with answering(noting(seen, status, answer), tls) as url:
        with pytest.raises(raised, match=f"HTTP {status}") as told:
            await hec(url, authority, tmp_path).send(records())

    assert len(seen) == 1
    assert TOKEN not in str(told.value)


async def test_a_redirect_takes_the_token_nowhere(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    elsewhere: list[web.Request] = []

    async with answering(noting(elsewhere), tls) as other:

        async def leave(_: web.Request) -> web.Response:
            return web.Response(status=307, headers={"Location": f"{other}/x"})

        async with answering(leave, tls) as url:
            with pytest.raises(SinkAway, match="307"):
                await hec(url, authority, tmp_path).send(records())

    assert elsewhere == []


async def test_a_collector_that_is_silent_absent_or_somebody_else_is_away(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    released = asyncio.Event()

    async def silent(_: web.Request) -> web.Response:
        await released.wait()
        return web.json_response(SUCCESS)

    async with answering(silent, tls) as url:
        with pytest.raises(SinkAway, match="TimeoutError"):
            await hec(url, authority, tmp_path, deadline="200ms").send(records())
        released.set()
    with pytest.raises(SinkAway, match="does not answer"):
        await hec(f"https://{HOST}:{unused_port()}", authority, tmp_path).send(records())
    stranger = Authority(tmp_path / "stranger")
    async with answering(noting([]), tls) as url:
        with pytest.raises(SinkAway, match="does not answer"):
            await hec(url, stranger, tmp_path).send(records())


async def test_a_token_that_can_not_be_read_is_waited_for(
    authority: Authority, tmp_path: Path
) -> None:
    sink = hec(f"https://{HOST}:{unused_port()}", authority, tmp_path)
    (tmp_path / "token").unlink()

    with pytest.raises(SinkAway, match=r"splunkHEC\.tokenFile"):
        await sink.send(records())


async def test_standard_output_has_one_record_a_line() -> None:
    out = io.BytesIO()
    config = parse_sinks({"out": {"stdout": {}}})["out"]

    await StdoutSink(config, out).send(records()[:3])
    await StdoutSink(config, out).send(records()[3:])

    found = [json.loads(one) for one in out.getvalue().decode().splitlines()]
    assert [e["metadata"]["uid"] for e in found] == [r.uid for r in records()]


class Full(io.BytesIO):
    """A disk that is full, or a reader that is gone."""

    def flush(self) -> None:
        raise BrokenPipeError(32, "Broken pipe")


async def test_an_output_that_nobody_reads_is_away() -> None:
    config = parse_sinks({"out": {"stdout": {}}})["out"]
    unread: Sequence[Record] = records()

    with pytest.raises(SinkAway, match="Broken pipe"):
        await StdoutSink(config, Full()).send(unread)
