"""Model servers as processes on the loopback."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from e2e.models import train

Serve = Callable[..., str]
"""Takes environment variables of a server, returns its URL when it answers."""

_REPOSITORY = Path(__file__).parents[2]


@contextlib.contextmanager
def serving(env: dict[str, str]) -> Iterator[str]:
    """Run a server with this environment; give its URL when it answers."""
    defaults = {
        "MODEL_DIR": str(train.ensure()),
        "MODEL_VERSION": "1",
        "HOST": "127.0.0.1",
        "PORT": "0",
        "DRAIN_SECONDS": "0",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "e2e.models.server"],
        cwd=_REPOSITORY,
        env={**os.environ, **defaults, **env},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        try:
            yield _address(process.stderr)
        finally:
            process.terminate()


def _address(stderr: IO[str]) -> str:
    said = stderr.readline()
    found = re.search(r"answers at \('(.+)', (\d+)\)", said)
    assert found, said + stderr.read()
    return f"http://{found[1]}:{found[2]}"
