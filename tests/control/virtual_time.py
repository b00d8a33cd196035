"""Virtual time, which begins in the tests at the same instant."""

from datetime import UTC, datetime

from knowngood.rehearsal import virtual_time
from knowngood.rehearsal.virtual_time import run

__all__ = ["EPOCH", "VirtualClock", "run"]

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)


class VirtualClock(virtual_time.VirtualClock):
    """The `Clock` of a program in the small world."""

    def __init__(self) -> None:
        super().__init__(EPOCH)
