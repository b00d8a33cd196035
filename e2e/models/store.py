"""The feature store that all versions of the loan model read, and the run of the job that fills it.

`python -m e2e.models.store` is the entry point of both:

    serve                            answers until SIGTERM; PORT is 8080 by default
    deliver --driver-tenure months   one run of the feed: leaves its delivery in the store at FEATURES_URL

    PUT  /delivery   {"driver_tenure": "years" or "months"}: takes the place of the delivery before
    GET  /delivery   the latest one, with "delivered": Unix seconds; 404 before the first one
    GET  /healthz    200

It holds one delivery, in memory: of all that a feed of features brings, the one thing that goes wrong in the demo.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

import requests
from aiohttp import web

from e2e.models.clock import unix_seconds
from e2e.models.feed import BadFeedError, Delivery, Unit

_TIMEOUT_S: Final = 10.0


class Store:
    """The latest delivery."""

    def __init__(self, clock: Callable[[], float] = unix_seconds) -> None:
        self._clock = clock
        self._latest: dict[str, Any] | None = None

    def app(self) -> web.Application:
        """Return the routes."""
        app = web.Application()
        app.router.add_put("/delivery", self._take)
        app.router.add_get("/delivery", self._give)
        app.router.add_get("/healthz", self._healthz)
        return app

    async def _take(self, request: web.Request) -> web.Response:
        try:
            delivery = Delivery.parse(json.loads(await request.read()), self._clock())
        except (BadFeedError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        self._latest = {"driver_tenure": delivery.tenure, "delivered": delivery.since}
        return web.json_response(self._latest)

    async def _give(self, _request: web.Request) -> web.Response:
        if self._latest is None:
            return web.json_response({"error": "nothing was delivered yet"}, status=404)
        return web.json_response(self._latest)

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"ready": True})


async def serve(host: str, port: int) -> None:
    """Answer until SIGTERM or SIGINT."""
    runner = web.AppRunner(Store().app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    sys.stderr.write(f"the feature store answers at {runner.addresses[0]}\n")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await runner.cleanup()


def deliver(url: str, unit: Unit) -> int:
    """Leave one delivery in a store; 1 if it did not take it."""
    try:
        reply = requests.put(url, json={"driver_tenure": unit}, timeout=_TIMEOUT_S)
        reply.raise_for_status()
    except requests.RequestException as error:
        sys.stderr.write(f"the store at {url} has not taken it: {error}\n")
        return 1
    sys.stderr.write(f"the driver's tenure is delivered in {unit}\n")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Be the store, or one run of its feed."""
    parser = argparse.ArgumentParser(prog="python -m e2e.models.store")
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("serve")
    run = what.add_parser("deliver")
    run.add_argument("--driver-tenure", type=Unit, choices=[*Unit], required=True)
    options = parser.parse_args(argv)
    if options.what == "deliver":
        url = os.environ.get("FEATURES_URL")
        if url is None:
            sys.stderr.write("set the environment variable FEATURES_URL\n")
            return 2
        return deliver(url, options.driver_tenure)
    host = os.environ.get("HOST", "0.0.0.0")  # noqa: S104 - a pod is called at its own address
    asyncio.run(serve(host, int(os.environ.get("PORT", "8080"))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
