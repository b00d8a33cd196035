"""Bets against one direction of harm: a grid of differences, each begun at many times.

A fold of one block runs through here for each test, model and second, so what is made once per
block and difference is made cheaply: named tuples, and no logarithm twice.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from knowngood.analysis.blocks import Block
from knowngood.analysis.projection import log_factors

SHIFTS = (0.2, 0.5, 1.2, 3.0, 6.0)
"""Differences that are bet on, in log odds: from .70 -> .66 to .70 -> .006."""

WEIGHTS = (0.2, 0.3, 0.25, 0.15, 0.1)
"""Parts of the stake that each of them gets; 1 in all.

Large harm shows itself in seconds with any part, so more is put on those that take long to prove.
"""

_NOTHING = -math.inf


class Bet(NamedTuple):
    """One difference.

    Attributes:
        log_wealth: Logarithm of the sum over all starts of their products.
        log_product: Logarithm of the product since the first block.
        lowest: The lowest value that `log_product` had.
        lowest_at: When it last had it, unix seconds: the harm begins there if this bet wins.
    """

    log_wealth: float
    log_product: float
    lowest: float
    lowest_at: float


@dataclass(frozen=True, slots=True)
class Mixture:
    """Bets on several sizes of one harm; the evidence is the mean of their wealth.

    Attributes:
        bets: One per size; empty before the first outcome.
        highest: The highest logarithm of the evidence so far.
        crossed_at: When the evidence first reached its limit, unix seconds.
        onset: When the harm began, as estimated at the crossing.
    """

    bets: tuple[Bet, ...] = ()
    highest: float = _NOTHING
    crossed_at: float | None = None
    onset: float | None = None

    def after(
        self,
        log_factors: Sequence[float],
        log_stakes: Sequence[float],
        span: tuple[float, float],
        log_limit: float,
    ) -> "Mixture":
        """Put down the stakes, then see an outcome.

        Args:
            log_factors: What the outcome multiplies each bet by.
            log_stakes: What is put down on each bet before it.
            span: First second of the outcome, and the second behind its last one.
            log_limit: Logarithm of the limit of the evidence.
        """
        start, end = span
        old = self.bets or tuple(Bet(_NOTHING, 0.0, 0.0, start) for _ in log_factors)
        bets = tuple(
            _stepped(bet, factor, stake, end)
            for bet, factor, stake in zip(old, log_factors, log_stakes, strict=True)
        )
        evidence = _log_mean([bet.log_wealth for bet in bets], [1 / len(bets)] * len(bets))
        crossed_at, onset = self.crossed_at, self.onset
        if crossed_at is None and evidence >= log_limit:
            crossed_at = end
            onset = max(bets, key=lambda bet: bet.log_wealth).lowest_at
        return Mixture(bets, max(self.highest, evidence), crossed_at, onset)


def _stepped(bet: Bet, log_factor_: float, log_stake: float, end: float) -> Bet:
    """Put down a stake on a bet, then see an outcome that ended at `end`."""
    wealth, product, lowest, lowest_at = bet
    product += log_factor_
    if product <= lowest:
        lowest, lowest_at = product, end
    return Bet(_log_sum(wealth, log_stake) + log_factor_, product, lowest, lowest_at)


NO_BETS = Mixture()


@dataclass(frozen=True, slots=True)
class Side:
    """The bets that the canary's share has fallen, or that it has risen.

    Attributes:
        falls: Whether it is about a fall.
        bets: One per difference in `SHIFTS`; empty before the first block.
        highest: The highest logarithm of the evidence so far; evidence is the weighted mean of the wealth.
        crossed_at: When the evidence first reached its limit, unix seconds.
        onset: When the harm began, as estimated at the crossing.
    """

    falls: bool
    bets: tuple[Bet, ...] = ()
    highest: float = _NOTHING
    crossed_at: float | None = None
    onset: float | None = None

    def bad(self, x: int, n_c: int) -> int:
        """How many of the canary's answers are bad ones, when x of n_c showed the event."""
        return n_c - x if self.falls else x

    def after(
        self,
        block: Block,
        q: float | None,
        *,
        log_stake: float,
        tolerance: float,
        limit: float,
        design_effect: float = 1.0,
    ) -> "Side":
        """With one more block.

        Args:
            block: The block.
            q: The stable share of events, from blocks before this one; None: too little is known
                for a bet, the factor is 1.
            log_stake: Logarithm of the stake put down before this block.
            tolerance: The difference that is harmless, as a fraction.
            limit: Of the evidence.
            design_effect: How many requests count as one.
        """
        factors = self._log_factors(block, q, tolerance)
        if design_effect != 1:
            factors = [factor / design_effect for factor in factors]
        bets = self._after(factors, log_stake, block)
        highest, crossed_at, onset = self.highest, self.crossed_at, self.onset
        logs = [bet.log_wealth for bet in bets]
        if max(logs) > highest:  # else the mean is not a new highest either
            evidence = _log_mean(logs)
            highest = max(highest, evidence)
            if crossed_at is None and evidence >= math.log(limit):
                crossed_at = block.end
                onset = max(bets, key=lambda bet: bet.log_wealth).lowest_at
        return Side(self.falls, bets, highest, crossed_at, onset)

    def _after(self, factors: Sequence[float], log_stake: float, block: Block) -> tuple[Bet, ...]:
        """For each bet, put down a stake, then see the outcome of a block."""
        old = self.bets or (Bet(_NOTHING, 0.0, 0.0, block.start),) * len(SHIFTS)
        bets = []
        for (wealth, product, lowest, lowest_at), factor in zip(old, factors, strict=True):
            product += factor  # noqa: PLW2901  - a new one takes its place
            if product <= lowest:
                lowest, lowest_at = product, block.end  # noqa: PLW2901  - likewise
            if log_stake != _NOTHING:
                wealth = _log_sum(wealth, log_stake)  # noqa: PLW2901  - likewise
            bets.append(Bet(wealth + factor, product, lowest, lowest_at))
        return tuple(bets)

    def _log_factors(self, block: Block, q: float | None, tolerance: float) -> list[float]:
        """A rise of events is a fall of the other answers, so one kind of bet does for both."""
        if q is None:
            return [0.0] * len(SHIFTS)
        counts = (block.x, block.n_c, block.y, block.n_s)
        if not self.falls:
            q = 1 - q
            counts = (block.n_c - block.x, block.n_c, block.n_s - block.y, block.n_s)
        logit = math.log(q / (1 - q))
        exp = math.exp
        shifted = [1 / (1 + exp(shift - logit)) for shift in SHIFTS]
        return log_factors(shifted, q, counts, tolerance)


def _log_sum(a: float, b: float) -> float:
    high, low = (a, b) if a >= b else (b, a)
    return high if low == _NOTHING else high + math.log1p(math.exp(low - high))


def _log_mean(logs: Sequence[float], weights: Sequence[float] = WEIGHTS) -> float:
    high = max(logs)
    if high == _NOTHING:
        return _NOTHING
    terms = [weight * math.exp(log - high) for weight, log in zip(weights, logs, strict=True)]
    return high + math.log(sum(terms))
