"""Telling a person how far a long step is."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

Progress = Callable[[str], None]
"""Takes one line, without its end."""


class Terminal:
    """Writes lines to a stream; on a terminal, passing lines overwrite each other."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self.live = self._stream.isatty()
        self._passing = False

    def __call__(self, line: str) -> None:
        """Write a line that stays."""
        self._write(line + "\n")
        self._passing = False

    def passing(self, line: str) -> None:
        """Write a line that the next one replaces; only of use where `live` is true."""
        self._write(line)
        self._passing = True

    def _write(self, text: str) -> None:
        self._stream.write(("\r\x1b[2K" if self._passing else "") + text)
        self._stream.flush()


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self._started


class Ticker:
    """Repeats a changing line: live on a terminal, every 15 seconds elsewhere."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        live = isinstance(progress, Terminal) and progress.live
        self._say = progress.passing if isinstance(progress, Terminal) and live else progress
        self._every_s = 0.5 if live else 15.0
        self._watch = Stopwatch()
        self._last_s = 0.0

    def tick(self, line: str) -> None:
        """Show the line if it is time to; call it as often as there is news."""
        now_s = self._watch.seconds
        if now_s - self._last_s >= self._every_s:
            self._last_s = now_s
            self._say(f"{line}, {duration(now_s)}")


def duration(seconds: float) -> str:
    """Return a time span as people write it: `0.4 s`, `12 s`, `3 min 05 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
