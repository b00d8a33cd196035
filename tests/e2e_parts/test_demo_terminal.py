"""How the demo leaves the terminal of somebody who types while it draws."""

import os
import pty
import select
import subprocess
import sys
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DRAWING = """
import signal
from rich.console import Console
from e2e.demo.narrator import Narrator
from e2e.demo.terminal import silent_keys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started us with it ignored
signal.signal(signal.SIGTERM, signal.default_int_handler)
try:
    with silent_keys(), Narrator(Console(force_terminal=True)):
        signal.pause()
except KeyboardInterrupt:
    print("ended")
"""


@dataclass
class Drawing:
    """A screen on a terminal: `person` types and reads, `terminal` is what the screen has."""

    process: subprocess.Popen[bytes]
    person: int
    terminal: int

    def read_until(self, text: bytes) -> bytes:
        got = b""
        while text not in got:
            got += os.read(self.person, 4096)
        return got


@pytest.fixture
def drawing() -> Iterator[Drawing]:
    """Start drawing on a terminal of its own."""
    person, terminal = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - this very interpreter
        ["setsid", "--ctty", sys.executable, "-c", DRAWING],  # noqa: S607 - of util-linux
        cwd=ROOT,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    try:
        drawing = Drawing(process, person, terminal)
        drawing.read_until(b"no traffic yet")
        yield drawing
    finally:
        process.kill()
        process.wait()
        os.close(person)
        os.close(terminal)


def test_ctrl_c_is_not_written_into_the_frame_and_keys_show_again_afterwards(
    drawing: Drawing,
) -> None:
    os.write(drawing.person, b"\x03")
    said = drawing.read_until(b"ended")
    assert drawing.process.wait(timeout=30) == 0
    assert b"^C" not in said
    assert termios.tcgetattr(drawing.terminal)[3] & termios.ECHO


def test_what_was_typed_unseen_is_no_command_for_the_shell_afterwards(drawing: Drawing) -> None:
    os.write(drawing.person, b"unseen\n")
    assert select.select([drawing.terminal], [], [], 30)[0]  # it has been typed
    drawing.process.terminate()
    said = drawing.read_until(b"ended")
    assert drawing.process.wait(timeout=30) == 0
    assert b"unseen" not in said
    assert select.select([drawing.terminal], [], [], 0)[0] == []
