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


def log_stake(since: float, last: float, now: float, horizon: float) -> float:
    """The logarithm of what is put down after one outcome and before the next; -inf for nothing.

    Args:
        since: When the epoch began, unix seconds.
        last: When stakes were last put down; -inf for never.
        now: Up to when they are put down now.
        horizon: As in `started`.
    """
    stake = started(max(0.0, now - since), horizon) - started(last - since, horizon)
    return math.log(stake) if stake > 0 else -math.inf
