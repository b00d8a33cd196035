"""The installed program, as a person or a pipeline calls it."""

import contextlib
import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from e2e.cluster.waiting import until
from knowngood.cli.main import main

PROGRAM = Path(sys.executable).with_name("knowngood")
DEADLINE = 60


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def environment(**more: str) -> dict[str, str]:
    """Nothing of this machine's: no kubeconfig, no colours, 80 columns."""
    kept = {"PATH": os.environ["PATH"], "NO_PROXY": "*", "HOME": "/nonexistent", "COLUMNS": "80"}
    return {**kept, **more}


def run(*words: str, program: Path = PROGRAM, **more: str) -> Ended:
    done = subprocess.run(  # noqa: S603  - the program in this checkout
        [program, *words],
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def call(*words: str) -> Ended:
    """Do what the program does, in this process: the same but for its start, which takes longer than all else.

    The client library has read KUBECONFIG when it was loaded: words that lead to a cluster have to name a kubeconfig.
    """
    out, err = _stream(), _stream()
    with (
        _environment(environment()),
        _arguments(PROGRAM.name, *words),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main()
    return Ended(code, _text(out), _text(err))


@contextlib.contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(wanted)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _arguments(*wanted: str) -> Iterator[None]:
    before, sys.argv = sys.argv, list(wanted)
    try:
        yield
    finally:
        sys.argv = before


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8")


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


class Running:
    """The program, while it runs; its lines are read as they come."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603  - the program in this checkout
            [PROGRAM, *words],
            env=environment(PYTHONUNBUFFERED="1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            threading.Thread(target=_read, args=(self.process.stdout, self.out)),
            threading.Thread(target=_read, args=(self.process.stderr, self.err)),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join()

    def says(self, words: str) -> None:
        """Wait until it has said something."""
        until(
            lambda: any(words in line for line in [*self.out, *self.err]),
            f"the program says {words!r}",
            deadline_s=DEADLINE,
            diagnose=lambda: "".join([*self.out, *self.err]),
        )

    def ends(self) -> Ended:
        """Wait until it has ended."""
        code = self.process.wait(timeout=DEADLINE)
        for reader in self._readers:
            reader.join()
        return Ended(code, "".join(self.out), "".join(self.err))


def _read(stream: IO[str] | None, lines: list[str]) -> None:
    assert stream is not None
    with stream:
        for line in stream:
            lines.append(line)  # noqa: PERF402  - each one is looked at as it comes
