"""The keyboard, while the demo draws on its terminal."""

import contextlib
import os
import sys
import termios
from collections.abc import Iterator
from typing import Final

_LOCAL: Final = 3  # index of the local modes in what tcgetattr returns


@contextlib.contextmanager
def silent_keys() -> Iterator[None]:
    """Let nothing that is typed appear, `^C` neither: it would shift and tear what is drawn."""
    keyboard = _keyboard()
    if keyboard is None:
        yield
        return
    before = termios.tcgetattr(keyboard)
    silent = termios.tcgetattr(keyboard)
    silent[_LOCAL] &= ~termios.ECHO
    termios.tcsetattr(keyboard, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        # Forget what was typed unseen: the shell would take it for a command.
        termios.tcsetattr(keyboard, termios.TCSAFLUSH, before)


def _keyboard() -> int | None:
    try:
        keyboard = sys.stdin.fileno()
        ours = os.tcgetpgrp(keyboard) == os.getpgrp()  # who sets it in the background is stopped
    except (OSError, ValueError):  # no terminal, or none at all
        return None
    return keyboard if ours else None
