"""The chi-squared distribution, without a library."""

from math import exp, lgamma, log

_STEPS = 60
_TINY = 1e-300
_PRECISION = 1e-14


def chi2_survival(x: float, df: float) -> float:
    """The probability that a chi-squared variable with df degrees of freedom exceeds x."""
    a, half = df / 2, x / 2
    if half <= 0:
        return 1.0
    scale = exp(a * log(half) - half - lgamma(a))
    return 1 - scale * _series(a, half) if half < a + 1 else scale * _fraction(a, half)


def _series(a: float, x: float) -> float:
    """The lower incomplete gamma function by its power series, up to a scale."""
    term = total = 1 / a
    n = a
    while term > total * _PRECISION:
        n += 1
        term *= x / n
        total += term
    return total


def _fraction(a: float, x: float) -> float:
    """The upper one by its continued fraction (Lentz)."""
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    value = d
    for k in range(1, 10_000):
        step = -k * (k - a)
        b += 2
        d = 1 / (step * d + b or _TINY)
        c = b + step / c or _TINY
        value *= d * c
        if abs(d * c - 1) < _PRECISION:
            break
    return value


def chi2_quantile(survival: float, df: float) -> float:
    """The value that is exceeded with a probability.

    Args:
        survival: The probability, between 0 and 1.
        df: Degrees of freedom, above 0.
    """
    low, high = 0.0, df + 10.0
    while chi2_survival(high, df) > survival:
        low, high = high, 2 * high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if chi2_survival(middle, df) > survival else (low, middle)
    return (low + high) / 2
