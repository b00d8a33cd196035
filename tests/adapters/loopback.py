"""Small real servers on the loopback, and connections to them."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiohttp import web
from kubernetes.aio import client

from knowngood.adapters.kubernetes.api import Api
from knowngood.control.ports import Fence

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HOST = "127.0.0.1"


@contextlib.asynccontextmanager
async def answering(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server that answers every request by one function."""
    before = _open()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0, ssl_context=tls)
    await site.start()
    try:
        yield f"{'https' if tls else 'http'}://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        if tls:
            # It says goodbye in the background; what is still open then would be a warning in some later test.
            await until(lambda: _open() <= before)


@contextlib.asynccontextmanager
async def connected(
    configuration: client.Configuration, fence: Fence | None = None
) -> AsyncIterator[Api]:
    """An `Api` whose connections are given back in the end, all of them."""
    before = _open()
    pool = client.ApiClient(configuration)
    try:
        yield Api(pool, fence)
    finally:
        close: Any = pool.close  # the client ships no types for it
        await close()
        await until(lambda: _open() <= before)  # TLS says goodbye in the background


def _open() -> int:
    """Sockets that the running loop has open."""
    selector: Any = asyncio.get_running_loop()._selector  # type: ignore[attr-defined]  # noqa: SLF001  - nothing public tells
    return len(selector.get_map())


@contextlib.asynccontextmanager
async def api_of(handler: Handler, fence: Fence | None = None) -> AsyncIterator[Api]:
    """An `Api` to a server that answers by one function."""
    async with (
        answering(handler) as url,
        connected(client.Configuration(host=url), fence) as api,
    ):
        yield api


def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


async def until(holds: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for a condition; fail when it does not come."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  - what is waited for is in another process
            await asyncio.sleep(0.005)
