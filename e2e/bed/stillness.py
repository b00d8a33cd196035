"""For how long something has not changed."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Still(Generic[T]):
    """Watches one value.

    Attributes:
        last: As it was at the latest look.
    """

    def __init__(self, value: Callable[[], T]) -> None:
        self._value = value
        self.last = value()
        self._since = time.monotonic()

    def seconds(self) -> float:
        """Look once more, and return for how long the value has been what it is."""
        value, now = self._value(), time.monotonic()
        if value != self.last:
            self.last, self._since = value, now
        return now - self._since
