"""Distances between two distributions, and what is left of them beyond chance.

Counts of N and M requests from one law differ too. What they differ by in the mean is taken off;
where only a bound of it is known, the bound is, so that no distance is reported that is not there.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import log, pi, sqrt

from knowngood.analysis.distribution.bins import Bins
from knowngood.analysis.distribution.merging import joined, merged
from knowngood.api.v1alpha1.statistics import Statistic

_SMOOTHED = 0.5
_RARE = 5  # requests of both sides together below which a bin is merged
_GAP_BY_CHANCE = pi * pi / 12  # the mean square of a Brownian bridge's largest value

Counts = Sequence[float]


def shares(counts: Counts, smoothed: float = 0.0) -> list[float]:
    """The part of each bin.

    Args:
        counts: Not all 0, unless smoothed.
        smoothed: Requests that are added to each bin.
    """
    total = sum(counts) + smoothed * len(counts)
    return [(count + smoothed) / total for count in counts]


def psi(a: Counts, b: Counts) -> float:
    """The population stability index, half a request added to each bin."""
    pairs = zip(shares(a, _SMOOTHED), shares(b, _SMOOTHED), strict=True)
    return sum((p - q) * log(p / q) for p, q in pairs)


def js(a: Counts, b: Counts) -> float:
    """The Jensen-Shannon divergence in nats, half a request added to each bin."""
    pairs = zip(shares(a, _SMOOTHED), shares(b, _SMOOTHED), strict=True)
    return sum(p * log(2 * p / (p + q)) + q * log(2 * q / (p + q)) for p, q in pairs) / 2


def gaps(a: Counts, b: Counts) -> list[float]:
    """Behind each bin but the last one, how far the cumulated shares are apart."""
    pairs = zip(accumulate(shares(a)), accumulate(shares(b)), strict=True)
    return [abs(above - below) for above, below in pairs][:-1]


def max_gap(a: Counts, b: Counts) -> float:
    """The largest gap between the cumulated shares."""
    return max(gaps(a, b))


def wasserstein(a: Counts, b: Counts, steps: Sequence[float]) -> float:
    """How far mass has moved in the mean, each request taken to be in the middle of its bin."""
    return sum(step * gap for step, gap in zip(steps, gaps(a, b), strict=True))


def measured(statistic: Statistic, a: Counts, b: Counts, bins: Bins) -> float:
    """The plain distance; bins that are almost empty on both sides are merged for PSI and JS."""
    if statistic is Statistic.MAX_GAP:
        return max_gap(a, b)
    if statistic is Statistic.WASSERSTEIN:
        return wasserstein(a, b, bins.steps)
    groups = _groups(a, b, bins)
    function = psi if statistic is Statistic.PSI else js
    return function(joined(a, groups), joined(b, groups))


def debiased(statistic: Statistic, a: Counts, b: Counts, bins: Bins) -> float:
    """The distance beyond what chance makes of one law, never below 0.

    Args:
        statistic: Which one.
        a: Independent requests of the judged side per bin, not all 0.
        b: Those that it is compared with, likewise.
        bins: What they mean.
    """
    distance, chance = measured(statistic, a, b, bins), 1 / sum(a) + 1 / sum(b)
    if statistic is Statistic.MAX_GAP:
        return sqrt(max(0.0, distance * distance - _GAP_BY_CHANCE * chance))
    if statistic is Statistic.WASSERSTEIN:
        scale = sum(a) + sum(b)
        together = accumulate((x + y) / scale for x, y in zip(a, b, strict=True))
        spreads = [sqrt(max(0.0, f * (1 - f))) for f in together][:-1]
        by_chance = sum(step * s for step, s in zip(bins.steps, spreads, strict=True))
        return sqrt(max(0.0, distance * distance - by_chance * by_chance * chance))
    by_chance = (len(_groups(a, b, bins)) - 1) * chance
    return max(0.0, distance - (by_chance if statistic is Statistic.PSI else by_chance / 8))


def _groups(a: Counts, b: Counts, bins: Bins) -> tuple[tuple[int, ...], ...]:
    both = [x + y for x, y in zip(a, b, strict=True)]
    return merged(both, _RARE, is_ordered=bins.is_ordered)
