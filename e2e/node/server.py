"""The node's own HTTPS port, as a kubelet has one: `kubectl logs`, and harm on demand."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from aiohttp import web

from e2e.node.network import NetworkError
from e2e.node.node import Node
from e2e.node.pod import Pod

_POLL_S = 0.2


async def _kill(pod: Pod, query: Mapping[str, str]) -> int:
    return pod.kill(excused=query.get("excused") == "true")


async def _pause(pod: Pod, _: Mapping[str, str]) -> int:
    return pod.pause()


async def _resume(pod: Pod, _: Mapping[str, str]) -> int:
    return pod.resume()


async def _cut_off(pod: Pod, _: Mapping[str, str]) -> int:
    return await pod.cut_off()


async def _reconnect(pod: Pod, _: Mapping[str, str]) -> int:
    return await pod.reconnect()


_HARMS: Mapping[str, Callable[[Pod, Mapping[str, str]], Awaitable[int]]] = {
    "kill": _kill,
    "pause": _pause,
    "resume": _resume,
    "cut-off": _cut_off,
    "reconnect": _reconnect,
}


class Server:
    """Serves clients whose certificate the cluster's authority has signed."""

    def __init__(self, node: Node, tls: ssl.SSLContext) -> None:
        self._node = node
        self._tls = tls
        self._app = web.Application()
        self._app.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/containerLogs/{namespace}/{pod}/{container}", self._logs),
                web.post("/{harm}/{namespace}/{pod}", self._harm),
            ]
        )

    async def start(self, address: str, port: int) -> None:
        """Begin to serve; this returns, the server stays."""
        runner = web.AppRunner(self._app)
        await runner.setup()
        await web.TCPSite(runner, address, port, ssl_context=self._tls).start()

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _harm(self, request: web.Request) -> web.Response:
        """Do something to a pod; answers with the number of its parts that it was done to."""
        pod = self._node.find(request.match_info["namespace"], request.match_info["pod"])
        harm = _HARMS.get(request.match_info["harm"])
        if pod is None or harm is None:
            raise web.HTTPNotFound(text="no such pod here")
        try:
            return web.json_response({"done": await harm(pod, request.query)})
        except NetworkError as error:
            raise web.HTTPConflict(text=str(error)) from error

    async def _logs(self, request: web.Request) -> web.StreamResponse:
        pod = self._node.find(request.match_info["namespace"], request.match_info["pod"])
        log = pod.log(request.match_info["container"]) if pod else None
        if pod is None or log is None or not log.exists():
            raise web.HTTPNotFound(text="no log here")
        reply = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await reply.prepare(request)
        position = _tail_start(log, int(request.query.get("tailLines", "-1")))
        follow = request.query.get("follow") == "true"
        while True:
            more = follow and pod.running()  # before the last look, so that nothing is missed
            chunk = _read(log, position)
            position += len(chunk)
            await reply.write(chunk)
            if not more:
                return reply
            await asyncio.sleep(_POLL_S)


def tls_settings(authority: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """Return settings of a server that lets in only who has a certificate of the authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority))
    context.load_cert_chain(str(certificate), str(key))
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _tail_start(log: Path, lines: int) -> int:
    if lines < 0:
        return 0
    content = log.read_bytes()
    wanted = content.splitlines(keepends=True)[-lines:] if lines else []
    return len(content) - sum(map(len, wanted))


def _read(log: Path, position: int) -> bytes:
    with log.open("rb") as stream:
        stream.seek(position)
        return stream.read()
