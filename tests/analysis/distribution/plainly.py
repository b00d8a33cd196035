"""The bets on distributions, written down as their formulae are, slowly: the oracle of the real ones."""

from collections.abc import Sequence
from math import exp, log

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from knowngood.analysis.distribution.bins import Bins, VectorBlock
from tests.analysis.plainly import starts

Law = npt.NDArray[np.float64]

SIZES = (0.04, 0.12, 0.4)


def sets(bins: Bins) -> list[list[int]]:
    every = list(range(len(bins)))
    single = [[k] for k in every]
    if not bins.is_ordered:
        others = [[i for i in every if i != k] for k in every] if len(bins) > 2 else []
        return single + others
    step = 1 if len(bins) <= 10 else 2 if len(bins) <= 20 else 3
    lower = [every[:k] for k in every[2::step]]
    upper = [every[k:] for k in every[1:-1:step]]
    return single + lower + upper


def moved(law: Law, into: Sequence[int], size: float) -> Law:
    """A part of all mass moves into a set, and lies there as the rest of the set does."""
    inside = np.zeros(len(law))
    inside[list(into)] = law[list(into)] / law[list(into)].sum()
    return (1 - size) * law + size * inside


def faded(
    counts: Sequence[Sequence[int]], ends: Sequence[float], half_life: float, least: float = 0.0
) -> Law:
    past, at = np.zeros(len(counts[0])), 0.0
    for vector, end in zip(counts, ends, strict=True):
        total = past.sum()
        kept = 0.5 ** ((end - at) / half_life)
        if total:
            kept = max(kept, min(1.0, least / total))
        past, at = past * kept + np.array(vector), end
    return past


def concurrent(
    blocks: Sequence[VectorBlock], bins: Bins, horizon: float, design_effect: float = 1.0
) -> float:
    """The evidence after all blocks: half of it of fixed moves, half of learned laws."""
    k, logs = len(bins), []
    for i, block in enumerate(blocks):
        past = blocks[:i]
        ends = [b.end for b in past]
        known = faded([b.stable for b in past] or [(0,) * k], ends or [0], 600.0, 20.0 * k)
        q = (known + 0.5) / (known.sum() + 0.5 * k)
        laws = [moved(q, into, size) for size in SIZES for into in sets(bins)]
        for half_life in (60.0, 600.0, 7200.0):
            seen = faded([b.canary for b in past] or [(0,) * k], ends or [0], half_life)
            seen = seen / design_effect
            laws.append((seen + 5 * k * q) / (seen.sum() + 5 * k))
        x, y = np.array(block.canary), np.array(block.stable)
        if known.sum() < 30 or not x.sum() or not y.sum():
            logs.append([0.0] * len(laws))
            continue
        mean = [(x.sum() * p + y.sum() * q) / (x.sum() + y.sum()) for p in laws]
        pairs = zip(laws, mean, strict=True)
        factors = [float(x @ np.log(p / r) + y @ np.log(q / r)) / design_effect for p, r in pairs]
        logs.append(factors)
    return _mixed(_started(blocks, np.array(logs), horizon))


def _started(blocks: Sequence[VectorBlock], logs: Law, horizon: float) -> list[float]:
    totals = [0.0] * logs.shape[1]
    for seconds, weight in starts(horizon, int(blocks[-1].end / 10) + 2):
        seen = [i for i, block in enumerate(blocks) if block.start >= seconds]
        if seen:
            for bet, product in enumerate(logs[seen].sum(axis=0)):
                totals[bet] += weight * exp(product)
    return totals


def _mixed(wealth: Sequence[float]) -> float:
    """The last three bets are learned."""
    return float(np.mean(wealth[:-3]) / 2 + np.mean(wealth[-3:]) / 2)


def divergence(p: Law, g: Law) -> float:
    some = p > 0
    return float((p[some] * np.log(p[some] / g[some])).sum())


def highest_share(share: float, samples: float, surprise: float) -> float:
    def excess(g: float) -> float:
        two = np.array([share, 1 - share]), np.array([g, 1 - g])
        return samples * divergence(*two) - surprise

    nearly_all = 1 - 1e-12
    if share >= nearly_all or excess(nearly_all) < 0:
        return 1.0
    return float(brentq(excess, max(share, 1e-15), nearly_all, xtol=1e-13))


def radius(bins: int, samples: float, surprise: float) -> float:
    free = bins - 1

    def excess(t: float) -> float:
        return t - free - free * log(t / free) - surprise

    return float(brentq(excess, free, 100 * free + 100 * surprise)) / samples


def remembered(
    blocks: Sequence[VectorBlock], counts: Sequence[int], bins: Bins, limit: float
) -> float:
    """The evidence against frozen counts after all blocks."""
    k, m = len(bins), sum(counts)
    sample = np.array(counts) / m
    every = sets(bins)
    highest = [highest_share(float(sample[s].sum()), m, log(len(every) / 0.005)) for s in every]
    within = radius(k, m, log(1 / 0.005))
    wealth = np.zeros(len(SIZES) * len(every) + 2)
    for i, block in enumerate(blocks):
        x = np.array(block.canary)
        if not x.sum():
            continue
        past = [b for b in blocks[:i] if sum(b.canary)]
        logs = [
            _beyond(size, most, int(x[inside].sum()), int(x.sum()))
            for size in SIZES
            for inside, most in zip(every, highest, strict=True)
        ]
        for half_life in (600.0, 7200.0):
            ends = [b.end for b in past]
            seen = faded([b.canary for b in past] or [(0,) * k], ends or [0], half_life)
            drawn = (np.array(counts) + 0.5) / (m + 0.5 * k)
            bet = (seen + 5 * k * drawn) / (seen.sum() + 5 * k)
            logs.append(_beyond_ball(bet, sample, within, x))
        minutes = min(1.0, (block.end - block.start) / 60)
        wealth = np.minimum(np.maximum(wealth, minutes) * np.exp(logs), 10_000 * limit)
    return float(np.mean(wealth[:-2]) / 2 + np.mean(wealth[-2:]) / 2)


def _beyond(size: float, most: float, inside: int, n: int) -> float:
    return inside * log(1 - size + size / most) + (n - inside) * log(1 - size)


def _beyond_ball(bet: Law, sample: Law, within: float, x: Law) -> float:
    if divergence(sample, bet) <= within:
        return 0.0
    weight = brentq(
        lambda w: divergence(sample, (1 - w) * bet + w * sample) - within, 0.0, 1 - 1e-12
    )
    nearest = (1 - weight) * bet + weight * sample
    return float(x @ np.log(bet / nearest))
