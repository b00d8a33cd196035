"""Where something begins to be enough."""

import math
from collections.abc import Callable

_MOST = 1e9
_HALVINGS = 30


def least(enough: Callable[[float], bool], low: float, high: float) -> float:
    """Where something that is not enough at `low`, and enough at `high`, begins to be."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def fewest(enough: Callable[[float], bool]) -> int | None:
    """The smallest whole number that is enough; None where a billion is not."""
    high = 1.0
    while not enough(high):
        high *= 2
        if high > _MOST:
            return None
    return math.ceil(least(enough, high / 2, high))
