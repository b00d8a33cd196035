"""`knowngood notify test`: it comes there, or it is said what is wrong."""

import asyncio
import json
import ssl
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from e2e.cluster.certificates import Authority
from tests.adapters.loopback import HOST, answering, unused_port
from tests.cli.program import Ended, run

KEY = "r0-of-nobody"


def entry(url: str, folder: Path, authority: Authority) -> dict[str, object]:
    (folder / "key").write_text(KEY)
    tls = {"caFile": str(authority.own.certificate)}
    return {"url": url, "routingKeyFile": str(folder / "key"), "tls": tls}


def written(folder: Path, **receivers: object) -> Path:
    file = folder / "receivers.yaml"
    file.write_text(yaml.safe_dump(receivers))
    return file


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


async def tried(folder: Path, authority: Authority, status: int) -> tuple[Ended, list[bytes]]:
    """Run it against a server that gives an answer."""
    seen: list[bytes] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append(await request.read())
        return web.Response(status=status)

    server = authority.issue("server", "/CN=somebody", addresses=[f"IP:{HOST}"])
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(server.certificate, server.key)
    async with answering(handle, tls) as url:
        file = written(folder, oncall={"pagerDuty": entry(url, folder, authority)})
        words = "notify", "test", "oncall", "--config", str(file)
        return await asyncio.to_thread(run, *words), seen


async def test_a_test_message_comes_there(tmp_path: Path, authority: Authority) -> None:
    got, (body,) = await tried(tmp_path, authority, 202)

    assert (got.code, got.err) == (0, "")
    assert "receiver oncall has taken a test message" in got.out
    event = json.loads(body)
    assert (event["routing_key"], event["event_action"]) == (KEY, "trigger")
    assert "test of the receiver oncall" in event["payload"]["summary"]


@pytest.mark.parametrize("status", [400, 403])
async def test_what_the_receiver_answers_is_said_and_its_key_is_not(
    tmp_path: Path, authority: Authority, status: int
) -> None:
    got, seen = await tried(tmp_path, authority, status)

    assert got.code == 2
    assert f"receiver oncall has not taken it: https://{HOST}" in got.err
    assert f"answers HTTP {status}" in got.err
    assert KEY not in got.out + got.err
    assert len(seen) == 1


def test_what_is_wrong_is_said_exactly(tmp_path: Path, authority: Authority) -> None:
    nowhere = f"https://{HOST}:{unused_port()}"
    pager = {"pagerDuty": entry(nowhere, tmp_path, authority)}

    def said(name: str, **receivers: object) -> str:
        file = written(tmp_path, **receivers)
        got = run("notify", "test", name, "--config", str(file))
        assert (got.code, got.out) == (2, "")
        (line,) = got.err.splitlines()
        return line

    assert "does not answer: Connect" in said("oncall", oncall=pager)
    assert "there is no receiver on-call" in said("on-call", oncall=pager, chat=pager)
    assert "there are: chat, oncall" in said("on-call", oncall=pager, chat=pager)
    assert "receiver oncall: write exactly one of" in said("oncall", oncall={})
    (tmp_path / "key").unlink()
    assert "pagerDuty.routingKeyFile" in said("oncall", oncall=pager)
    nothing = run("notify", "test", "oncall")
    assert nothing.code == 2
    assert "exec deploy/knowngood -- knowngood notify test oncall" in nothing.err
