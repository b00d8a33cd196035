"""How the demo leaves the terminal of somebody who presses Ctrl-C."""

import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

ROOT = Path(__file__).parents[2]
DRAWING = """
import signal
from rich.console import Console
from e2e.demo.narrator import Narrator
from e2e.demo.terminal import silent_keys
try:
    with silent_keys(), Narrator(Console(force_terminal=True)) as narrator:
        narrator.say("it draws")
        signal.pause()
except KeyboardInterrupt:
    print("ended")
"""


def read_until(terminal: int, text: bytes) -> bytes:
    got = b""
    while text not in got:
        got += os.read(terminal, 4096)
    return got


def test_ctrl_c_is_not_written_into_the_frame_and_keys_show_again_afterwards() -> None:
    ours, theirs = pty.openpty()
    try:
        drawing = subprocess.Popen(  # noqa: S603 - this very interpreter
            ["setsid", "--ctty", sys.executable, "-c", DRAWING],  # noqa: S607 - of util-linux
            cwd=ROOT,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        read_until(ours, b"no traffic yet")
        os.write(ours, b"\x03")
        said = read_until(ours, b"ended")
        assert drawing.wait(timeout=30) == 0
        assert b"^C" not in said
        assert termios.tcgetattr(theirs)[3] & termios.ECHO
    finally:
        os.close(ours)
        os.close(theirs)
