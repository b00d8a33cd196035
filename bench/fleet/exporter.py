"""Publishes the counters of all models: `python -m bench.fleet.exporter PACE_FILE SCENARIO_JSON`.

Each sample carries the time at which a scrape would have read it by the bench's clock, and all of those come with one
real scrape that are due before the next. They are a little ahead of that clock, so that Prometheus has them when the
operator asks: who asks for an instant sees nothing of what comes after it.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Final

from bench.fleet.pace import FastClock, Pace
from bench.fleet.scenario import CELL, Scenario
from bench.fleet.streams import Counters, draw
from e2e.models.clock import unix_seconds

PREDICTIONS: Final = "fleet_predictions_total"
REQUESTS: Final = "fleet_requests_total"
AHEAD_S: Final = 4.0
"""Real seconds that samples are ahead of the bench's clock."""

_PORT: Final = 8080


def due(pace: Pace, real: float, last: float) -> Sequence[tuple[float, int]]:
    """Scrapes that are to be published: their times on the bench's clock, and how many came before since the start.

    Args:
        pace: Of the clock.
        real: Unix seconds now.
        last: Time of the last one that was published, on the bench's clock.
    """
    if not pace.has_begun:
        now = float(int(pace.at(real)))
        return [(now, 0)] if now > last else []
    ahead = int((pace.at(real + AHEAD_S) - pace.began) // CELL)
    first = max(0, int((last - pace.began) // CELL + 1))
    return [(pace.began + i * CELL, i) for i in range(first, ahead + 1)]


def render(
    streams: dict[str, dict[str, Counters]], scrapes: Sequence[tuple[float, int]]
) -> Iterator[str]:
    """Write all counters at some scrapes, as lines of Prometheus' text format."""
    for at, scrape in scrapes:
        stamp = f"{at * 1000:.0f}"
        for name, versions in streams.items():
            for version, counters in versions.items():
                total, approved, failed = counters.at(scrape)
                labels = f'model="{name}",model_version="{version}"'
                yield f'{PREDICTIONS}{{{labels},outcome="approved"}} {approved} {stamp}'
                yield f'{PREDICTIONS}{{{labels},outcome="rejected"}} {total - approved} {stamp}'
                yield f'{REQUESTS}{{{labels},code="200"}} {total - failed} {stamp}'
                yield f'{REQUESTS}{{{labels},code="500"}} {failed} {stamp}'


class _Page:
    def __init__(self, clock: FastClock, scenario: Scenario) -> None:
        self._clock = clock
        self._streams = {m.name: draw(scenario, m) for m in scenario.members}
        self._last = 0.0
        self._lock = Lock()

    def next(self) -> bytes:
        """What has become due since the last call."""
        with self._lock:
            scrapes = due(self._clock.pace, unix_seconds(), self._last)
            if scrapes:
                self._last = scrapes[-1][0]
            return "\n".join([*render(self._streams, scrapes), ""]).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    page: _Page

    def do_GET(self) -> None:
        # A probe must not take what a scrape is to have.
        body = self.page.next() if self.path == "/metrics" else b"ok\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing: a scrape each second is no news."""


if __name__ == "__main__":
    _Handler.page = _Page(FastClock(Path(sys.argv[1])), Scenario(**json.loads(sys.argv[2])))
    ThreadingHTTPServer(("0.0.0.0", _PORT), _Handler).serve_forever()  # noqa: S104 - in a pod's own namespace
