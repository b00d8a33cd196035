"""The counters of a hundred models in one small server: `python -m bench.containment.fleet_exporter`.

Nobody calls these models. Their counters rise with the clock as those of 60 requests a second
would, so that the operator really counts and tests what it reads.
"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from bench.containment.scenario import BASE_ERRORS, RATE, WEIGHT
from e2e.models.clock import unix_seconds

MODELS: Final = 100
REQUESTS: Final = "fleet_requests_total"
DECISIONS: Final = "fleet_predictions_total"
_PORT: Final = 8080
_BEGAN: Final = unix_seconds()


def name(index: int) -> str:
    """The name of a model."""
    return f"model-{index:03d}"


def render(seconds: float) -> str:
    """Write all counters as they are some seconds after the start."""
    lines = []
    for index in range(MODELS):
        for version, percent in (("1", 100 - WEIGHT), ("2", WEIGHT)):
            total = int(RATE * percent / 100 * seconds)
            bad = int(BASE_ERRORS * total)
            approved = (total - bad) // 2
            labels = f'model="{name(index)}",model_version="{version}"'
            lines += [
                f'{REQUESTS}{{{labels},code="200"}} {total - bad}',
                f'{REQUESTS}{{{labels},code="500"}} {bad}',
                f'{DECISIONS}{{{labels},outcome="approved"}} {approved}',
                f'{DECISIONS}{{{labels},outcome="rejected"}} {total - bad - approved}',
            ]
    return "\n".join([*lines, ""])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = render(unix_seconds() - _BEGAN).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing: a scrape each second is no news."""


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", _PORT), _Handler).serve_forever()  # noqa: S104 - in a pod's own namespace
