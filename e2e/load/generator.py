"""A load in a process of its own, so that a busy test does not stall it."""

import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from e2e.load.answer import Answer
from e2e.load.ledger import Ledger
from e2e.load.traffic import Traffic
from e2e.models import data

_ROOT: Final = Path(__file__).parents[2]
_GRACE_S: Final = 10.0


class LoadError(Exception):
    """The load ended by itself."""


class Load:
    """A running load; leaving the `with` block stops it. Its ledger stays readable."""

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self.ledger = Ledger()
        self._stopping = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "e2e.load.worker", traffic.encode()],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C at the terminal is for us, who stop it in order
        )
        self._reader = threading.Thread(target=self._read, name="load-ledger", daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, traffic: Traffic) -> Self:
        """Start sending; the rows are fetched first if they are absent.

        Raises:
            BuildError: the rows could not be fetched.
        """
        data.fetch()
        return cls(traffic)

    def check(self) -> None:
        """Do nothing while the load runs.

        Raises:
            LoadError: it ended by itself; what it said is on the standard error stream.
        """
        code = self._process.poll()
        if code is not None and not self._stopping:
            raise LoadError(f"the load ended by itself with code {code}")

    def stop(self) -> None:
        """Stop sending, and return when every request that is out has its answer in the ledger.

        Raises:
            LoadError: it had ended by itself before.
        """
        if self._stopping:
            return
        try:
            self.check()
        finally:
            self._stopping = True
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(self.traffic.timeout_s + _GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.ledger.add(Answer.decode(line))
