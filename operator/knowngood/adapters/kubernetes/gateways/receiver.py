"""The two ends of a probe that are in this process: one that answers requests, and one that counts copies."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from knowngood.adapters.kubernetes.gateways.manifests import PREFIX

ANSWERED_BY: Final = "X-Knowngood-Probe"


@contextlib.asynccontextmanager
async def receiving(ports: tuple[int, int], nonce: str) -> AsyncIterator[Counter[str]]:
    """Listen, and yield how many copies came by trial; only requests of this probe are answered.

    Raises:
        OSError: A port is taken.
    """
    copies: Counter[str] = Counter()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=204, headers={ANSWERED_BY: nonce})

    async def count(request: web.Request) -> web.Response:
        copies[request.match_info["trial"]] += 1
        return web.Response(status=204)

    async with contextlib.AsyncExitStack() as stack:
        for port, handler in zip(ports, (answer, count), strict=True):
            app = web.Application()
            app.router.add_get(f"{PREFIX}/{nonce}/{{trial}}", handler)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, port=port, reuse_address=True).start()
        yield copies
