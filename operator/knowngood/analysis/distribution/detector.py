"""Bets that a distribution has left the one that was frozen, at whatever time.

What is harmless is every law that may lie behind the frozen sample, see `margins`: all of them at
once, with 99 % confidence. A bet on a set A counts only what is beyond the highest share that A may
have; a bet on a learned law p is divided by the harmless law that is nearest to it. So each factor e
has an expectation of at most 1 as long as the law, which may change, stays harmless.

With M <- max(M, w) e for a block of w judged minutes, M stays below R <- (R + w) e, and R minus the
judged minutes is a supermartingale: the mean of M reaches c after c judged minutes or later, in the
mean. Blocks without requests, and days without blocks, count for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import e, exp, log

from knowngood.analysis.distribution.bins import Bins, VectorBlock
from knowngood.analysis.distribution.margins import (
    CONFIDENCE,
    furthest_harmless,
    highest_share,
    radius,
)
from knowngood.analysis.distribution.memory import Memory, kept_after, nothing
from knowngood.analysis.distribution.tilts import SIZES, gathered
from knowngood.analysis.distribution.wagers import bounded, tempered

LEARNED_OVER = (600.0, 7200.0)
"""Half-lives of what is learned of the present: large moves are seen soon, small ones late."""

DRAWN_PER_BIN = 5
"""What is learned is drawn to the frozen law as if by so many requests per bin."""

HEADROOM = 10_000
"""Wealth is counted up to so many times the limit, so that it falls again when the drift is over."""


@dataclass(frozen=True)
class Frozen:
    """What a frozen sample says of harmless laws.

    Attributes:
        gains: Per size, per set: the logarithm of a bet's factor for a request in the set.
        losses: Per size: the same for a request outside.
        shares: Of the sample, per bin.
        drawn_to: The same, never 0.
        within: The divergence from the sample that is harmless.
    """

    gains: tuple[tuple[float, ...], ...]
    losses: tuple[float, ...]
    shares: tuple[float, ...]
    drawn_to: tuple[float, ...]
    within: float


def freeze(counts: Sequence[int], bins: Bins, design_effect: float) -> Frozen:
    """Find the margins of a sample. Half of what it may err is given to the sets, in equal parts."""
    total, k = sum(counts), len(bins)
    samples = total / design_effect
    sets = gathered(counts, total, is_ordered=bins.is_ordered)
    doubt = (1 - CONFIDENCE) / 2
    highest = [highest_share(min(1.0, c / total), samples, log(len(sets) / doubt)) for c in sets]
    return Frozen(
        tuple(tuple(log(1 - size + size / most) for most in highest) for size in SIZES),
        tuple(log(1 - size) for size in SIZES),
        tuple(count / total for count in counts),
        tuple((count + 0.5) / (total + 0.5 * k) for count in counts),
        radius(k, samples, log(1 / doubt)),
    )


@dataclass(frozen=True, slots=True)
class Detector:
    """The bets.

    Attributes:
        frozen: What is harmless.
        wealth: Per bet, in judged minutes; fixed moves come first.
        lowest_at: When each bet last had nothing: the change begins there if this bet wins.
        judged: The recent past of the judged version, one per half-life.
        minutes: Judged time, in minutes.
        at: When the memories were last true.
    """

    frozen: Frozen
    wealth: tuple[float, ...]
    lowest_at: tuple[float, ...]
    judged: tuple[Memory, ...]
    minutes: float
    at: float

    @property
    def evidence(self) -> float:
        """The mean of the wealth, half of it on the fixed moves; in judged minutes."""
        learned = len(self.judged)
        fixed = sum(self.wealth[:-learned]) / (len(self.wealth) - learned)
        return (fixed + sum(self.wealth[-learned:]) / learned) / 2

    @property
    def onset(self) -> float:
        """When the change began, by the bet that has won most."""
        return self.lowest_at[self.wealth.index(max(self.wealth))]

    def after(
        self, block: VectorBlock, bins: Bins, *, limit: float, design_effect: float
    ) -> "Detector":
        """See one more block; blocks come in order of time."""
        n = sum(block.canary)
        if not n:
            return self
        minutes = min(1.0, (block.end - block.start) / 60)
        logs = _log_factors(self, block, n, bins, design_effect)
        wealth = bounded(
            [
                (w if w > minutes else minutes) * exp(f)
                for w, f in zip(self.wealth, logs, strict=True)
            ],
            HEADROOM * limit,
        )
        lowest_at = tuple(
            [at if w > minutes else block.end for w, at in zip(wealth, self.lowest_at, strict=True)]
        )
        passed = block.end - self.at
        judged = tuple(
            memory.after(kept_after(passed, half_life), block.canary, n)
            for memory, half_life in zip(self.judged, LEARNED_OVER, strict=True)
        )
        return Detector(
            self.frozen, wealth, lowest_at, judged, self.minutes + minutes, float(block.end)
        )


def no_detector(counts: Sequence[int], bins: Bins, since: float, design_effect: float) -> Detector:
    """The bets before the first block."""
    frozen = freeze(counts, bins, design_effect)
    count = sum(map(len, frozen.gains)) + len(LEARNED_OVER)
    judged = (nothing(len(bins)),) * len(LEARNED_OVER)
    return Detector(frozen, (0.0,) * count, (since,) * count, judged, 0.0, since)


def stake_density(minutes: float) -> float:
    """What turns the evidence after some judged minutes into an e-value, valid at every instant.

    Stakes of this density sum up to 1 over all time, and it falls: had they been put down instead of
    a whole one each minute, there would be at least so much of the wealth.
    """
    late = minutes + e
    return 1 / (late * log(late) ** 2)


def _log_factors(
    detector: Detector, block: VectorBlock, n: int, bins: Bins, design_effect: float
) -> list[float]:
    frozen = detector.frozen
    inside = gathered(block.canary, n, is_ordered=bins.is_ordered)
    logs: list[float] = []
    for gains, loss in zip(frozen.gains, frozen.losses, strict=True):
        logs += [a * gain + (n - a) * loss for a, gain in zip(inside, gains, strict=True)]
    logs += [_of_learned(frozen, memory, block, design_effect) for memory in detector.judged]
    return tempered(logs, design_effect)


def _of_learned(frozen: Frozen, memory: Memory, block: VectorBlock, design_effect: float) -> float:
    drawn = DRAWN_PER_BIN * len(frozen.shares) * design_effect
    scale = 1 / (memory.total + drawn)
    bet = [
        (seen + drawn * share) * scale
        for seen, share in zip(memory.counts, frozen.drawn_to, strict=True)
    ]
    harmless = furthest_harmless(bet, frozen.shares, frozen.within)
    if harmless is None:
        return 0.0
    return sum(x * log(p / g) for x, p, g in zip(block.canary, bet, harmless, strict=True) if x)
