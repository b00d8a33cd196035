"""A proxy in front of the API server, which pods trust as if it was the API server itself."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final, Protocol, cast

import aiohttp
from aiohttp import web

from e2e.cluster import Doorway

_START_S: Final = 30
_LARGEST_BODY: Final = 1 << 24
_HOP: Final = {"host", "connection", "keep-alive", "transfer-encoding", "content-length"}
_WRITING: Final = {"POST", "PUT", "PATCH", "DELETE"}
_NO_LIMIT: Final = aiohttp.ClientTimeout(total=None)


@dataclass(frozen=True, slots=True)
class Call:
    """One request that writes, as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API server said to it."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Upstream(Protocol):
    """The API server, as the caller and as the administrator."""

    async def carry_out(self) -> Answer:
        """Let the API server do what is asked, in the caller's name."""
        ...

    async def version(self, path: str) -> str:
        """Return the resource version of an object; empty when there is none."""
        ...


class Gatekeeper(Protocol):
    """Decides what becomes of requests that write."""

    async def write(self, call: Call, upstream: Upstream) -> Answer | None:
        """Return the answer that the caller gets; None cuts its connection without one."""
        ...


@dataclass(frozen=True, slots=True)
class _Forwarding:
    """One request on its way."""

    client: aiohttp.ClientSession
    admin: aiohttp.ClientSession
    request: web.Request
    content: bytes

    async def carry_out(self) -> Answer:
        async with self._send() as reply:
            return Answer(reply.status, _kept(reply.headers), await reply.read())

    async def version(self, path: str) -> str:
        async with self.admin.get(path) as reply:
            if reply.status == web.HTTPNotFound.status_code:
                return ""
            reply.raise_for_status()
            return str((await reply.json())["metadata"]["resourceVersion"])

    async def stream(self) -> web.StreamResponse:
        """Pass an answer on while it comes: a watch has no end."""
        async with self._send() as reply:
            response = web.StreamResponse(status=reply.status, headers=_kept(reply.headers))
            await response.prepare(self.request)
            async for chunk in reply.content.iter_any():
                await response.write(chunk)
            return response

    @asynccontextmanager
    async def _send(self) -> AsyncIterator[aiohttp.ClientResponse]:
        asked = self.request
        async with self.client.request(
            asked.method,
            asked.raw_path,
            headers=_kept(asked.headers),
            data=self.content or None,
            timeout=_NO_LIMIT,
        ) as reply:
            yield reply


class Proxy:
    """Passes reads and watches through; asks a gatekeeper about each write.

    Attributes:
        host: Where it listens.
        port: Likewise.
    """

    def __init__(self, doorway: Doorway, gatekeeper: Gatekeeper) -> None:
        self.host = doorway.address
        self.port = 0
        self._doorway = doorway
        self._gatekeeper = gatekeeper
        self._deciding: set[asyncio.Future[Answer | None]] = set()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve in a thread of its own as long as the block runs."""
        ready, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
        thread = threading.Thread(target=loop.run_until_complete, args=(self._serve(ready, stop),))
        thread.start()
        try:
            assert ready.wait(_START_S), "the proxy does not listen"
            yield
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()

    async def _serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        door = self._doorway
        trust = ssl.create_default_context(cafile=str(door.authority))
        known = ssl.create_default_context(cafile=str(door.authority))
        known.load_cert_chain(door.admin.certificate, door.admin.key)
        shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        shown.load_cert_chain(door.server.certificate, door.server.key)
        async with _session(door.api_url, trust) as client, _session(door.api_url, known) as admin:

            async def handle(request: web.Request) -> web.StreamResponse:
                content = await request.read()
                return await self._pass_on(_Forwarding(client, admin, request, content))

            app = web.Application(client_max_size=_LARGEST_BODY)
            app.router.add_route("*", "/{path:.*}", handle)
            runner = web.AppRunner(
                app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
            )
            await runner.setup()
            await web.TCPSite(runner, self.host, 0, ssl_context=shown).start()
            self.port = cast("tuple[str, int]", runner.addresses[0])[1]
            ready.set()
            await stop.wait()
            await runner.cleanup()

    async def _pass_on(self, forwarding: _Forwarding) -> web.StreamResponse:
        request = forwarding.request
        if request.method not in _WRITING:
            return await forwarding.stream()
        call = Call(request.method, request.path, request.query, forwarding.content)
        # A caller that has gone away takes its connection with it, but not what it has asked for.
        deciding = asyncio.ensure_future(self._gatekeeper.write(call, forwarding))
        self._deciding.add(deciding)
        deciding.add_done_callback(self._deciding.discard)
        answer = await asyncio.shield(deciding)
        if answer is None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return web.Response(status=answer.status, headers=answer.headers, body=answer.content)


def _session(url: str, tls: ssl.SSLContext) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(ssl=tls, limit=0)
    return aiohttp.ClientSession(url, connector=connector, auto_decompress=False)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that are meant for the other end, and not for this connection."""
    return {name: value for name, value in headers.items() if name.lower() not in _HOP}
