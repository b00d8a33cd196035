"""One pod that counts rows when it is told to.

`python -m e2e.replay.server` is its entry point. Environment: ROWS_DIR, MODEL_NAME, MODEL_VERSION, PORT.

    POST /play     {"rows": [0, 5000], "rate": 400, "labelled": true} -> 202, or 409 while it plays
    GET  /played   {"rows": 5000, "playing": false}
    GET  /healthz  200
    GET  /metrics  for Prometheus
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from e2e.replay.counting import Counted, deciles
from e2e.replay.rows import Decision, analysis, reference

_BEAT_S = 0.1


@dataclass(frozen=True, slots=True)
class Order:
    """What to play.

    Attributes:
        first: Index of the first row.
        end: Index behind the last one.
        rate: Rows per second.
        labelled: Whether it is told what became of the loans.
    """

    first: int
    end: int
    rate: float
    labelled: bool

    @classmethod
    def parse(cls, body: bytes, known: int) -> "Order":
        """Read an order.

        Raises:
            ValueError: It is none, or names rows that there are not.
        """
        said = json.loads(body)
        try:
            first, end = (int(row) for row in said["rows"])
            rate = float(said["rate"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"rows and rate are wanted: {error}") from error
        if not 0 <= first <= end <= known or rate <= 0:
            raise ValueError(f"rows must lie within 0 and {known}, and rate above 0")
        return cls(first, end, rate, bool(said.get("labelled", False)))


class Player:
    """Counts rows at a steady rate."""

    def __init__(self, rows: Sequence[Decision], counted: Counted) -> None:
        self._rows = rows
        self._counted = counted
        self._playing: asyncio.Task[None] | None = None
        self.played = 0

    @property
    def is_playing(self) -> bool:
        """Whether an order is not done yet."""
        return self._playing is not None and not self._playing.done()

    @property
    def known(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def play(self, order: Order) -> None:
        """Begin."""
        self._playing = asyncio.get_running_loop().create_task(self._play(order))

    async def _play(self, order: Order) -> None:
        loop, done = asyncio.get_running_loop(), 0
        began, wanted = loop.time(), order.end - order.first
        while done < wanted:
            await asyncio.sleep(_BEAT_S)
            due = min(wanted, int((loop.time() - began) * order.rate))
            for row in self._rows[order.first + done : order.first + due]:
                self._counted.add(row, labelled=order.labelled)
            self.played += due - done
            done = due


def app(player: Player, registry: CollectorRegistry) -> web.Application:
    """Return the routes."""

    async def play(request: web.Request) -> web.Response:
        if player.is_playing:
            return web.json_response({"error": "it plays"}, status=409)
        try:
            order = Order.parse(await request.read(), player.known)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        player.play(order)
        return web.json_response({}, status=202)

    async def played(_request: web.Request) -> web.Response:
        return web.json_response({"rows": player.played, "playing": player.is_playing})

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"ready": True})

    async def metrics(_request: web.Request) -> web.Response:
        body = generate_latest(registry)
        return web.Response(body=body, headers={hdrs.CONTENT_TYPE: CONTENT_TYPE_LATEST})

    made = web.Application()
    made.router.add_post("/play", play)
    made.router.add_get("/played", played)
    made.router.add_get("/healthz", healthz)
    made.router.add_get("/metrics", metrics)
    return made


async def serve(directory: Path, model: str, version: str, port: int) -> None:
    """Answer until SIGTERM or SIGINT."""
    known = reference(directory)
    words = sorted({word for decision in known for word in decision.words.items()})
    counted = Counted(model, version, deciles(known), words)
    registry = CollectorRegistry()
    registry.register(counted)
    runner = web.AppRunner(app(Player(analysis(directory), counted), registry), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", port).start()  # noqa: S104 - a pod is called at its own address
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await runner.cleanup()


def main() -> int:
    """Run until told to stop."""
    try:
        directory, version = Path(os.environ["ROWS_DIR"]), os.environ["MODEL_VERSION"]
    except KeyError as error:
        sys.stderr.write(f"set the environment variable {error.args[0]}\n")
        return 2
    model = os.environ.get("MODEL_NAME", "loan-approval")
    asyncio.run(serve(directory, model, version, int(os.environ.get("PORT", "8080"))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
