"""A port for whoever comes: few connections at a time, and none for long."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

MOST: Final = 64
LONGEST: Final = 15.0
"""Seconds that a connection may live, whatever it does: one request takes less."""


class _Full(asyncio.Protocol):
    """Closes at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


@asynccontextmanager
async def listening(
    app: web.Application,
    port: int,
    host: str | None = None,
    *,
    most: int = MOST,
    longest: float = LONGEST,
) -> AsyncIterator[int]:
    """Serve an application until the end of the context; yields the port.

    Args:
        app: What answers.
        port: 0 for any that is free.
        host: None for all addresses.
        most: Connections at a time; more are closed at once.
        longest: Seconds after which a connection is closed.
    """
    # What is unpacked by itself could be large, and is not what was signed.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, auto_decompress=False)
    await runner.setup()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        _bounded(runner, most, longest), host, port, reuse_address=True
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await runner.cleanup()


def _bounded(
    runner: web.AppRunner, most: int, longest: float
) -> Callable[[], asyncio.BaseProtocol]:
    loop, answering = asyncio.get_running_loop(), runner.server
    assert answering is not None  # noqa: S101 - the runner was set up just now

    def connection() -> asyncio.BaseProtocol:
        if len(answering.connections) >= most:
            return _Full()
        protocol = answering()
        # It is the only limit on headers that never end.
        loop.call_later(longest, protocol.force_close)
        return protocol

    return connection
