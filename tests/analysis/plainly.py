"""The test of proportions, written down as its formula is, slowly: the oracle of the real one."""

from collections.abc import Sequence
from math import exp, log

from scipy.optimize import brentq, minimize_scalar

from knowngood.analysis.blocks import Block

GRID = {0.2: 0.2, 0.5: 0.3, 1.2: 0.25, 3.0: 0.15, 6.0: 0.1}


def expit(x: float) -> float:
    return 1 / (1 + exp(-x))


def harmless(p: float, q: float, n_c: int, n_s: int, margin: float) -> tuple[float, float]:
    """The harmless pair nearest to the bet: where the divergence along a = b + margin is flat."""

    def slope(b: float) -> float:
        a = b + margin
        return n_c * (a - p) / (a * (1 - a)) + n_s * (b - q) / (b * (1 - b))

    b = brentq(slope, min(p - margin, q), max(p - margin, q), xtol=1e-15)
    return b + margin, b


def apart(q: float, n_c: int, n_s: int, gap: float) -> tuple[float, float]:
    """The pair with a - b = gap that is nearest to equal shares q: found by looking, without any derivative."""

    def divergence(b: float) -> float:
        pairs = ((n_c, b + gap), (n_s, b))
        return sum(n * (q * log(q / r) + (1 - q) * log((1 - q) / (1 - r))) for n, r in pairs)

    low, high = max(0.0, -gap), min(1.0, 1 - gap)
    found = minimize_scalar(
        divergence, bounds=(low, high), method="bounded", options={"xatol": 1e-12}
    )
    return found.x + gap, found.x


def starts(horizon: float, count: int) -> list[tuple[float, float]]:
    """(seconds since the epoch began, weight) of the first starts."""
    planned = int(-(-horizon // 10))
    weights = [0.7] + [0.25 / planned] * planned
    weights += [0.05 / (k * (k + 1)) for k in range(1, max(1, count - planned))]
    return [(10.0 * k, weight) for k, weight in enumerate(weights)]


def past_share(blocks: Sequence[Block]) -> float | None:
    """The stable share; the past halves every ten minutes, but thirty requests are always kept."""
    y = m = at = 0.0
    for block in blocks:
        kept = 0.5 ** ((block.end - at) / 600)
        if m and m * kept < 30:
            kept = min(m, 30.0) / m
        y, m, at = y * kept + block.y, m * kept + block.n_s, block.end
    return (y + 0.5) / (m + 1) if m >= 30 else None


def factor(block: Block, q: float | None, shift: float, sign: int, tolerance: float) -> float:
    """Logarithm of a block's e-value; sign -1 bets on a fall, +1 on a rise."""
    if q is None or not block.n_c or not block.n_s:
        return 0.0
    p = expit(log(q / (1 - q)) + sign * shift)
    if sign * (p - q) <= tolerance:
        return 0.0
    a, b = harmless(p, q, block.n_c, block.n_s, sign * tolerance)
    if not tolerance:
        a = b = (block.n_c * p + block.n_s * q) / (block.n_c + block.n_s)
    return (
        block.x * log(p / a)
        + (block.n_c - block.x) * log((1 - p) / (1 - a))
        + block.y * log(q / b)
        + (block.n_s - block.y) * log((1 - q) / (1 - b))
    )


def evidence(
    blocks: Sequence[Block], since: float, horizon: float, sign: int, tolerance: float = 0.0
) -> float:
    """The evidence after all blocks: the mean over the grid, by its weights, of the sum over starts."""
    count = int((blocks[-1].end - since) / 10) + 2
    shares = [past_share(blocks[:i]) for i in range(len(blocks))]
    total = 0.0
    for shift, part in GRID.items():
        factors = [
            factor(b, q, shift, sign, tolerance) for b, q in zip(blocks, shares, strict=True)
        ]
        for seconds, weight in starts(horizon, count):
            seen = [f for f, b in zip(factors, blocks, strict=True) if b.start - since >= seconds]
            if seen:
                total += part * weight * exp(sum(seen))
    return total
