"""`/livez`, `/readyz` and `/metrics`."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from knowngood.telemetry.metrics import Metrics


def application(
    alive: Callable[[], str | None], ready: Callable[[], str | None], metrics: Callable[[], Metrics]
) -> web.Application:
    """Serve probes and metrics.

    Args:
        alive: Why the process should be restarted; None while it is well.
        ready: Why it is not ready; None while it is.
        metrics: Brings the metrics up to date and returns them.
    """

    async def livez(_: web.Request) -> web.Response:
        return _probe(alive())

    async def readyz(_: web.Request) -> web.Response:
        return _probe(ready())

    async def show(_: web.Request) -> web.Response:
        # With many models it takes long, and the Lease must not wait for it.
        body = await asyncio.to_thread(metrics().render)
        return web.Response(body=body, content_type="text/plain", charset="utf-8")

    app = web.Application()
    app.add_routes(
        [web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", show)]
    )
    return app


def _probe(problem: str | None) -> web.Response:
    return web.Response(status=503 if problem else 200, text=f"{problem or 'ok'}\n")
