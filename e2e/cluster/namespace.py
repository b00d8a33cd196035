"""The private PID, network and mount namespaces of one cluster, seen from their owner."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from e2e.cluster.errors import NotPermittedError, StartError
from e2e.cluster.waiting import until

REPOSITORY = Path(__file__).parents[2]

_SEPARATE = ("unshare", "--net", "--pid", "--mount", "--fork", "--kill-child=SIGKILL")
_DIE_WITH_OWNER = ("setpriv", "--pdeathsig", "KILL")


class Namespace:
    """Starts and stops programs in the namespaces; closing it ends them all at once.

    Two ties make sure that nothing outlives the owner, also when it is killed: the kernel kills
    the outer process when the owner dies, and our init ends when its control socket closes.
    """

    def __init__(self, run_dir: Path) -> None:
        """Make the namespaces.

        Raises:
            NotPermittedError: the machine does not let us.
        """
        self._log_dir = run_dir / "log"
        self._log_dir.mkdir(parents=True, exist_ok=True)
        self._control, theirs = socket.socketpair()
        self._stream = self._control.makefile("rwb")
        self._lock = threading.Lock()
        self._started = threading.Event()
        self._ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        with theirs:
            threading.Thread(target=self._keep, args=(theirs,), daemon=True).start()
            self._started.wait()
        self._greet()

    @property
    def pid(self) -> int:
        """A process, in our own PID namespace, that is in the new network namespace."""
        assert self._process is not None
        return self._process.pid

    def _keep(self, theirs: socket.socket) -> None:
        """Be the parent: a parent's death is that of its thread, so this one stays to the end."""
        init = [sys.executable, "-m", "e2e.cluster.init", str(theirs.fileno())]
        try:
            with (self._log_dir / "init.log").open("ab") as log:
                self._process = subprocess.Popen(
                    [*_DIE_WITH_OWNER, *_SEPARATE, "--mount-proc", *init],
                    env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # a Ctrl-C at the prompt is for the owner alone
                )
        finally:
            self._started.set()
        self._process.wait()
        self._ended.set()

    def _greet(self) -> None:
        try:
            self._request({"do": "status"})
        except StartError as error:
            self.close()
            raise NotPermittedError(
                "cannot make the cluster's namespaces: this needs root, or the capabilities "
                f"CAP_SYS_ADMIN and CAP_NET_ADMIN, with setpriv and unshare of util-linux\n{error}"
            ) from error

    def start(self, name: str, argv: Sequence[str | Path], env: Mapping[str, str]) -> None:
        """Start a program under a name; its output goes to `<run>/log/<name>.log`."""
        self._request(
            {
                "do": "start",
                "name": name,
                "argv": [str(arg) for arg in argv],
                "env": {"PATH": os.environ["PATH"], "HOME": "/", **env},
                "log": str(self.log(name)),
            }
        )

    def stop(self, name: str, *, grace_s: float) -> None:
        """End a program: SIGTERM, and after the grace SIGKILL. Returns when it is gone."""
        self._request({"do": "signal", "name": name, "signal": signal.SIGTERM})
        try:
            until(lambda: self.exit_code(name) is not None, f"{name} stops", deadline_s=grace_s)
        except StartError:
            self._request({"do": "signal", "name": name, "signal": signal.SIGKILL})
            until(lambda: self.exit_code(name) is not None, f"{name} dies", deadline_s=10)

    def exit_code(self, name: str) -> int | None:
        """Return how a program ended (negative: by that signal), None while it runs."""
        ended = cast("dict[str, int]", self._request({"do": "status"})["ended"])
        return ended.get(name)

    def log(self, name: str) -> Path:
        """Return where the output of a program goes."""
        return self._log_dir / f"{name}.log"

    def tail(self, name: str, lines: int = 15) -> str:
        """Return the end of a program's output."""
        path = self.log(name)
        text = path.read_text(errors="replace") if path.exists() else ""
        return "\n".join([f"end of {path}:", *text.splitlines()[-lines:]])

    def close(self) -> None:
        """End everything in the namespaces and wait until it has ended."""
        with contextlib.suppress(OSError):  # closed before, or the other end is gone
            self._control.shutdown(socket.SHUT_RDWR)
        with self._lock, contextlib.suppress(OSError):
            self._stream.close()
            self._control.close()
        if self._process is not None and not self._ended.wait(timeout=5):
            self._process.kill()
            self._ended.wait(timeout=5)

    def _request(self, message: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            try:
                self._stream.write(json.dumps(message).encode() + b"\n")
                self._stream.flush()
                line = self._stream.readline()
            except (OSError, ValueError) as error:  # ValueError: closed by us
                raise StartError(f"the cluster is not running: {error}") from error
        if not line:
            raise StartError(f"the cluster has ended\n{self.tail('init')}")
        answer = cast("dict[str, Any]", json.loads(line))
        if "error" in answer:
            raise StartError(f"{message.get('do')} {message.get('name')}: {answer['error']}")
        return answer
