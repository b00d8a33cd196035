"""A clock that lags behind the real one and catches up: a day in some minutes.

Only the time of day runs faster. Deadlines within a process, and with them the Lease, keep real time. How fast it runs
may change: where the machine has little time for the operator, the day takes longer.
"""

import json
import time
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import zip_longest
from operator import attrgetter
from pathlib import Path
from typing import Final

from e2e.models.clock import unix_seconds

_LOOK_S: Final = 0.2

SOON_S: Final = 1.5
"""Real seconds that everybody has to hear of a change."""


@dataclass(frozen=True, slots=True)
class Mark:
    """From a moment on, in real unix seconds, the clock runs so many times faster."""

    real: float
    factor: float


@dataclass(frozen=True, slots=True)
class Pace:
    """What time it is on the bench's clock.

    Attributes:
        lag: Seconds that it is behind the real one at the first mark; before that it runs as that one does.
        marks: When it changed, ascending; it never runs slower than the real one.
    """

    lag: float
    marks: tuple[Mark, ...] = ()

    def at(self, real: float) -> float:
        """The bench's unix seconds at a moment of real ones."""
        ahead = 0.0
        for mark, following in zip_longest(self.marks, self.marks[1:]):
            end = real if following is None else min(real, following.real)
            ahead += max(0.0, end - mark.real) * (mark.factor - 1)
        return real - self.lag + ahead

    @property
    def has_begun(self) -> bool:
        """Whether it is known when the traffic begins: with the first mark."""
        return bool(self.marks)

    @property
    def began(self) -> float:
        """The bench's unix seconds at which the traffic begins.

        Raises:
            ValueError: Nobody knows yet.
        """
        if not self.marks:
            raise ValueError("the clock does not run faster yet")
        return self.marks[0].real - self.lag

    def changed(self, real: float, factor: float) -> "Pace":
        """The same, and from a moment on so many times faster; a change that was to come later does not come."""
        before = self.marks[: bisect_right(self.marks, real, key=attrgetter("real"))]
        return replace(self, marks=(*before, Mark(real, factor)))


def write(pace: Pace, path: Path) -> None:
    """Put it where other processes read it, as a whole."""
    fresh = path.with_suffix(".new")
    body = {"lag": pace.lag, "marks": [[mark.real, mark.factor] for mark in pace.marks]}
    fresh.write_text(json.dumps(body), encoding="utf-8")
    fresh.replace(path)


def read(path: Path) -> Pace:
    """Read it."""
    body = json.loads(path.read_text(encoding="utf-8"))
    return Pace(body["lag"], tuple(Mark(*mark) for mark in body["marks"]))


class FastClock:
    """The operator's clock, as a file tells."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pace = read(path)
        self._look_at = 0.0

    def now(self) -> datetime:
        """The bench's time of day, UTC."""
        return datetime.fromtimestamp(self.pace.at(unix_seconds()), UTC)

    def monotonic(self) -> float:
        """Real seconds."""
        return time.monotonic()

    @property
    def pace(self) -> Pace:
        """How it runs."""
        if self.monotonic() >= self._look_at:
            self._pace = read(self._path)
            self._look_at = self.monotonic() + _LOOK_S
        return self._pace
