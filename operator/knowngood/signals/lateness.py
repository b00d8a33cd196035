"""Which seconds hold counts of which nobody knows well when they came about: their target was not read for long."""

from collections import defaultdict
from collections.abc import Set as AbstractSet

PROMPT = 30
"""Seconds between two samples of a counter, at most, for what came between them to be of about that time."""


class Lateness:
    """Notes the seconds, per version."""

    def __init__(self) -> None:
        self._seconds: dict[str, set[int]] = defaultdict(set)

    def note(self, version: str, second: int, gap: float) -> None:
        """What a counter gained in `gap` seconds was counted in a second."""
        if gap > PROMPT:
            self._seconds[version].add(second)

    def forget(self, before: float) -> None:
        """Drop the seconds before an instant."""
        for seconds in self._seconds.values():
            seconds.difference_update([second for second in seconds if second < before])

    def of(self, version: str) -> AbstractSet[int]:
        """The seconds that hold counts which came late."""
        return self._seconds[version]
