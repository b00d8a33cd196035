"""The evidence that a distribution has changed, block by block: what is folded, and what it lacks.

Against the stable version of the same blocks it is an e-process: without a difference it ever
exceeds 1/alpha with a probability of at most alpha, however often one looks; once crossed, the
proof stays. Against frozen counts it is a detector: it is crossed while it is above its limit, which
without drift takes as many judged minutes as the limit says, in the mean.
"""

import math
from dataclasses import dataclass, replace
from enum import Enum, auto

from knowngood.analysis.distribution.bins import VectorBlock
from knowngood.analysis.distribution.detector import Detector, no_detector, stake_density
from knowngood.analysis.distribution.effect import effect_of
from knowngood.analysis.distribution.rule import Baseline, DistributionRule, Stable
from knowngood.analysis.distribution.wagers import Wagers, no_wagers
from knowngood.analysis.distribution.window import VectorWindow
from knowngood.analysis.starts import started


class Lack(Enum):
    """What a test needs before it is breached."""

    PROOF = auto()
    SAMPLES = auto()
    EFFECT = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class DistributionState:
    """What a test knows.

    Attributes:
        since: When the epoch began, unix seconds.
        bets: What the evidence is made of.
        window: Both distributions over the rule's window.
        n_c: Requests of the judged version in all blocks.
        n_s: Those of the version that it is compared with; 0 for frozen counts.
        last_start: Start of the last block; stakes are put down up to here.
        highest: The highest evidence so far.
        crossed_at: When the evidence reached its limit, unix seconds; None: it is not crossed.
        onset: When the change began, as estimated at the crossing.
        breached_at: When it was crossed with the other demands met; latched.
    """

    since: float
    bets: Wagers | Detector
    window: VectorWindow
    n_c: int = 0
    n_s: int = 0
    last_start: float = -math.inf
    highest: float = 0.0
    crossed_at: float | None = None
    onset: float | None = None
    breached_at: float | None = None

    @property
    def evidence(self) -> float:
        """As it is now: an e-value, or judged minutes that a frozen law can hardly explain."""
        return self.bets.evidence

    @property
    def e_value(self) -> float:
        """An e-value as of now, for naming features: its mean without a change is at most 1."""
        if isinstance(self.bets, Wagers):
            return self.evidence
        return self.evidence * stake_density(self.bets.minutes)


def begin(rule: DistributionRule, since: float) -> DistributionState:
    """The evidence before the first block."""
    against = rule.compared_to
    if isinstance(against, Baseline):
        bets: Wagers | Detector = no_detector(against.counts, rule.bins, since, rule.design_effect)
        return DistributionState(since, bets, VectorWindow(rule.window, is_paired=False))
    return DistributionState(
        since, no_wagers(rule.bins, since), VectorWindow(rule.window, is_paired=True)
    )


def fold(state: DistributionState, rule: DistributionRule, block: VectorBlock) -> DistributionState:
    """The evidence after one more block; blocks come in order of time.

    A breach is final: what comes after it changes nothing, and the numbers behind it stay.

    Raises:
        ValueError: The block has other bins than the rule.
    """
    if state.breached_at is not None:
        return state
    _check(block, rule)
    bets = _bets_after(state, rule, block)
    evidence = bets.evidence
    state = replace(
        state,
        bets=bets,
        window=state.window.plus(block),
        n_c=state.n_c + sum(block.canary),
        n_s=state.n_s + (sum(block.stable) if isinstance(bets, Wagers) else 0),
        last_start=max(state.since, block.start),
        highest=max(state.highest, evidence),
    )
    if evidence >= rule.limit:
        if state.crossed_at is None:
            state = replace(state, crossed_at=float(block.end), onset=bets.onset)
    elif isinstance(bets, Detector) and state.crossed_at is not None:
        state = replace(state, crossed_at=None, onset=None)
    if lacking(state, rule) is Lack.NOTHING:
        return replace(state, breached_at=float(block.end))
    return state


def _check(block: VectorBlock, rule: DistributionRule) -> None:
    given = [len(block.canary)]
    if isinstance(rule.compared_to, Stable):
        given.append(len(block.stable))
    for count in given:
        if count != len(rule.bins):
            raise ValueError(f"bins: {count} counts for {len(rule.bins)} bins")


def _bets_after(
    state: DistributionState, rule: DistributionRule, block: VectorBlock
) -> Wagers | Detector:
    match state.bets, rule.compared_to:
        case Detector() as bets, Baseline():
            return bets.after(block, rule.bins, limit=rule.limit, design_effect=rule.design_effect)
        case Wagers() as bets, Stable(horizon=horizon):
            stake = started(max(0.0, block.start - state.since), horizon)
            stake -= started(state.last_start - state.since, horizon)
            return bets.after(block, rule.bins, stake=stake, design_effect=rule.design_effect)
        case _:
            raise ValueError("comparedTo: the evidence was begun by another rule")


def lacking(state: DistributionState, rule: DistributionRule) -> Lack:
    """What a test still needs for a breach."""
    if state.crossed_at is None:
        return Lack.PROOF
    effect = effect_of(state.window.sums, rule)
    if effect is None or min(effect.samples, effect.reference_samples) < rule.min_samples:
        return Lack.SAMPLES
    return Lack.NOTHING if effect.debiased > rule.above else Lack.EFFECT
