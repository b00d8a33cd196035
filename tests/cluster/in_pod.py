"""A program for pods that calls the API server: `python in_pod.py METHOD PATH [BODY]`; the answer is its output."""

import os
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def call(method: str, path: str, body: str = "") -> None:
    """Print the status and each line of the answer as it comes."""
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    request = urllib.request.Request(
        f"https://{host}:{port}{path}",
        method=method,
        data=body.encode() or None,
        headers={
            "Authorization": f"Bearer {(ACCOUNT / 'token').read_text()}",
            "Content-Type": "application/json",
        },
    )
    context = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    try:
        with urllib.request.urlopen(request, context=context) as reply:  # noqa: S310  - likewise
            print(reply.status, flush=True)  # noqa: T201  - its output is what is asked for
            for line in reply:
                print(line.decode(), flush=True)  # noqa: T201  - likewise
    except urllib.error.HTTPError as error:
        print(error.code, flush=True)  # noqa: T201  - likewise


if __name__ == "__main__":
    call(*sys.argv[1:])
