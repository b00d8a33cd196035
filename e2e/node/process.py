"""One process of a container, with everything it starts."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path


class Process:
    """A process and its group."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, argv: Sequence[str], env: Mapping[str, str], log: Path) -> "Process":
        """Start it in a group of its own; its output is appended to the log."""
        with log.open("ab") as output:
            return cls(
                await asyncio.create_subprocess_exec(
                    *argv,
                    env=env,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            )

    async def ended(self) -> int:
        """Return its exit code once it has ended; 128 + n when signal n ended it."""
        code = await self._process.wait()
        self.send(signal.SIGKILL)  # what it started must not outlive it
        return code if code >= 0 else 128 - code

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the whole group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    async def stop(self, grace_s: float, hurry: asyncio.Event) -> None:
        """SIGTERM, then SIGKILL when the grace is over or somebody is in a hurry."""
        self.send(signal.SIGTERM)
        waits = [
            asyncio.create_task(self._process.wait()),
            asyncio.create_task(hurry.wait()),
        ]
        try:
            await asyncio.wait(waits, timeout=grace_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self.send(signal.SIGKILL)
        await self._process.wait()
