"""Is a share beyond a fixed limit, surely enough and for long enough?

Looks are planned on the grid of seconds, not at ticks, so that they can be replayed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import NormalDist

from knowngood.analysis.holding import NEVER_LOOKED, HoldClock, Look
from knowngood.signals.cells import NOTHING, Column, Counts
from knowngood.signals.sightings import QUIET_INTERVALS, SHORTEST_SILENCE

_STANDARD = NormalDist()
_STEPS = 5  # distances between scrapes that their interval is estimated from


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """What is tested.

    Attributes:
        is_ceiling: Whether above the limit is bad; otherwise below it.
        limit: The limit: a share as a fraction, or a value.
        window: Seconds that are looked at; with `samples`, how old a request may be.
        hold: Seconds for which the limit must be crossed without a break.
        min_samples: Requests in the window before a look says anything.
        confidence: How sure it must be that the limit is crossed; None: the plain number is taken.
        samples: How many of the last requests are looked at; None: all in the window.
    """

    is_ceiling: bool
    limit: float
    window: float
    hold: float
    min_samples: int
    confidence: float | None
    samples: int | None = None

    def counts(self, column: Column[Counts], second: int) -> Counts:
        """What a look at the beginning of `second` sees; whole cells, so it may be a few requests more."""
        start = second - self.window
        if self.samples is None:
            return column.between(start, second)
        return latest(column, self.samples, start, second)

    def crossed_by(self, number: float) -> bool:
        """Whether a number is beyond the limit; the limit itself is not."""
        return number > self.limit if self.is_ceiling else number < self.limit

    def statistic(self, counts: Counts) -> float:
        """The number that is compared: the share's bound on the harmless side, or the plain share.

        Args:
            counts: With at least one request.
        """
        share = counts.events / counts.total
        if self.confidence is None:
            return share
        low, high = wilson(counts.events, counts.total, self.confidence)
        return low if self.is_ceiling else high


@dataclass(frozen=True, slots=True)
class ThresholdState:
    """The looks at one version.

    Attributes:
        until: Looks up to this second were taken.
        clock: How long the limit has been crossed.
        counts: What the last look saw in its window.
    """

    until: int
    clock: HoldClock = NEVER_LOOKED
    counts: Counts = NOTHING


def latest(column: Column[Counts], count: int, start: float, end: float) -> Counts:
    """The counts of the last cells that begin in [start, end), back to the one that makes `count` requests full."""
    low, high = column.index_of(start), column.index_of(end)
    if low >= high:
        return NOTHING
    while low < high - 1:
        middle = (low + high) // 2
        enough = column.between(column.seconds[middle], end).total >= count
        low, high = (middle, high) if enough else (low, middle)
    return column.between(column.seconds[low], end)


def wilson(events: float, total: float, confidence: float) -> tuple[float, float]:
    """Wilson's score bounds of a share; each of them holds with `confidence`.

    Args:
        events: From 0 to total.
        total: Above 0.
        confidence: One-sided, from .5 up to below 1.
    """
    z = _STANDARD.inv_cdf(confidence)
    share, spread = events / total, z * z / total
    middle = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def look(
    state: ThresholdState, rule: ThresholdRule, column: Column[Counts], until: int
) -> ThresholdState:
    """Take the planned looks up to a second whose cells are all settled.

    There is one each second. Those between two scrapes see the same, and are taken together: a new leader has a day of
    them to take.
    """
    clock, counts, second = state.clock, state.counts, state.until + 1
    while second <= until:
        end = column.index_of(second)
        silent_from = _silent_from(column, end)
        counts = rule.counts(column, second)
        is_blind = counts.total < max(1, rule.min_samples) or second >= silent_from
        changes = silent_from - 1 if silent_from > second else math.inf
        last = int(min(until, changes, _same_until(rule, column, second, end)))
        clock = clock.through(Look.BLIND if is_blind else _seen(rule, counts), second, last)
        second = last + 1
    return ThresholdState(max(state.until, until), clock, counts)


def _same_until(rule: ThresholdRule, column: Column[Counts], second: int, end: int) -> float:
    """The last look before which no cell comes into the window of the one at `second`, and none leaves it.

    Args:
        rule: What is tested.
        column: The version's cells.
        second: The look.
        end: The index of the first cell that it does not see.
    """
    seconds = column.seconds
    last = float(seconds[end]) if end < len(seconds) else math.inf
    oldest = column.index_of(second - rule.window)
    return min(last, math.floor(seconds[oldest] + rule.window)) if oldest < end else last


def _silent_from(column: Column[Counts], end: int) -> float:
    """The first look from which on nothing was scraped for too long, if no cell comes after those before `end`."""
    if not end:
        return -math.inf
    seconds = column.seconds[max(0, end - _STEPS - 1) : end]
    quiet = max(SHORTEST_SILENCE, QUIET_INTERVALS * _usual_step(seconds))
    return math.floor(seconds[-1] + 1 + quiet) + 1


def _seen(rule: ThresholdRule, counts: Counts) -> Look:
    return Look.CROSSED if rule.crossed_by(rule.statistic(counts)) else Look.CLEAR


def _usual_step(seconds: Sequence[int]) -> int:
    steps = sorted(later - earlier for earlier, later in pairwise(seconds))
    return steps[len(steps) // 2] if steps else 0
