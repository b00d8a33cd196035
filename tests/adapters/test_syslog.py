"""Syslog over TLS: what a real rsyslog understands, and when something counts as taken."""

import asyncio
import json
import shutil
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster.binaries import Tools
from e2e.cluster.certificates import Authority
from e2e.cluster.options import default_cache_dir
from e2e.cluster.progress import Terminal
from knowngood.adapters.siem.syslog import SyslogSink
from knowngood.errors import SinkAway
from knowngood.exporting.formats import line, written
from knowngood.exporting.records import Record, records_since
from knowngood.sinks.sink import parse_sinks
from tests.adapters.loopback import HOST, until, unused_port
from tests.adapters.rsyslog import Rsyslog, ended
from tests.exporting.cases import closed, longest, read


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def installed() -> Path:
    if shutil.which("apt-get") is None:
        pytest.skip("rsyslog comes as Debian packages, and there is no apt-get here")
    return Tools(default_cache_dir(), Terminal()).rsyslog


@pytest.fixture(params=["ossl", "gtls"])
def server(
    request: pytest.FixtureRequest, installed: Path, authority: Authority, tmp_path: Path
) -> Iterator[Rsyslog]:
    with ended(Rsyslog(installed, tmp_path / "rsyslog", request.param, authority)) as one:
        yield one


def records() -> tuple[Record, ...]:
    return records_since(read(closed()), 0)


def sink_to(port: int, authority: Authority, *, shows: bool = True, **fields: object) -> SyslogSink:
    client = authority.issue("client", "/CN=knowngood")
    files = {"certFile": str(client.certificate), "keyFile": str(client.key)} if shows else {}
    tls = {"caFile": str(authority.own.certificate), **files}
    form = fields.pop("format", "OCSF")
    arm = {"host": HOST, "port": port, "tls": tls, "deadline": "5s", **fields}
    config = parse_sinks({"soc": {"format": form, "syslog": arm}})["soc"]
    assert config.syslog is not None
    return SyslogSink(config, config.syslog, "knowngood-0")


async def test_rsyslog_understands_header_and_message_of_every_record(
    server: Rsyslog, authority: Authority
) -> None:
    await server.start()

    await sink_to(server.port, authority, facility="local3").send(records())
    await until(lambda: len(server.messages()) == len(records()))

    for record, (header, text) in zip(records(), server.messages(), strict=True):
        assert json.loads(text) == written(
            record, parse_sinks({"s": {"stdout": {}}})["s"].format, "on-call"
        )
        kind = "evidence" if record.evidence else "incident"
        at = record.entry.time.strftime("%Y-%m-%dT%H:%M:%S.%f")
        assert header == f"local3.crit {at}Z knowngood-0 knowngood {kind}"


@pytest.mark.parametrize("form", ["OCSF", "ECS", "CEF"])
async def test_the_longest_record_and_the_worst_words_of_others_come_whole(
    server: Rsyslog, authority: Authority, form: str
) -> None:
    await server.start()
    worst = records_since(longest('"a|b\\c=d\nCEF:0|x\u2028<34>1 - - 17 \U0001f4a5' * 100), 0)

    sink = sink_to(server.port, authority, format=form)
    await sink.send(worst)
    await until(lambda: len(server.messages()) == len(worst))

    written_as = parse_sinks({"s": {"format": form, "stdout": {}}})["s"].format
    assert [text for _, text in server.messages()] == [
        line(written(record, written_as, "on-call")) for record in worst
    ]


async def test_a_server_that_wants_a_certificate_and_is_shown_none_has_taken_nothing(
    server: Rsyslog, authority: Authority
) -> None:
    """TLS 1.3 ends the handshake of a client before the server has looked at its certificate."""
    await server.start()

    for _ in range(5):
        with pytest.raises(SinkAway):
            await sink_to(server.port, authority, shows=False).send(records())

    await sink_to(server.port, authority).send(records()[:1])
    await until(server.messages)
    assert len(server.messages()) == 1


async def test_what_a_server_has_not_read_counts_as_not_taken(
    server: Rsyslog, authority: Authority
) -> None:
    """It is stopped after it has let somebody connect, and killed."""
    await server.start()
    server.send(signal.SIGSTOP)
    with pytest.raises(SinkAway, match="has not taken it within"):
        await sink_to(server.port, authority, deadline="300ms").send(records())
    server.end(signal.SIGKILL)

    with pytest.raises(SinkAway, match="does not take it"):
        await sink_to(server.port, authority).send(records())

    await server.start()
    await sink_to(server.port, authority).send(records())
    await until(lambda: len(server.messages()) == len(records()))


async def answered_by(authority: Authority, end: str, ready: asyncio.Future[int]) -> None:
    """One connection to a server that reads nothing of it and then ends it in some way."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    pair = authority.issue("abrupt", "/CN=abrupt", addresses=[f"IP:{HOST}"])
    context.load_cert_chain(pair.certificate, pair.key)
    done = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if end == "reads it":
            await reader.read()
            writer.close()
        else:
            await reader.readexactly(10)
            writer.transport.abort()
        done.set()

    server = await asyncio.start_server(handle, HOST, 0, ssl=context, limit=64)
    async with server:
        ready.set_result(server.sockets[0].getsockname()[1])
        await done.wait()


@pytest.mark.parametrize("end", ["reads it", "gives up in the middle"])
async def test_only_who_has_read_it_to_its_end_has_taken_it(authority: Authority, end: str) -> None:
    ready = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(answered_by(authority, end, ready))
    sink = sink_to(await ready, authority)
    many = records() * 200

    if end == "reads it":
        await sink.send(many)
    else:
        with pytest.raises(SinkAway):
            await sink.send(many)
    await serving


async def test_a_server_that_stops_to_read_is_waited_for_no_longer_than_the_deadline(
    authority: Authority,
) -> None:
    """As one does whose disk is full. What its system does not take any more, no close of ours could wait for."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    pair = authority.issue("full", "/CN=full", addresses=[f"IP:{HOST}"])
    context.load_cert_chain(pair.certificate, pair.key)
    listening = socket.create_server((HOST, 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
    port, over = listening.getsockname()[1], asyncio.Event()

    async def handle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # it reads, too
        await over.wait()
        writer.transport.abort()

    async with await asyncio.start_server(handle, sock=listening, ssl=context):
        sending = asyncio.create_task(sink_to(port, authority, deadline="1s").send(records() * 800))
        await asyncio.wait({sending}, timeout=20)
        was_over = sending.done()
        over.set()
        with pytest.raises(SinkAway, match="has not taken it within 1 s"):
            await sending

    assert was_over


async def test_nobody_else_is_believed_to_be_the_server(
    server: Rsyslog, authority: Authority, tmp_path: Path
) -> None:
    await server.start()

    with pytest.raises(SinkAway, match="CERTIFICATE_VERIFY_FAILED"):
        await sink_to(server.port, Authority(tmp_path / "stranger")).send(records())
    with pytest.raises(SinkAway, match="CERTIFICATE_VERIFY_FAILED"):
        await sink_to(server.port, authority, serverName="soc.example.com").send(records())
    assert server.messages() == []


async def test_a_server_that_is_not_there_is_away(authority: Authority) -> None:
    with pytest.raises(SinkAway, match="does not take it"):
        await sink_to(unused_port(), authority).send(records())
