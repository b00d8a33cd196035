"""The counters of many models in one small server: `python -m e2e.crowd.exporter COUNT`.

They rise with the clock as those of models that answer 20 requests a second would. A POST to /break lets all of them
fail half of their answers from then on, as a feed does that all of them read.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from e2e.models.clock import unix_seconds

REQUESTS: Final = "crowd_requests_total"
PORT: Final = 8080
VERSION: Final = "1"
_RATE: Final = 20.0
_FAILS: Final = 0.5


def name(index: int) -> str:
    """The name of a model."""
    return f"model-{index:02d}"


def render(count: int, up_s: float, broken_s: float) -> str:
    """Write all counters.

    Args:
        count: Of models.
        up_s: Seconds since they began to answer.
        broken_s: Seconds since they fail.
    """
    total = int(_RATE * up_s)
    failed = min(total, int(_RATE * broken_s * _FAILS))
    lines = []
    for index in range(count):
        labels = f'model="{name(index)}",model_version="{VERSION}"'
        lines.append(f'{REQUESTS}{{{labels},code="200"}} {total - failed}')
        lines.append(f'{REQUESTS}{{{labels},code="500"}} {failed}')
    return "\n".join([*lines, ""])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    count = 0
    began = unix_seconds()
    broken: float | None = None

    def do_GET(self) -> None:
        now = unix_seconds()
        broken_s = 0.0 if _Handler.broken is None else now - _Handler.broken
        self._answer(render(self.count, now - self.began, broken_s).encode())

    def do_POST(self) -> None:
        _Handler.broken = unix_seconds()
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing: a scrape each second is no news."""


if __name__ == "__main__":
    _Handler.count = int(sys.argv[1])
    ThreadingHTTPServer(("0.0.0.0", PORT), _Handler).serve_forever()  # noqa: S104 - in a pod's own namespace
