"""A manual review: it asks no model, and answers every request with the word that a person decides.

`python -m e2e.models.review` is its entry point. Environment: PORT. All paths are answered alike, with 200.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from e2e.cluster import Image

NAME: Final = "knowngood/loan-review"
"""Name of the image in the manifests, without its tag."""

SERVICE: Final = "loan-manual-review"
"""Name of its Service, and of its Deployment."""

HEADER: Final = "X-Decided-By"
"""Header of its answers; they name no version of a model."""

DECIDED_BY: Final = "manual-review"
DECISION: Final = {"decision": "a person decides"}

PORT: Final = 8080
_ROOT: Final = Path(__file__).parents[2]


def review() -> Image:
    """Return what the node runs for the image."""
    return Image((sys.executable, "-m", "e2e.models.review"), {"PYTHONPATH": str(_ROOT)})


def manifests(namespace: str, replicas: int = 1) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return its Deployment and its Service, as a user has them.

    Args:
        namespace: Where it is.
        replicas: Its pods.
    """
    meta, labels = {"name": SERVICE, "namespace": namespace}, {"app": SERVICE}
    probe = {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 1}
    container = {
        "name": "review",
        "image": f"{NAME}:dev",
        "ports": [{"name": "http", "containerPort": PORT}],
        "readinessProbe": {**probe, "timeoutSeconds": 5},
    }
    template = {
        "metadata": {"labels": labels},
        "spec": {"terminationGracePeriodSeconds": 1, "containers": [container]},
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta,
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": template,
        },
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta,
        "spec": {
            "selector": labels,
            "ports": [{"name": "http", "port": 80, "targetPort": PORT}],
        },
    }
    return deployment, service


class Handler(BaseHTTPRequestHandler):
    """Answers everybody alike."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        self._answer()

    def do_POST(self) -> None:
        """Take the application in, and answer."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer()

    def _answer(self) -> None:
        body = json.dumps(DECISION).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header(HEADER, DECIDED_BY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Serves many at once."""

    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    address = ("0.0.0.0", int(os.environ.get("PORT", str(PORT))))  # noqa: S104 - it is reached at the pod's address
    Server(address, Handler).serve_forever()
