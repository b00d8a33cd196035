"""What was seen and what is remembered of it, summed: since a change began, or over a window."""

from typing import NamedTuple

_PARTS = 32  # a window is kept in this many parts; its old edge is exact to one of them


class Tally(NamedTuple):
    """Sums over pairs of what was seen and what is remembered.

    Attributes:
        events: Events that were seen.
        total: Requests.
        reference_events: Events of the past; for a baseline, as many as it lets expect.
        reference_total: Requests of the past; for a baseline, the same as `total`.
        weighted: Sum of differences, each with its weight.
        weight: Sum of the weights, as of Mantel and Haenszel.
    """

    events: int = 0
    total: int = 0
    reference_events: float = 0.0
    reference_total: int = 0
    weighted: float = 0.0
    weight: float = 0.0

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            self.events + other.events,
            self.total + other.total,
            self.reference_events + other.reference_events,
            self.reference_total + other.reference_total,
            self.weighted + other.weighted,
            self.weight + other.weight,
        )

    @property
    def difference(self) -> float | None:
        """How much higher the share is than what is remembered; None when nothing is compared."""
        return self.weighted / self.weight if self.weight else None

    def bad(self, *, falls: bool) -> int:
        """How many answers are bad ones, where a fall of events is bad or a rise."""
        return self.total - self.events if falls else self.events

    def harm(self, *, falls: bool) -> float:
        """How large the change is in the bad direction; 0 when nothing is compared."""
        difference = self.difference or 0.0
        return -difference if falls else difference


NO_TALLY = Tally()


def pair(events: int, total: int, reference_events: float, reference_total: int) -> Tally:
    """The tally of one pair; without requests in either, it compares nothing."""
    n = max(1, total + reference_total)
    weighted = (events * reference_total - reference_events * total) / n
    weight = total * reference_total / n
    return Tally(events, total, reference_events, reference_total, weighted, weight)


class TallyWindow(NamedTuple):
    """The sums over the last `over` seconds."""

    over: float
    parts: tuple[tuple[int, Tally], ...] = ()

    def as_of(self, instant: float) -> "TallyWindow":
        """Without the parts that are too old by then."""
        newest = self._part(instant)
        kept = tuple(part for part in self.parts if part[0] > newest - _PARTS)
        return TallyWindow(self.over, kept)

    def plus(self, tally: Tally, end: float) -> "TallyWindow":
        """With one more tally, and without the parts that are too old by its end."""
        newest, kept = self._part(end), self.as_of(end).parts
        if kept and kept[-1][0] == newest:
            return TallyWindow(self.over, (*kept[:-1], (newest, kept[-1][1].plus(tally))))
        return TallyWindow(self.over, (*kept, (newest, tally)))

    def _part(self, instant: float) -> int:
        return int(instant // (self.over / _PARTS))

    @property
    def sums(self) -> Tally:
        """All of it, as of the last tally."""
        sums = NO_TALLY
        for _, part in self.parts:
            sums = sums.plus(part)
        return sums
