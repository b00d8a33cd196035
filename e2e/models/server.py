"""One pod of the loan model: applications in, decisions out, and counters of both.

`python -m e2e.models.server` is its entry point; `Settings` lists the environment variables.

    POST /predict   an application as a JSON object -> {"approved", "score", "version"}
    GET  /healthz   200, and 503 once it is about to stop
    GET  /metrics   for Prometheus
    POST /fault     {"error_rate": 0.3, "at": Unix seconds}: orders faults. Only for callers that
                    reach the pod itself: a route should carry /predict and nothing else.
    POST /feed      {"driver_tenure": "months", "at": Unix seconds}: what the feed of features delivers from then
                    on, to this pod. The model was fitted on years, and goes on answering. With FEATURES_URL
                    a feature store says it, to all pods of all versions alike.

An ordered fault is an answer with status 500 and the header `X-Injected-Fault: 1`, counted like
any other answer; so a client can tell an error of the model from one of the way to it.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable

from aiohttp import hdrs, web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from e2e.models.clock import unix_seconds
from e2e.models.faults import BadFaultError, Fault, Faults
from e2e.models.features import BadRowError
from e2e.models.feed import BadFeedError, Delivery, Feed
from e2e.models.following import follow
from e2e.models.metrics import Metrics
from e2e.models.scoring import THRESHOLD, Model
from e2e.models.settings import Settings, SettingsError
from e2e.models.spread import Spread

VERSION_HEADER = "X-Model-Version"
TRIAL_HEADER = "X-Knowngood-Test"
FAULT_HEADER = "X-Injected-Fault"

# Gateways close idle connections after at most an hour; they must be the ones to do it, or a
# request may be on its way when the connection goes.
_KEEP_ALIVE_S = 3700.0
_SHUTDOWN_S = 2.0


class Server:
    """The handlers of one version."""

    def __init__(
        self, settings: Settings, model: Model, clock: Callable[[], float] = unix_seconds
    ) -> None:
        self._settings = settings
        self._version = settings.version
        self._model = model
        self._clock = clock
        self._faults = Faults(settings.error_rate, clock)
        self._feed = Feed(clock)
        self._metrics = Metrics(settings.model, settings.version)
        self._spread = Spread(settings.model, settings.version)
        if settings.features_url:
            self._metrics.registry.register(self._spread)
        self._draining = False

    def app(self) -> web.Application:
        """Return the routes."""
        app = web.Application()
        app.router.add_post("/predict", self._predict)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/metrics", self._read_metrics)
        app.router.add_post("/fault", self._fault)
        app.router.add_post("/feed", self._delivered)
        if self._settings.features_url:
            app.cleanup_ctx.append(self._following)
        return app

    def drain(self) -> None:
        """Say that we are not ready, and ask whoever still calls to let go of the connection."""
        self._draining = True

    async def _predict(self, request: web.Request) -> web.Response:
        started = time.perf_counter()
        # What people try is no decision on anybody, and must not be judged as one.
        counted = request.headers.get(TRIAL_HEADER) != "true"
        response = self._answer(await request.read(), counted=counted)
        response.headers[VERSION_HEADER] = self._version
        if self._draining:
            response.force_close()
        if counted:
            self._metrics.answered(response.status, time.perf_counter() - started)
        return response

    def _answer(self, body: bytes, *, counted: bool) -> web.Response:
        if self._faults.strikes():
            error = {"error": "a fault that was ordered", "version": self._version}
            return web.json_response(error, status=500, headers={FAULT_HEADER: "1"})
        try:
            numbers = self._model.numbers(json.loads(body), self._feed.tenure)
        except (BadRowError, ValueError) as error:
            return web.json_response({"error": str(error), "version": self._version}, status=400)
        score = self._model.probability(numbers)
        approved = score >= THRESHOLD
        if counted:
            self._metrics.decided(approved=approved)
            self._spread.add(numbers)
        return web.json_response(
            {"approved": approved, "score": round(score, 4), "version": self._version}
        )

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {"ready": not self._draining}, status=503 if self._draining else 200
        )

    async def _read_metrics(self, _request: web.Request) -> web.Response:
        body = generate_latest(self._metrics.registry)
        return web.Response(body=body, headers={hdrs.CONTENT_TYPE: CONTENT_TYPE_LATEST})

    async def _fault(self, request: web.Request) -> web.Response:
        try:
            fault = Fault.parse(json.loads(await request.read()), self._clock())
        except (BadFaultError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        self._faults.order(fault)
        return web.json_response({"error_rate": fault.error_rate, "at": fault.since})

    async def _delivered(self, request: web.Request) -> web.Response:
        try:
            delivery = Delivery.parse(json.loads(await request.read()), self._clock())
        except (BadFeedError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        self._feed.order(delivery)
        return web.json_response({"driver_tenure": delivery.tenure, "at": delivery.since})

    async def _following(self, _app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(follow(self._settings.features_url, self._feed, self._clock))
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def serve(settings: Settings) -> None:
    """Answer until SIGTERM or SIGINT, then drain."""
    server = Server(settings, Model.load(settings.directory, settings.kind, settings.preprocessing))
    runner = web.AppRunner(
        server.app(),
        access_log=None,
        keepalive_timeout=_KEEP_ALIVE_S,
        shutdown_timeout=_SHUTDOWN_S,
    )
    await runner.setup()
    await web.TCPSite(runner, settings.host, settings.port).start()
    sys.stderr.write(f"{settings.model} {settings.version} answers at {runner.addresses[0]}\n")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    server.drain()
    await asyncio.sleep(settings.drain_s)
    await runner.cleanup()


def main() -> int:
    """Run until told to stop."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # one row at a time: more threads only wait
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    asyncio.run(serve(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
