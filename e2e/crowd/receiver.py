"""A receiver of webhooks on this machine, which keeps what it was sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


class Receiver(ThreadingHTTPServer):
    """Takes everything.

    Attributes:
        messages: What has come, in order.
    """

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), _Handler)
        self.messages: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        """Where it answers."""
        host, port = cast("tuple[str, int]", self.server_address)
        return f"http://{host}:{port}/incidents"

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer as long as the block runs."""
        thread = threading.Thread(target=self.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        cast("Receiver", self.server).messages.append(json.loads(body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing: the test says what came."""
