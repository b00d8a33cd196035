"""The program that the pods of these tests run: a small HTTP server that can be told to misbehave.

Usage: served_by_pods.py PORT [WORD ...]; the words are only echoed.
"""

import json
import os
import signal
import ssl
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from urllib.parse import parse_qs, urlsplit

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
health = {"ready": os.environ.get("START_UNREADY") is None, "live": True}


class Handler(BaseHTTPRequestHandler):
    """One method a path; every answer is JSON."""

    def do_GET(self) -> None:
        """Answer, or do as told."""
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        match url.path:
            case "/ready" | "/live":
                name = url.path[1:]
                self.reply(health[name], 200 if health[name] else 503)
            case "/set":
                health.update({name: value == "true" for name, value in asked.items()})
                self.reply(health)
            case "/exit":
                os._exit(int(asked["code"]))
            case "/read":
                file = Path(asked["path"])
                self.reply(file.read_text() if file.exists() else None)
            case "/write":
                Path(asked["path"]).write_text(asked["text"])
                self.reply(None)
            case "/api":
                self.reply(call_api(asked["path"])[0])
            case "/call":
                self.reply(call(asked["url"], asked["host"]))
            case _:
                self.reply({"env": dict(os.environ), "argv": sys.argv[1:], "pid": os.getpid()})

    def reply(self, body: object, status: int = 200) -> None:
        """Send JSON."""
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def call_api(path: str) -> tuple[int, str]:
    """Call the API server as a program in a pod does; return the HTTP status and the body."""
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    token = (ACCOUNT / "token").read_text()
    request = urllib.request.Request(
        f"https://{host}:{port}{path}", headers={"Authorization": f"Bearer {token}"}
    )
    context = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    try:
        with urllib.request.urlopen(request, context=context, timeout=5) as reply:  # noqa: S310 - as above
            return int(reply.status), reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""


def call(url: str, host: str) -> int:
    """Call a gateway for a host name; return the HTTP status."""
    request = urllib.request.Request(url, headers={"Host": host})  # noqa: S310 - a test says where
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:  # noqa: S310 - likewise
            return int(reply.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def unready_for(path: str) -> float | None:
    """Return for how many seconds a pod has been unready as the API server has it, if it is."""
    pod = json.loads(call_api(path)[1])
    ready = next(c for c in pod["status"]["conditions"] if c["type"] == "Ready")
    if ready["status"] == "True":
        return None
    since = datetime.fromisoformat(ready["lastTransitionTime"])
    return datetime.now(UTC).timestamp() - since.timestamp()  # noqa: TID251 - a pod's own clock


def terminate(_number: int, _frame: FrameType | None) -> None:
    """Say goodbye, or be stubborn."""
    path = os.environ.get("READ_ON_STOP")
    known = f", unready for {unready_for(path)} s" if path else ""
    sys.stdout.write(f"told to stop{known}\n")
    sys.stdout.flush()
    if "STUBBORN" not in os.environ:
        os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, terminate)
    sys.stdout.write("serving\n")
    sys.stdout.flush()
    ThreadingHTTPServer(("", int(sys.argv[1])), Handler).serve_forever()
