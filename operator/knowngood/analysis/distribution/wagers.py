"""Bets that the judged version's distribution is another one than the stable version's.

For any bet (p, q) that is fixed before the block, let r be the mean of p and q, weighted by the
numbers of requests. Under one common law of both versions, whatever it is in this block, the
product of (p/r) over the judged requests and (q/r) over the others has an expectation of at most 1:
by the inequality of the means it is at most (sum of g_j (n_c p_j + n_s q_j)/(n r_j))^n = 1.

Here q is the recent past of the stable version. Half of the stake is on fixed moves of mass
(`tilts`), half on p learned from the recent past of the judged version. A fixed move gains by each
further request in its set, so more mass there never lowers that half; for what is learned nothing
of the kind can hold. A block without one of the versions changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log

from knowngood.analysis.distribution.bins import Bins, VectorBlock
from knowngood.analysis.distribution.memory import Memory, kept_after, nothing
from knowngood.analysis.distribution.tilts import SIZES, gathered

KNOWN_ENOUGH = 30
"""Stable requests that must be known of before anything is bet."""

KEPT_PER_BIN = 20
"""The stable memory never fades below so many requests per bin."""

HALF_LIFE = 600.0
"""Seconds after which the stable version's past counts half."""

LEARNED_OVER = (60.0, 600.0, 7200.0)
"""Half-lives of what is learned of the judged version: large moves are seen soon, small ones late."""

DRAWN_PER_BIN = 5
"""What is learned is drawn to the stable law as if by so many requests per bin."""

MOST = 1e290
"""Wealth is not counted further."""

_LARGEST_LOG = 600.0


@dataclass(frozen=True, slots=True)
class Wagers:
    """The bets and what they are made of.

    Attributes:
        wealth: Per bet, the sum over all starts of their products; fixed moves come first.
        leads: How far the logarithm of each bet's product is above its lowest.
        lowest_at: When it was last at its lowest: the change begins there if this bet wins.
        stable: The recent past of the stable version.
        judged: That of the judged version, one per half-life.
        at: When the memories were last true.
    """

    wealth: tuple[float, ...]
    leads: tuple[float, ...]
    lowest_at: tuple[float, ...]
    stable: Memory
    judged: tuple[Memory, ...]
    at: float

    @property
    def evidence(self) -> float:
        """The mean of the wealth, half of it on the fixed moves."""
        learned = len(self.judged)
        fixed = sum(self.wealth[:-learned]) / (len(self.wealth) - learned)
        return (fixed + sum(self.wealth[-learned:]) / learned) / 2

    @property
    def onset(self) -> float:
        """When the change began, by the bet that has won most."""
        learned = len(self.judged)
        fixed = len(self.wealth) - learned
        shares = [wealth / fixed for wealth in self.wealth[:fixed]]
        shares += [wealth / learned for wealth in self.wealth[fixed:]]
        return self.lowest_at[shares.index(max(shares))]

    def after(
        self, block: VectorBlock, bins: Bins, *, stake: float, design_effect: float
    ) -> "Wagers":
        """Put down a stake on every bet, then see a block; blocks come in order of time."""
        n_c, n_s = sum(block.canary), sum(block.stable)
        wealth, leads, lowest_at = self.wealth, self.leads, self.lowest_at
        if n_c and n_s and self.stable.total >= KNOWN_ENOUGH:
            logs = _log_factors(self, block, bins, design_effect)
            wealth = bounded([(w + stake) * exp(f) for w, f in zip(wealth, logs, strict=True)])
            leads = tuple(
                [ahead if (ahead := d + f) > 0 else 0.0 for d, f in zip(leads, logs, strict=True)]
            )
            lowest_at = tuple(
                [at if d else block.end for d, at in zip(leads, lowest_at, strict=True)]
            )
        elif stake:
            wealth = tuple([w + stake for w in wealth])
        return Wagers(wealth, leads, lowest_at, *_remembered(self, block, n_c, n_s), block.end)


def no_wagers(bins: Bins, since: float) -> Wagers:
    """The bets before the first block."""
    empty = nothing(len(bins))
    sets = len(gathered(empty.counts, 0.0, is_ordered=bins.is_ordered))
    count = sets * len(SIZES) + len(LEARNED_OVER)
    none = (0.0,) * count
    return Wagers(none, none, (since,) * count, empty, (empty,) * len(LEARNED_OVER), since)


def tempered(logs: list[float], design_effect: float) -> list[float]:
    """Logarithms of factors, as if requests were fewer; none so large that it fits no number."""
    if design_effect != 1:
        logs = [factor / design_effect for factor in logs]
    if max(logs) > _LARGEST_LOG:
        return [min(factor, _LARGEST_LOG) for factor in logs]
    return logs


def bounded(wealth: list[float], most: float = MOST) -> tuple[float, ...]:
    """Wealth that is not counted further than it fits a number."""
    if max(wealth) > most:
        return tuple([min(w, most) for w in wealth])
    return tuple(wealth)


def _remembered(
    wagers: Wagers, block: VectorBlock, n_c: int, n_s: int
) -> tuple[Memory, tuple[Memory, ...]]:
    passed, known = block.end - wagers.at, wagers.stable.total
    enough = KEPT_PER_BIN * len(block.stable)
    kept = max(kept_after(passed, HALF_LIFE), min(1.0, enough / known) if known else 0.0)
    judged = tuple(
        memory.after(kept_after(passed, half_life), block.canary, n_c)
        for memory, half_life in zip(wagers.judged, LEARNED_OVER, strict=True)
    )
    return wagers.stable.after(kept, block.stable, n_s), judged


def _log_factors(
    wagers: Wagers, block: VectorBlock, bins: Bins, design_effect: float
) -> list[float]:
    """The logarithm of each bet's factor, never so large that it fits no number."""
    past = wagers.stable
    total = past.total + 0.5 * len(bins)
    shares = [(count + 0.5) / total for count in past.counts]
    logs = [
        *_of_fixed(shares, block, is_ordered=bins.is_ordered),
        *(_of_learned(shares, memory, block, design_effect) for memory in wagers.judged),
    ]
    return tempered(logs, design_effect)


def _of_fixed(shares: Sequence[float], block: VectorBlock, *, is_ordered: bool) -> Iterable[float]:
    n_c, n_s = sum(block.canary), sum(block.stable)
    n = n_c + n_s
    of_judged, of_stable = n_c / n, n_s / n
    both = [x + y for x, y in zip(block.canary, block.stable, strict=True)]
    judged = gathered(block.canary, n_c, is_ordered=is_ordered)
    together = gathered(both, n, is_ordered=is_ordered)
    rarity = [1 / share for share in gathered(shares, 1.0, is_ordered=is_ordered)]
    logs: list[float] = []
    for size in SIZES:
        left = 1 - size
        common = of_judged * left + of_stable
        base = n_c * log(left) - n * log(common)
        ratios = [left + size * inverse for inverse in rarity]
        logs += [
            (base + a * log(ratio / left) if a else base)
            - (t * log((of_judged * ratio + of_stable) / common) if t else 0.0)
            for a, t, ratio in zip(judged, together, ratios, strict=True)
        ]
    return logs


def _of_learned(
    shares: Sequence[float], memory: Memory, block: VectorBlock, design_effect: float
) -> float:
    n_c, n_s = sum(block.canary), sum(block.stable)
    of_judged, of_stable = n_c / (n_c + n_s), n_s / (n_c + n_s)
    drawn = DRAWN_PER_BIN * len(shares) * design_effect
    scale = 1 / (memory.total + drawn)
    log_factor = 0.0
    for x, y, seen, share in zip(block.canary, block.stable, memory.counts, shares, strict=True):
        if x or y:
            ratio = (seen / share + drawn) * scale
            log_factor += x * log(ratio) - (x + y) * log(of_judged * ratio + of_stable)
    return log_factor
