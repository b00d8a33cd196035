"""How a gateway is asked: against real servers, one of which speaks TLS."""

import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from e2e.cluster.certificates import Authority
from knowngood.adapters.kubernetes.gateways.asking import Asking
from knowngood.adapters.kubernetes.gateways.manifests import Trial
from knowngood.adapters.kubernetes.gateways.receiver import ANSWERED_BY
from knowngood.adapters.kubernetes.gateways.target import Target
from tests.adapters.loopback import HOST

NONCE = "0123456789ab"
NAME = f"knowngood-{NONCE}.example.com"


class Listener:
    """What a listener of a gateway with one route was asked for."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[tuple[str, str]] = []
        self.names: list[str | None] = []
        self._tls = tls
        if tls is not None:
            tls.sni_callback = lambda _, name, __: self.names.append(name)

    @contextlib.asynccontextmanager
    async def open(self, status: int = 204, nonce: str = NONCE) -> AsyncIterator[Asking]:
        async def answer(request: web.Request) -> web.Response:
            self.asked.append((request.host, request.path))
            return web.Response(status=status, headers={ANSWERED_BY: nonce})

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, 0, ssl_context=self._tls).start()
            scheme = "https" if self._tls else "http"
            url = f"{scheme}://{HOST}:{runner.addresses[0][1]}"
            async with aiohttp.ClientSession() as session:
                yield Asking(session, Target(url, NAME), NONCE)
        finally:
            await runner.cleanup()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """Of a server whose certificate nobody here trusts."""
    directory: Path = tmp_path_factory.mktemp("authority")
    pair = Authority(directory).issue("server", "/CN=gateway", addresses=[f"DNS:{NAME}"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    return context


async def test_a_listener_with_tls_is_asked_by_the_name_of_its_route(tls: ssl.SSLContext) -> None:
    """A gateway chooses certificate and route by the name in the handshake, and the address is no name."""
    listener = Listener(tls)

    async with listener.open() as asking:
        assert await asking.ask(Trial.PLAIN) == ""

    assert listener.names == [NAME]
    assert [host for host, _ in listener.asked] == [NAME]


async def test_a_listener_without_tls_is_asked_likewise() -> None:
    listener = Listener()

    async with listener.open() as asking:
        assert await asking.until(Trial.PLAIN, lambda: True, 5) == ""

    assert [host for host, _ in listener.asked] == [NAME]


async def test_an_answer_of_somebody_else_is_none() -> None:
    async with Listener().open(status=404, nonce="another") as asking:
        assert await asking.ask(Trial.PLAIN) == "it answered 404"
