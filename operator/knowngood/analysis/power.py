"""What a test can see with the requests that there are: how small a difference, and how many requests it takes.

The logarithm of the evidence is taken for a random walk with normal steps. The chance that it has ever reached its
limit is then that of a Brownian motion with drift. Of the differences that a test bets on, the best one is taken.
Counted against the real tests, what comes out is right within a fifth.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

from knowngood.analysis.bets import SHIFTS, WEIGHTS
from knowngood.analysis.noninferiority import NonInferiorRule
from knowngood.analysis.past import KNOWN_ENOUGH
from knowngood.analysis.projection import nearest_apart, nearest_harmless
from knowngood.analysis.proportion import ProportionRule
from knowngood.analysis.searching import fewest, least
from knowngood.analysis.starts import started
from knowngood.api.v1alpha1.comparisons import Direction

CHANCE = 0.8
"""How likely a test has to show a difference before it is said that it would have."""

_RAREST = 1e-6
_LARGEST_LOG = 700.0  # the exponential of more does not fit a float
_STANDARD = NormalDist()


def smallest_shown(
    rule: ProportionRule, share: float, n_c: float, n_s: float, chance: float = CHANCE
) -> float | None:
    """The smallest harm, there from the first request on, that this many requests would have shown.

    Args:
        rule: The test. Where it looks both ways, the way that is harder to show counts.
        share: The stable version's share of events.
        n_c: Requests of the canary.
        n_s: Requests of the stable version.
        chance: How likely it has to be shown; above 0 and below 1.

    Returns:
        The difference of the shares, as a fraction; None when not even the largest one would have been shown.
    """
    if not n_c or not n_s:
        return None
    found = (way.smallest(n_c, chance) for way in _ways(rule, share, n_s / n_c))
    return max((d for d in found if d is not None), default=None)


@lru_cache(maxsize=4096)
def _smallest_of(rule: ProportionRule, share: float, n_c: float, n_s: float) -> float | None:
    return smallest_shown(rule, share, n_c, n_s)


def smallest_about(rule: ProportionRule, share: float, n_c: int, n_s: int) -> float | None:
    """As `smallest_shown`, of numbers cut to two digits: cheap enough to be said at every look."""
    nearer = min(share, 1 - share)
    rounded = float(f"{nearer:.2g}")
    ratio = _two_digits(n_s / n_c) if n_c else 0.0
    few = _two_digits(n_c)
    return _smallest_of(rule, rounded if nearer == share else 1 - rounded, few, few * ratio)


def _two_digits(number: float) -> float:
    """A number that is not negative, cut to two significant digits."""
    if number <= 0:
        return 0.0
    unit: float = 10.0 ** (math.floor(math.log10(number)) - 1)
    return math.floor(number / unit) * unit


def samples_to_show(
    rule: ProportionRule,
    share: float,
    stable_per_canary: float,
    difference: float,
    chance: float = CHANCE,
) -> int | None:
    """The requests of the canary that it takes to show a harm that is there from the first one on.

    Args:
        rule: The test. Where it looks both ways, the way that is harder to show counts.
        share: The stable version's share of events.
        stable_per_canary: Requests of the stable version for each one of the canary; above 0.
        difference: By how much the canary's share is worse, as a fraction.
        chance: How likely it has to be shown; above 0 and below 1.

    Returns:
        None when no number is enough: the difference is tolerated, or there is no room for it.
    """
    found = (way.fewest(difference, chance) for way in _ways(rule, share, stable_per_canary))
    return max((n for n in found if n is not None), default=None)


def samples_to_clear(
    rule: NonInferiorRule, share: float, stable_per_canary: float, chance: float = CHANCE
) -> int | None:
    """The requests of a canary that is as good as the stable version until it is shown not to be worse by the margin.

    Args:
        rule: The test.
        share: The stable version's share of events.
        stable_per_canary: Requests of the stable version for each one of the canary; above 0.
        chance: How likely it has to be shown by then; above 0 and below 1.

    Returns:
        None when that takes more requests than anybody has.
    """
    found = [
        _fewest_cleared(rule, q, stable_per_canary, chance) for q in _turned(rule.direction, share)
    ]
    return None if None in found else max(n for n in found if n is not None)


@dataclass(frozen=True, slots=True)
class _Walk:
    """What a bet earns with an answer, in logarithms: of the canary and of the stable version, an event or not."""

    hit_c: float
    miss_c: float
    hit_s: float
    miss_s: float

    @classmethod
    def of(cls, bet: tuple[float, float], law: tuple[float, float]) -> "_Walk":
        """A bet on two shares, against a law."""
        (p, q), (a, b) = bet, law
        hits = math.log(p / a), math.log(q / b)
        misses = math.log((1 - p) / (1 - a)), math.log((1 - q) / (1 - b))
        return cls(hits[0], misses[0], hits[1], misses[1])

    def reaches(
        self, level: float, shares: tuple[float, float], counts: tuple[float, float]
    ) -> float:
        """The chance that it was ever at a level, with the true shares and so many requests of both versions."""
        (p, q), (n_c, n_s) = shares, counts
        drift = n_c * (p * self.hit_c + (1 - p) * self.miss_c)
        drift += n_s * (q * self.hit_s + (1 - q) * self.miss_s)
        variance = n_c * p * (1 - p) * (self.hit_c - self.miss_c) ** 2
        variance += n_s * q * (1 - q) * (self.hit_s - self.miss_s) ** 2
        if variance <= 0:
            return float(drift >= level)
        spread = math.sqrt(variance)
        and_fell = _STANDARD.cdf(-(drift + level) / spread)
        if and_fell:
            and_fell *= math.exp(min(2 * drift * level / variance, _LARGEST_LOG))
        return min(1.0, _STANDARD.cdf((drift - level) / spread) + and_fell)


@dataclass(frozen=True, slots=True)
class _Way:
    """One direction of harm, with the events turned so that harm is a fall."""

    rule: ProportionRule
    q: float
    stable_per_canary: float
    walks: tuple[tuple[float, _Walk], ...]  # with the part of the stake that each bet gets

    def smallest(self, n_c: float, chance: float) -> float | None:
        """The smallest fall that is shown; None: not even one to nothing."""
        if self._chance(self.q, n_c) < chance:
            return None
        return least(lambda difference: self._chance(difference, n_c) >= chance, 0.0, self.q)

    def fewest(self, difference: float, chance: float) -> int | None:
        """The requests that it takes to show a fall; None: no number is enough."""
        if difference > self.q:
            return None
        return fewest(lambda n_c: self._chance(difference, n_c) >= chance)

    def _chance(self, difference: float, n_c: float) -> float:
        """The chance that a fall was shown, with everything else that an alarm needs."""
        rule, deff = self.rule, self.rule.design_effect
        p, n_s = max(self.q - difference, 0.0), n_c * self.stable_per_canary
        stake, counts = started(0.0, rule.horizon), _bet_on(n_c, n_s, deff)
        proved = max(
            (
                walk.reaches(math.log(rule.limit / (part * stake)), (p, self.q), counts)
                for part, walk in self.walks
            ),
            default=0.0,
        )
        bad, spread = n_c * (1 - p), math.sqrt(n_c * p * (1 - p) * deff)
        enough = _above(bad, rule.min_events - 0.5, spread)
        if rule.effect_at_least is None:
            return min(proved, enough)
        noise = math.sqrt(deff * (p * (1 - p) / n_c + self.q * (1 - self.q) / n_s))
        return min(proved, enough, _above(difference, rule.effect_at_least, noise))


def _ways(rule: ProportionRule, share: float, stable_per_canary: float) -> list[_Way]:
    return [
        _Way(rule, q, stable_per_canary, _walks(rule, q, stable_per_canary))
        for q in _turned(rule.direction, share)
    ]


def _turned(direction: Direction, share: float) -> tuple[float, ...]:
    """The share whose fall is harm, per direction."""
    share = min(max(share, _RAREST), 1 - _RAREST)
    turned = {Direction.DECREASE: (share,), Direction.INCREASE: (1 - share,)}
    return turned.get(direction, (share, 1 - share))


def _walks(
    rule: ProportionRule, q: float, stable_per_canary: float
) -> tuple[tuple[float, _Walk], ...]:
    logit = math.log(q / (1 - q))
    bets = [
        (part, 1 / (1 + math.exp(shift - logit)))
        for part, shift in zip(WEIGHTS, SHIFTS, strict=True)
    ]
    return tuple(
        (
            part,
            _Walk.of((p, q), nearest_harmless(p, q, 1.0, stable_per_canary, rule.tolerance)),
        )
        for part, p in bets
        if p < q - rule.tolerance
    )


def _fewest_cleared(
    rule: NonInferiorRule, q: float, stable_per_canary: float, chance: float
) -> int | None:
    walk = _Walk.of((q, q), nearest_apart(q, q, 1.0, stable_per_canary, rule.margin))
    level = math.log(rule.limit)
    deff = rule.design_effect
    return fewest(
        lambda n: walk.reaches(level, (q, q), _bet_on(n, n * stable_per_canary, deff)) >= chance
    )


def _bet_on(n_c: float, n_s: float, design_effect: float) -> tuple[float, float]:
    """Independent requests that are bet on: not those that came before the stable version was known.

    The logarithm of the evidence is divided by the design effect, and varies as if there were as many fewer requests.
    """
    known = max(0.0, 1 - KNOWN_ENOUGH / n_s) / design_effect if n_s else 0.0
    return n_c * known, n_s * known


def _above(mean: float, limit: float, spread: float) -> float:
    return _STANDARD.cdf((mean - limit) / spread) if spread > 0 else float(mean >= limit)
