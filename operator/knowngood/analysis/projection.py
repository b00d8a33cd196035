"""The law that fits a bet best among all that are harmless: what makes a factor an e-value.

For one block, let the canary's answers be events with probability p and the stable version's with
q under the bet, and let a harmless pair be any (a, b) with a >= b - tolerance. With (a, b) the
harmless pair that is nearest to (p, q) in Kullback-Leibler divergence, the likelihood ratio of
(p, q) to (a, b) has an expectation of at most 1 under every harmless law, whatever the sizes of
the block.
"""

import math
from collections.abc import Sequence

_NEAR = 1e-6
_MOST_STEPS = 60
_QUICK_NEAR = 1e-8
_MOST_QUICK_STEPS = 5
_EDGE = 1e-4


def nearest_harmless(
    p: float, q: float, n_c: float, n_s: float, tolerance: float
) -> tuple[float, float]:
    """The pair (a, b), a = b - tolerance, that minimises n_c KL(p||a) + n_s KL(q||b).

    Args:
        p: The bet's probability for the canary, below `q - tolerance`.
        q: The stable version's probability.
        n_c: Requests of the canary, above 0; only what part of all they are matters.
        n_s: Requests of the stable version, above 0.
        tolerance: The difference that is harmless, as a fraction.
    """
    if not tolerance:
        mean = (n_c * p + n_s * q) / (n_c + n_s)
        return mean, mean
    return nearest_apart(p, q, n_c, n_s, tolerance)


def nearest_apart(p: float, q: float, n_c: float, n_s: float, gap: float) -> tuple[float, float]:
    """The pair (a, b) with a = b - gap that minimises n_c KL(p||a) + n_s KL(q||b).

    It is the nearest one of all pairs on the other side of that line, on whichever side the bet is.

    Args:
        p: The bet's probability for the canary, above 0 and below 1.
        q: The stable version's probability, likewise.
        n_c: Requests of the canary, above 0.
        n_s: Requests of the stable version, above 0.
        gap: By how much a is below b; from 0 up to below 1.
    """
    low, high = max(min(p + gap, q), gap), min(max(p + gap, q), 1.0)
    weight = n_c / (n_c + n_s)
    mean = q + weight * (p - q)  # the answer without a gap; from there along the line that leads on
    b = mean + weight * gap * (1 - (mean - p) * (1 - 2 * mean) / (mean * (1 - mean)))
    if not low < b < high:
        b = (low + high) / 2
    for _ in range(_MOST_STEPS):
        a = b - gap
        spread_a, spread_b = a * (1 - a), b * (1 - b)
        slope_a, slope_b = (a - p) / spread_a, (b - q) / spread_b
        slope = n_c * slope_a + n_s * slope_b
        if slope > 0:
            high = b
        else:
            low = b
        step = slope / (
            n_c * (1 - slope_a * (1 - 2 * a)) / spread_a
            + n_s * (1 - slope_b * (1 - 2 * b)) / spread_b
        )
        following = b - step
        if abs(step) < _NEAR * min(a, 1 - b):  # the next step would be about its square
            return following - gap, following
        following = following if low < following < high else (low + high) / 2
        if not low < following < high:  # no number lies between: the answer is next to 0 or 1
            break
        b = following
    return b - gap, b


def log_factor(p: float, q: float, counts: tuple[int, int, int, int], tolerance: float) -> float:
    """The logarithm of a block's factor for the bet that the canary has fallen to p.

    Args:
        p: The bet's probability for the canary.
        q: The stable version's probability.
        counts: x, n_c, y, n_s of the block.
        tolerance: The difference that is harmless, as a fraction.

    Returns:
        0 (no bet) when the bet itself is harmless, or one version answered nothing.
    """
    return log_factors([p], q, counts, tolerance)[0]


def log_factors(
    bets: Sequence[float], q: float, counts: tuple[int, int, int, int], tolerance: float
) -> list[float]:
    """`log_factor` for several bets on the same block, p by p."""
    x, n_c, y, n_s = counts
    if not n_c or not n_s:
        return [0.0] * len(bets)
    harmless, log = q - tolerance, math.log
    laws = iter(_laws([p for p in bets if p < harmless], q, n_c, n_s, tolerance))
    factors = []
    for p in bets:
        if p >= harmless:
            factors.append(0.0)
            continue
        a, b = next(laws)
        factors.append(  # `log_ratio`, written out: this runs more often than anything else here
            x * log(p / a)
            + (n_c - x) * log((1 - p) / (1 - a))
            + y * log(q / b)
            + (n_s - y) * log((1 - q) / (1 - b))
        )
    return factors


def _laws(
    bets: Sequence[float], q: float, n_c: int, n_s: int, gap: float
) -> list[tuple[float, float]]:
    """`nearest_harmless` for several harmful bets on the same block, p by p.

    The slope that `nearest_apart` brings to 0, times both spreads, is a cubic in b, and most of its
    coefficients are the same for every bet. Newton's method on it takes a third of the time, but no
    bounds hold it, and what lies next to 0 or 1 is lost in rounding: `nearest_apart` does those.
    """
    weight = n_c / (n_c + n_s)
    if not gap:
        return [(mean, mean) for mean in [q + weight * (p - q) for p in bets]]
    rest, both = 1 - weight, gap * (1 + gap)
    c_0 = rest * q * both
    c_1 = -rest * (both + q * (1 + 2 * gap)) - weight * gap
    c_2 = rest * (1 + 2 * gap + q) + weight * (1 + gap)
    laws = []
    for p in bets:
        e_1, e_2 = c_1 - weight * p, c_2 + weight * p
        b = q + weight * (p - q + gap)
        for _ in range(_MOST_QUICK_STEPS):
            slope = (2 * e_2 - 3 * b) * b + e_1
            step = (((e_2 - b) * b + e_1) * b + c_0) / (slope or 1.0)
            b -= step
            if -_QUICK_NEAR < step < _QUICK_NEAR:  # the next step would be about its square
                break
        else:
            b = 0.0
        a = b - gap
        near_an_edge = a < _EDGE or b > 1 - _EDGE
        laws.append(nearest_apart(p, q, n_c, n_s, gap) if near_an_edge else (a, b))
    return laws


def log_ratio(
    bet: tuple[float, float], law: tuple[float, float], counts: tuple[int, int, int, int]
) -> float:
    """The logarithm of how much likelier a block is under the bet than under a law.

    Args:
        bet: Probabilities of the canary and of the stable version.
        law: Likewise.
        counts: x, n_c, y, n_s of the block.
    """
    (p, q), (a, b), (x, n_c, y, n_s) = bet, law, counts
    return (
        x * math.log(p / a)
        + (n_c - x) * math.log((1 - p) / (1 - a))
        + y * math.log(q / b)
        + (n_s - y) * math.log((1 - q) / (1 - b))
    )
