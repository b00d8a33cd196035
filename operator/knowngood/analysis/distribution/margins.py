"""How far the law behind a frozen sample may be from the sample.

All bounds are for finite samples. With c independent requests out of m in a set, the set's true
share g satisfies P(kl(c/m, g) >= t/m and c/m < g) <= exp(-t) (Chernoff). For all K bins together,
P(m KL(shares of the sample || g) >= t) <= exp(-t) (e t/(K-1))^(K-1) for t > K-1 (Agrawal, 2020).
"""

from collections.abc import Sequence
from math import log, sqrt

CONFIDENCE = 0.99
"""How sure it is that the sample's law lies within all of the margins."""

_HALVINGS = 34
_MOST_STEPS = 8
_NEAR_ENOUGH = 1e-3


def highest_share(share: float, samples: float, surprise: float) -> float:
    """The largest true share that a set may have.

    Args:
        share: That of the sample, from 0 to 1.
        samples: Independent requests of the sample.
        surprise: The logarithm of how improbable a sample is accepted.
    """
    low, high = share, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if (
            middle >= 1
        ):  # no number lies between: the share may be all but 1, and then 1 is the bound
            break
        if _divergence(share, middle) * samples < surprise:
            low = middle
        else:
            high = middle
    return high


def _divergence(p: float, g: float) -> float:
    inside = p * log(p / g) if p else 0.0
    return inside + ((1 - p) * log((1 - p) / (1 - g)) if p < 1 else 0.0)


def radius(bins: int, samples: float, surprise: float) -> float:
    """The largest divergence of a sample's shares from their true law, in nats.

    Args:
        bins: Their number, above 1.
        samples: Independent requests of the sample.
        surprise: The logarithm of how improbable a sample is accepted.
    """
    free = bins - 1.0
    low, high = free, 2 * free + 4 * surprise
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle - free - free * log(middle / free) < surprise:
            low = middle
        else:
            high = middle
    return high / samples


def furthest_harmless(
    bet: Sequence[float], sample: Sequence[float], within: float
) -> list[float] | None:
    """The law that is nearest to a bet p among all within a divergence of the sample s.

    It is a mixture (1-a) p + a s: the divergences KL(p||g) and KL(s||g) have gradients -p/g and
    -s/g. Each request's factor p/g then has an expectation of at most 1 under every law that is
    within the divergence, and also when a is a little too small: that is the mixture for a larger
    one. The divergence is convex in a, so each Newton step ends where a is too small, if anything.

    Args:
        bet: p, all above 0.
        sample: s.
        within: The divergence KL(s||g) that is harmless.

    Returns:
        None when the bet itself is harmless.
    """
    furthest, _ = _divergence_and_slope(bet, sample, 0.0)
    if furthest <= within:
        return None
    weight = 1 - sqrt(within / furthest)
    for _ in range(_MOST_STEPS):
        value, slope = _divergence_and_slope(bet, sample, weight)
        gap = value - within
        if 0 <= gap < _NEAR_ENOUGH * within:
            break
        weight = max(0.0, weight - gap / slope)
    return [p + weight * (s - p) for p, s in zip(bet, sample, strict=True)]


def _divergence_and_slope(
    bet: Sequence[float], sample: Sequence[float], weight: float
) -> tuple[float, float]:
    """KL(s||(1-a) p + a s), and how it changes with a."""
    value = slope = 0.0
    for p, s in zip(bet, sample, strict=True):
        if s:
            mixed = p + weight * (s - p)
            value += s * log(s / mixed)
            slope -= s * (s - p) / mixed
    return value, slope
