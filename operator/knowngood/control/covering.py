"""For how long a signal of a version was seen, and how many requests it counted."""

from dataclasses import dataclass
from typing import Any

from knowngood.signals.cells import Column

LONGEST_GAP = 90
"""Seconds between two scrapes that count as seen: a longer gap is time in which nobody looked."""


@dataclass(slots=True)
class Cover:
    """An accumulator over the settled cells of one version.

    Attributes:
        of: The ledger that is looked at.
        seen: Seconds between scrapes that were not far apart.
        requests: Requests that were counted.
    """

    of: object
    seen: float = 0.0
    requests: int = 0
    _until: int = 0
    _last: int | None = None

    def add(self, column: Column[Any], settled_until: int) -> None:
        """Take in what is settled since the last call."""
        first, end = column.index_of(self._until), column.index_of(settled_until)
        for second in column.seconds[first:end]:
            if self._last is not None and second - self._last <= LONGEST_GAP:
                self.seen += second - self._last
            self._last = second
        self.requests += column.between(self._until, settled_until).total
        self._until = max(self._until, settled_until)
