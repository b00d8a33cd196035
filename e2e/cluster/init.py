"""The first process of a cluster's namespaces: it starts programs, and reaps.

It runs as process 1 of a PID namespace. When it ends, for whatever reason, the kernel kills every
other process in there, and the network namespace and the mounts vanish with the last of them. It
ends when its owner does: the control socket then reads as closed.

The owner sends one JSON object a line and gets one back:

    {"do": "start", "name": "etcd", "argv": [...], "env": {...}, "log": "/path"}   -> {"pid": 7}
    {"do": "signal", "name": "etcd", "signal": 15}                                 -> {}
    {"do": "status"}                         -> {"running": {"etcd": 7}, "ended": {"other": 1}}

An answer with "error" tells why a request was not carried out. Nothing is ever restarted.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any


class Init:
    """Children by name, and the loop that serves the owner."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._running: dict[str, int] = {}
        self._ended: dict[str, int] = {}

    def serve(self) -> None:
        """Answer requests and reap children until the owner is gone."""
        woken, wake = socket.socketpair()
        for end in (woken, wake):
            end.setblocking(False)  # noqa: FBT003 - a positional-only parameter
        signal.set_wakeup_fd(wake.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only the wake-up is of interest
        selector = selectors.DefaultSelector()
        selector.register(woken, selectors.EVENT_READ)
        selector.register(self._control, selectors.EVENT_READ)
        with self._control.makefile("rwb") as stream:
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if woken in ready:
                    woken.recv(4096)
                    self._reap()
                if self._control in ready:
                    line = stream.readline()
                    if not line:
                        return
                    stream.write(json.dumps(self._answer(json.loads(line))).encode() + b"\n")
                    stream.flush()

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            match request["do"]:
                case "start":
                    return {"pid": self._start(request)}
                case "signal":
                    os.kill(self._running[request["name"]], request["signal"])
                    return {}
                case _:
                    return {"running": self._running, "ended": self._ended}
        except (OSError, KeyError) as error:
            return {"error": f"{type(error).__name__}: {error}"}

    def _start(self, request: dict[str, Any]) -> int:
        with Path(request["log"]).open("ab") as log:
            child = subprocess.Popen(
                request["argv"],
                env=request["env"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._ended.pop(request["name"], None)
        self._running[request["name"]] = child.pid
        child.returncode = 0  # reaping is ours: Popen must neither wait for it nor warn
        return child.pid

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):  # none at all
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                for name in [n for n, p in self._running.items() if p == pid]:
                    del self._running[name]
                    self._ended[name] = os.waitstatus_to_exitcode(status)


def _mount(*args: str) -> None:
    subprocess.run(["mount", *args], check=True)


def prepare_mounts() -> None:
    """Give this mount namespace a /run of its own, to hold what pods need mounted."""
    _mount("--make-rprivate", "/")
    _mount("-t", "tmpfs", "-o", "mode=755", "knowngood", "/run")
    if not Path("/var/run").is_symlink():
        _mount("--bind", "/run", "/var/run")


def main() -> None:
    """Run as `python -m e2e.cluster.init FD`, FD being our end of the control socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    prepare_mounts()
    Init(control).serve()


if __name__ == "__main__":
    main()
