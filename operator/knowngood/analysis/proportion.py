"""Is the canary's share of events worse than the stable version's? Valid at every look.

A product of e-values over blocks, mixed over a grid of differences and over the times at which the
harm may begin. Without harm the evidence ever exceeds 1/alpha with a probability of at most alpha,
whatever the weights, the sizes of the blocks and the common course of both versions are.
"""

import math
from dataclasses import dataclass, replace
from enum import Enum, auto

from knowngood.analysis.bets import Side
from knowngood.analysis.blocks import Block
from knowngood.analysis.effects import NO_SUMS, EffectSums, EffectWindow
from knowngood.analysis.noninferiority import NonInferiorRule
from knowngood.analysis.past import NO_PAST, StablePast
from knowngood.analysis.starts import EVERY, started
from knowngood.api.v1alpha1.comparisons import Direction


class Lack(Enum):
    """What a test needs before it is breached."""

    PROOF = auto()
    EVENTS = auto()
    EFFECT = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class ProportionRule:
    """What is tested.

    Attributes:
        direction: Which change of the share of events is bad.
        tolerance: Differences up to this are harmless, as a fraction.
        alpha: The probability of a false alarm in a whole rollout.
        horizon: The planned length of the rollout, in seconds.
        min_samples: Requests of each version before it is called healthy. Delays no alarm.
        min_events: Bad answers of the canary before an alarm.
        effect_at_least: The estimated difference that an alarm needs besides the proof; None: any.
        effect_over: Seconds over which it is estimated; None: since the epoch began.
        design_effect: How many requests count as one; fixed for the epoch.
        non_inferior: What has to be shown before it is called healthy; None: nothing.
    """

    direction: Direction
    tolerance: float
    alpha: float
    horizon: float
    min_samples: int
    min_events: int
    effect_at_least: float | None = None
    effect_over: float | None = None
    design_effect: float = 1.0
    non_inferior: NonInferiorRule | None = None

    @property
    def limit(self) -> float:
        """The evidence at which the test is crossed; both directions share alpha."""
        return (2 if self.direction is Direction.EITHER else 1) / self.alpha


@dataclass(frozen=True, slots=True)
class ProportionState:
    """The evidence of an epoch.

    Attributes:
        since: When the epoch began, unix seconds.
        sides: One per direction that is tested.
        window: The effect over the rule's window.
        past: The stable version's answers before the next block.
        last_start: Start of the last block; stakes are put down up to here.
        sums: Counts and effect of all blocks.
        breached_by: The side that was crossed first with the other demands met; latched.
    """

    since: float
    sides: tuple[Side, ...]
    window: EffectWindow
    past: StablePast = NO_PAST
    last_start: float = -math.inf
    sums: EffectSums = NO_SUMS
    breached_by: Side | None = None

    @property
    def leading(self) -> Side:
        """The side with the most evidence; one that is crossed comes first."""
        return max(self.sides, key=lambda side: (side.crossed_at is not None, side.highest))


def begin(rule: ProportionRule, since: float) -> ProportionState:
    """The evidence before the first block."""
    falls = {Direction.DECREASE: (True,), Direction.INCREASE: (False,)}
    sides = tuple(Side(fall) for fall in falls.get(rule.direction, (True, False)))
    return ProportionState(since, sides, EffectWindow(rule.effect_over))


def fold(state: ProportionState, rule: ProportionRule, block: Block) -> ProportionState:
    """The evidence after one more block; blocks come in order of time.

    A breach is final: what comes after it changes nothing, and the numbers behind it stay.
    """
    if state.breached_by:
        return state
    stake = _staked(state, rule, block)
    q = state.past.share
    log_stake = math.log(stake) if stake > 0 else -math.inf
    sides = tuple(
        [
            side.after(
                block,
                q,
                log_stake=log_stake,
                tolerance=rule.tolerance,
                limit=rule.limit,
                design_effect=rule.design_effect,
            )
            for side in state.sides
        ]
    )
    folded = ProportionState(  # not `replace`, which takes as long as the rest: each second counts
        state.since,
        sides,
        state.window.plus(block),
        past=state.past.after(block),
        last_start=max(state.since, block.start),
        sums=state.sums.plus(block),
    )
    breached_by = _breached_by(folded, rule)
    return replace(folded, breached_by=breached_by) if breached_by else folded


def _staked(state: ProportionState, rule: ProportionRule, block: Block) -> float:
    """The stake that is put down before a block: for all starts since the last one."""
    since, last = max(0.0, block.start - state.since), state.last_start - state.since
    if since // EVERY == last // EVERY:
        return 0.0
    return started(since, rule.horizon) - started(last, rule.horizon)


def _breached_by(state: ProportionState, rule: ProportionRule) -> Side | None:
    for side in state.sides:
        if side.crossed_at is not None and lacking(state, rule, side) is Lack.NOTHING:
            return side
    return None


def lacking(state: ProportionState, rule: ProportionRule, side: Side) -> Lack:
    """What a side still needs for a breach."""
    if side.crossed_at is None:
        return Lack.PROOF
    if side.bad(state.sums.x, state.sums.n_c) < rule.min_events:
        return Lack.EVENTS
    if rule.effect_at_least is not None:
        difference = state.window.difference or 0.0
        worse = -difference if side.falls else difference
        if worse < rule.effect_at_least:
            return Lack.EFFECT
    return Lack.NOTHING
