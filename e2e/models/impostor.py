"""A pod that says of itself that it is another one: it counts errors and rejections in that one's name.

`python -m e2e.models.impostor` is its entry point. Environment: CLAIMED_NAMESPACE, CLAIMED_POD, MODEL_NAME,
MODEL_VERSION, PORT. It answers `GET /metrics`, and nothing else.
"""

import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from e2e.cluster import Image

NAME: Final = "knowngood/impostor"
"""Name of the image in the manifests, without its tag."""

PER_SECOND: Final = 200
"""How many errors, and how many rejections, it counts."""

_ROOT: Final = Path(__file__).parents[2]


def impostor() -> Image:
    """Return what the node runs for the image."""
    return Image((sys.executable, "-m", "e2e.models.impostor"), {"PYTHONPATH": str(_ROOT)})


def manifest(namespace: str, claimed: tuple[str, str], version: str) -> dict[str, object]:
    """A pod that is scraped, and claims to be another one.

    Args:
        namespace: Where it really is.
        claimed: Namespace and name that it exports as its own.
        version: That it exports.
    """
    said = {
        "CLAIMED_NAMESPACE": claimed[0],
        "CLAIMED_POD": claimed[1],
        "MODEL_NAME": "loan-approval",
        "MODEL_VERSION": version,
    }
    scrape = {"scrape": "true", "port": "8080", "path": "/metrics"}
    container = {
        "name": "impostor",
        "image": f"{NAME}:dev",
        "env": [{"name": name, "value": value} for name, value in said.items()],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "impostor",
            "namespace": namespace,
            "annotations": {f"prometheus.io/{key}": value for key, value in scrape.items()},
        },
        "spec": {"terminationGracePeriodSeconds": 1, "containers": [container]},
    }


class _Handler(BaseHTTPRequestHandler):
    began = time.monotonic()

    def do_GET(self) -> None:
        """Show the counters."""
        env, count = os.environ, int((time.monotonic() - self.began) * PER_SECOND)
        own = (
            f'namespace="{env["CLAIMED_NAMESPACE"]}",pod="{env["CLAIMED_POD"]}",'
            f'model="{env["MODEL_NAME"]}",model_version="{env["MODEL_VERSION"]}"'
        )
        body = (
            "# TYPE model_requests_total counter\n"
            f'model_requests_total{{{own},code="500"}} {count}\n'
            "# TYPE model_predictions_total counter\n"
            f'model_predictions_total{{{own},outcome="rejected"}} {count}\n'
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    address = ("0.0.0.0", int(os.environ.get("PORT", "8080")))  # noqa: S104 - it is scraped at its own address
    ThreadingHTTPServer(address, _Handler).serve_forever()
