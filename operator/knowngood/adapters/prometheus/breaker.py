"""Whether a source is asked at all: one that does not answer is left in peace, and tried now and then."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

FAILURES: Final = 5
"""In a row, until a source is left in peace."""

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 10.0
LONGEST_WISH: Final = 60.0
"""Seconds that a source's own Retry-After is honoured for: a mistake in a proxy must not blind us for a day."""


class Admission(Enum):
    """What may be sent now."""

    ASK = auto()
    PROBE = auto()
    NOTHING = auto()


class Breaker:
    """Counts what went wrong, and pauses. Times are seconds of a clock that never goes back.

    After a pause a single small query is let through. When it is answered, queries follow; the first of them that
    fails brings the next, longer pause, and the first that is answered brings everything back to what it was. The
    probe is a query of our own: if it were one of the templates', one that always fails could keep all others out.

    Attributes:
        words: What went wrong last.
    """

    def __init__(self, jitter: Callable[[], float]) -> None:
        """Begin with a source that is well.

        Args:
            jitter: Draws from [0, 1). Operators of many clusters that lost the same source do not come back at once.
        """
        self.words = ""
        self._jitter = jitter
        self._failures = 0
        self._pauses = 0
        self._until: float | None = None
        self._probing = False

    @property
    def well(self) -> bool:
        """Whether the last thing that was heard of the source was an answer."""
        return self._failures == 0

    def admit(self, now: float) -> Admission:
        """Say what may be sent; who gets PROBE must call `probed` or `failed`."""
        if self._until is None:
            return Admission.ASK
        if self._probing or now < self._until:
            return Admission.NOTHING
        self._probing = True
        return Admission.PROBE

    def answered(self) -> None:
        """A query was answered: everything is as it was."""
        self._failures = self._pauses = 0
        self._until, self._probing = None, False

    def probed(self) -> None:
        """The probe was answered."""
        self._failures = FAILURES - 1
        self._until, self._probing = None, False

    def failed(
        self, now: float, words: str, *, wish: float | None = None, probe: bool = False
    ) -> None:
        """A query or a probe was not answered.

        Args:
            now: When that was known.
            words: What is told to those who may not ask meanwhile.
            wish: Seconds of peace that the source itself asks for.
            probe: Whether it was the probe.
        """
        self.words = words
        self._failures += 1
        paused = self._until is not None and not probe
        if probe:
            self._probing = False
        if wish is not None:
            self._pause(now, min(wish, LONGEST_WISH))
        elif self._failures >= FAILURES and not paused:
            self._pause(now, min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**self._pauses))
            self._pauses = min(self._pauses + 1, 16)

    def _pause(self, now: float, seconds: float) -> None:
        until = now + seconds * (1 + self._jitter() / 4)
        self._until = max(until, self._until or until)
