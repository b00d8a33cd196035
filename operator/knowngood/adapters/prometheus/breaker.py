"""Whether a source is asked at all: one that does not answer is left in peace, and tried now and then."""

import math
from collections.abc import Callable
from typing import Final

FAILURES: Final = 5
"""In a row: of one query, until it is not sent for a while; of whatever queries, until their source is in doubt."""

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 10.0
LONGEST_WISH: Final = 60.0
"""Seconds that a source's own Retry-After is honoured for: a mistake in a proxy must not blind us for a day."""

REMEMBERED: Final = 600.0
"""Seconds that the failures of a query are remembered: it may be one that nobody asks any more."""


class Breaker:
    """Counts what went wrong, and pauses. Times are seconds of a clock that never goes back.

    A query that fails says nothing of the others: it may be too heavy, while its source is well. So each is counted and
    paused on its own, and whether the source is away is found out by a single small query of our own. It is sent first
    when several queries in a row were not answered, whichever they were, or when one was told to come later; only when
    it is not answered either, all are kept out, until it is. Where nothing but the small query is answered, each of the
    others is sent every ten seconds.

    Attributes:
        words: What went wrong last.
        well: Whether the last query was answered.
        in_doubt: Whether the small query is to be sent before any other, and `probed` or `probe_failed` called.
    """

    def __init__(self, jitter: Callable[[], float]) -> None:
        """Begin with a source that is well.

        Args:
            jitter: Draws from [0, 1). Operators of many clusters that lost the same source do not come back at once.
        """
        self._jitter = jitter
        self.words = ""
        self.renewed()

    def renewed(self) -> None:
        """Begin anew: what was heard says nothing any more."""
        self.well, self.in_doubt = True, False
        self._failures = 0
        self._source, self._queries = _Pause(1), dict[str, _Pause]()

    def refusal(self, query: str, now: float) -> str:
        """Say why a query may not be sent now, in the words of the failure; empty when it may."""
        own = self._queries.get(query)
        paused = (one for one in (self._source, own) if one is not None and now < one.until)
        return next((one.words for one in paused), "")

    def answered(self, query: str) -> None:
        """A query was answered: its source is well."""
        self.well, self.in_doubt = True, False
        self._failures, self._source = 0, _Pause(1)
        self._queries.pop(query, None)

    def failed(self, query: str, now: float, words: str, wish: float | None = None) -> None:
        """A query was not answered.

        Args:
            query: Which one.
            now: When that was known.
            words: What is told to those who may not ask meanwhile.
            wish: Seconds of peace that the source itself asks for.
        """
        self.words, self.well = words, False
        self._failures += 1
        self.in_doubt = self.in_doubt or self._failures >= FAILURES or wish is not None
        if wish is None and now < self._source.until:
            return  # sent before the source was given up: that says nothing of the query
        before = now - REMEMBERED
        self._queries = {text: one for text, one in self._queries.items() if one.last > before}
        own = self._queries.setdefault(query, _Pause(FAILURES))
        own.failed(now, words, wish, self._jitter())

    def probed(self) -> None:
        """The small query was answered: what is not answered then is not for the source's sake."""
        self.in_doubt = False
        self._failures = 0

    def probe_failed(self, now: float, words: str, wish: float | None = None) -> None:
        """The small query was not answered either; arguments are those of `failed`."""
        self.words, self.well = words, False
        self._source.failed(now, words, wish, self._jitter())


class _Pause:
    """Failures in a row, and how long they keep their cause out."""

    def __init__(self, patience: int) -> None:
        self.until = self.last = -math.inf
        self.words = ""
        self._failures_left = patience
        self._pauses = 0

    def failed(self, now: float, words: str, wish: float | None, jitter: float) -> None:
        """Begin the next, longer pause when patience is over; what was sent before a pause makes it no longer."""
        self.words, self.last = words, now
        self._failures_left -= 1
        seconds = 0.0
        if self._failures_left <= 0 and now >= self.until:
            seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**self._pauses)
            self._pauses = min(self._pauses + 1, 16)
        seconds = max(seconds, min(wish or 0.0, LONGEST_WISH))
        self.until = max(self.until, now + seconds * (1 + jitter / 4))
