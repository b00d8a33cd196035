"""A real rsyslog, by default on the loopback, which takes messages over TLS from those who show a certificate."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from e2e.cluster.certificates import Authority
from tests.adapters.loopback import HOST, until

_CONFIGURATION = """
global(workDirectory="{folder}" defaultNetstreamDriver="{driver}"
  defaultNetstreamDriverCAFile="{ca}" defaultNetstreamDriverCertFile="{cert}" defaultNetstreamDriverKeyFile="{key}")
module(load="imtcp" streamDriver.name="{driver}" streamDriver.mode="1" streamDriver.authMode="x509/certvalid")
template(name="parts" type="string" string="%syslogfacility-text%.%syslogseverity-text% \
%timereported:::date-rfc3339% %hostname% %app-name% %msgid%\\t%msg%\\n")
input(type="imtcp" address="{host}" port="{port}" listenPortFileName="{folder}/port")
action(type="omfile" file="{folder}/messages" template="parts")
"""


@dataclass(slots=True)
class Rsyslog:
    """A server that can be stopped, killed and started again.

    Attributes:
        installed: Where rsyslog was unpacked.
        folder: For what it keeps; another one begins with nothing.
        driver: What it does TLS with: ossl or gtls.
        authority: Whose certificates it believes.
        host: Address of this machine that it listens on.
        port: Of its own choice; it keeps that one when it is started again.
    """

    installed: Path
    folder: Path
    driver: str
    authority: Authority
    host: str = HOST
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start it, and wait until it listens."""
        pair = self.authority.issue("rsyslog", "/CN=rsyslog", addresses=[f"IP:{self.host}"])
        self.folder.mkdir(exist_ok=True)
        (self.folder / "port").unlink(missing_ok=True)
        text = _CONFIGURATION.format(
            folder=self.folder,
            driver=self.driver,
            ca=self.authority.own.certificate,
            cert=pair.certificate,
            key=pair.key,
            host=self.host,
            port=self.port,
        )
        (self.folder / "rsyslog.conf").write_text(text)
        self._launch()
        await until(self._listens)
        self.port = self.port or int((self.folder / "port").read_text())

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, and wait for that."""
        if self.process is not None:
            for one in (number, signal.SIGCONT):
                self.process.send_signal(one)
            self.process.wait(timeout=20)
            self.process = None

    def messages(self) -> list[tuple[str, str]]:
        """What it has written: header, as it has understood it, and message."""
        file = self.folder / "messages"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(header, text) for header, _, text in (one.partition("\t") for one in lines)]

    def _launch(self) -> None:
        (modules,) = self.installed.glob("usr/lib/*/rsyslog")
        options = ["-n", "-i", "NONE", "-f", f"{self.folder}/rsyslog.conf", "-M", f"{modules}"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  - the program that the tests have unpacked
                [self.installed / "usr/sbin/rsyslogd", *options],
                env={**os.environ, "LD_LIBRARY_PATH": str(modules.parent)},
                stdout=log,
                stderr=log,
            )

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        if self.port:  # it is told which one to take, and then does not tell
            with socket.socket() as probe:
                return probe.connect_ex((self.host, self.port)) == 0
        file = self.folder / "port"
        return file.exists() and file.read_text().strip().isdigit()


@contextlib.contextmanager
def ended(server: Rsyslog) -> Iterator[Rsyslog]:
    """A server that does not outlive the test."""
    try:
        yield server
    finally:
        server.end(signal.SIGKILL)
