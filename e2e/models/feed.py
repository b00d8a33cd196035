"""What the feed of features delivers: it can change its units under a model that has not changed at all."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class BadFeedError(ValueError):
    """The wanted feed makes no sense."""


class Unit(StrEnum):
    """In what the driver's tenure comes."""

    YEARS = "years"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the feed delivers from some moment on.

    Attributes:
        tenure: Unit of the driver's tenure.
        since: From when on, in Unix seconds.
    """

    tenure: Unit
    since: float = 0.0

    @classmethod
    def parse(cls, wanted: Any, now: float) -> "Delivery":
        """Read `{"driver_tenure": "months", "at": 1767225600.0}`; without `at` it begins now.

        Raises:
            BadFeedError: it is anything else.
        """
        match wanted:
            case {"driver_tenure": str() as unit, **rest} if unit in [*Unit]:
                at = rest.pop("at", now)
                if not rest and isinstance(at, int | float) and math.isfinite(at):
                    return cls(Unit(unit), float(at))
        raise BadFeedError(
            'want {"driver_tenure": "years" or "months", "at": Unix seconds (default: now)}'
        )


class Feed:
    """Says answer by answer what was delivered; a new delivery takes over when its time has come."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._now = self._next = Delivery(Unit.YEARS)
        self._clock = clock

    def order(self, delivery: Delivery) -> None:
        """Let a delivery take over from the present one when its time comes."""
        self._now, self._next = self._current(), delivery

    @property
    def tenure(self) -> Unit:
        """The unit of what is delivered now."""
        return self._current().tenure

    def _current(self) -> Delivery:
        return self._next if self._clock() >= self._next.since else self._now
