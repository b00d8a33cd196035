"""The yardstick: a one-sided test of two proportions that is looked at once, at its planned end."""

from scipy.stats import norm


def samples(
    p: float, q: float, ratio: float, alpha: float, power: float = 0.8, *, pooled: bool = False
) -> float:
    """Requests of the canary that the test needs.

    Args:
        p: The canary's share.
        q: The stable version's share.
        ratio: Stable requests for each one of the canary.
        alpha: The probability of a false alarm.
        power: The probability that the difference is found.
        pooled: Whether the test takes its standard error from the pooled share, which is what it is
            without a difference; else from both shares, each by itself.
    """
    alone = p * (1 - p) + q * (1 - q) / ratio
    mean = (p + ratio * q) / (1 + ratio)
    under_null = mean * (1 - mean) * (1 + 1 / ratio) if pooled else alone
    needed = norm.isf(alpha) * under_null**0.5 + norm.isf(1 - power) * alone**0.5
    return float((needed / (p - q)) ** 2)
