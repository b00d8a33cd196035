"""A real Alertmanager, by default on the loopback, beside no other one."""

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.adapters.loopback import HOST, until, unused_port

_CONFIGURATION = """
route: {receiver: nobody, group_by: ['...']}
receivers: [{name: nobody}]
"""


@dataclass(slots=True)
class RealAlertmanager:
    """A server that can be ended and started again.

    Attributes:
        program: Where it is.
        folder: For what it keeps.
        host: Address of this machine that it listens on.
    """

    program: Path
    folder: Path
    host: str = HOST
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{self.host}:{self.port}"

    async def start(self) -> None:
        """Start it, and wait until it is ready."""
        self._launch()
        async with aiohttp.ClientSession() as session:
            found: list[int] = []
            while found[-1:] != [200]:
                await until(self._listens)
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{self.url}/-/ready") as answer:
                        found.append(answer.status)

    def _launch(self) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / "config.yaml").write_text(_CONFIGURATION)
        self.port = self.port or unused_port()
        options = [
            f"--config.file={self.folder}/config.yaml",
            f"--storage.path={self.folder}/data",
            f"--web.listen-address={self.host}:{self.port}",
            "--cluster.listen-address=",
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  - the program that the tests have built
                [self.program, *options], stdout=log, stderr=log
            )

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, and wait for that."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=20)
            self.process = None

    async def alerts(self) -> list[dict[str, Any]]:
        """What is active now."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/api/v2/alerts") as answer,
        ):
            found: list[dict[str, Any]] = await answer.json()
            return found

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        return "Listening on" in (self.folder / "log").read_text()


@contextlib.contextmanager
def ended(server: RealAlertmanager) -> Iterator[RealAlertmanager]:
    """A server that does not outlive the test."""
    try:
        yield server
    finally:
        server.end(signal.SIGKILL)
