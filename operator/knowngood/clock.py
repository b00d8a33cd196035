"""The only module that reads a clock. Everything else takes the time as a value or asks a `Clock`."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the shell gets the time from."""

    def now(self) -> datetime:
        """Wall-clock time, aware, UTC: for records and for anything that is compared with other machines."""
        ...

    def monotonic(self) -> float:
        """Seconds that only rise: for deadlines within this process."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Wall-clock time in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the one place

    def monotonic(self) -> float:
        """Seconds since some start."""
        return time.monotonic()
