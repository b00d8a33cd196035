"""What counters show that is no count: nothing can be said of requests that are counted so."""

from typing import NamedTuple

from knowngood.signals.lineage import Key
from knowngood.signals.series import Target
from knowngood.signals.sightings import Sightings

HEALED_AFTER = 90.0
"""Seconds in which a target must show nothing odd. Halves that are added up are whole every other time."""


class Oddity(NamedTuple):
    """A number that a target showed at an instant, unix seconds."""

    target: Target
    at: float
    value: float


class Oddities:
    """The newest sample of each series that is no count."""

    def __init__(self) -> None:
        self._newest: dict[Key, Oddity] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._newest

    def saw(self, key: Key, target: Target, at: float, value: float) -> None:
        """Take note of a sample that is no count, at an instant in unix seconds."""
        self._newest[key] = Oddity(target, at, value)

    def drop(self, key: Key) -> None:
        """Forget a series."""
        self._newest.pop(key, None)

    def problem(self, sightings: Sightings) -> str:
        """Whose series is odd, for people; empty when no target that is there has shown anything odd lately."""
        for key, (target, at, value) in self._newest.items():
            if target not in sightings:
                continue
            seen = sightings[target]
            if seen.present and at > seen.seen - HEALED_AFTER:
                name = dict(key[1]).get("__name__", "a series")
                return (
                    f"{name} of pod {target.pod} shows {value!r}, which is no count: only whole numbers "
                    "from 0 to 2^53 can be counted"
                )
        return ""
