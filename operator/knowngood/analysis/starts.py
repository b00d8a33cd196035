"""How the bets are spread over possible beginnings of the harm.

A test that only bets on harm from the first request goes blind in a healthy hour. So a part of the
stake is put down at the start and the rest in small parts later; all parts together are at most 1.
"""

import math

EVERY = 10
"""Seconds between two starts."""

_AT_ONCE = 0.7
_PLANNED = 0.25
_BEYOND = 0.05


def started(seconds: float, horizon: float) -> float:
    """The part of the stake that is put down within some seconds from the start.

    Args:
        seconds: Since the start; below 0 nothing is put down.
        horizon: The planned length of the rollout, in seconds; the stake for later never runs out.
    """
    if seconds < 0:
        return 0.0
    index = math.floor(seconds / EVERY)
    planned = max(1, math.ceil(horizon / EVERY))
    if index <= planned:
        return _AT_ONCE + _PLANNED * index / planned
    return _AT_ONCE + _PLANNED + _BEYOND * (1 - 1 / (index - planned + 1))
