"""A proxy in front of the API server that writes down what was asked and how it was answered."""

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import aiohttp
import yaml
from aiohttp import web

_HOP: Final = {"host", "connection", "keep-alive", "transfer-encoding", "content-length"}
_PREFLIGHT_S: Final = 30


@dataclass(frozen=True)
class Request:
    """One request and the answer's status."""

    method: str
    path: str
    watch: bool
    status: int


@dataclass
class Recorder:
    """Passes requests on, with the caller's own credentials.

    Attributes:
        url: Where it listens; set once it does.
        requests: What was asked, in order.
    """

    upstream: str
    trust: ssl.SSLContext
    url: str = ""
    requests: list[Request] = field(default_factory=list)

    @classmethod
    @contextmanager
    def before(cls, kubeconfig: Path) -> Iterator[Self]:
        """Listen in front of the API server that a kubeconfig names."""
        access = yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]
        authority = base64.b64decode(access["certificate-authority-data"]).decode()
        recorder = cls(access["server"], ssl.create_default_context(cadata=authority))
        ready, stop, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()
        serving = threading.Thread(
            target=loop.run_until_complete, args=(recorder._serve(ready, stop),)
        )
        serving.start()
        try:
            assert ready.wait(_PREFLIGHT_S), "the recorder does not listen"
            yield recorder
        finally:
            loop.call_soon_threadsafe(stop.set)
            serving.join()
            loop.close()

    async def _serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        app = web.Application(client_max_size=1 << 24)
        runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        connector = aiohttp.TCPConnector(ssl=self.trust, limit=0)
        async with aiohttp.ClientSession(
            self.upstream, connector=connector, auto_decompress=False
        ) as client:

            async def handle(request: web.Request) -> web.StreamResponse:
                return await self._pass_on(client, request)

            app.router.add_route("*", "/{path:.*}", handle)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = "http://{}:{}".format(*runner.addresses[0][:2])
            ready.set()
            await stop.wait()
            await runner.cleanup()

    async def _pass_on(
        self, client: aiohttp.ClientSession, request: web.Request
    ) -> web.StreamResponse:
        sent = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        no_limit = aiohttp.ClientTimeout(total=None)
        async with client.request(
            request.method,
            request.raw_path,
            headers=sent,
            data=await request.read() or None,
            timeout=no_limit,
        ) as answer:
            watch = request.query.get("watch") in {"1", "true"}
            self.requests.append(Request(request.method, request.path, watch, answer.status))
            kept = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP}
            response = web.StreamResponse(status=answer.status, headers=kept)
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            return response

    def kubeconfig(self, path: Path, token: str) -> Path:
        """Write a kubeconfig that leads through here."""
        access = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "recorded",
            "contexts": [{"name": "recorded", "context": {"cluster": "here", "user": "account"}}],
            "clusters": [{"name": "here", "cluster": {"server": self.url}}],
            "users": [{"name": "account", "user": {"token": token}}],
        }
        path.write_text(yaml.safe_dump(access))
        return path
