"""Is a share above a fixed bound? Valid at every look, and needs no other version to compare with.

The bets are that the share is above the bound by some odds, each begun at many times. For the bound one half this is
the sign test of discordant pairs.
"""

import math
from dataclasses import dataclass, replace

from knowngood.analysis.bets import NO_BETS, SHIFTS, Mixture
from knowngood.analysis.starts import log_stake
from knowngood.signals.cells import CellColumn


@dataclass(frozen=True, slots=True)
class BoundRule:
    """What is tested.

    Attributes:
        bound: The share that is harmless, as a fraction, above 0 and below 1.
        net: The total is the pairs that disagree, not all pairs; for people.
        alpha: The probability of a false alarm in a whole rollout.
        horizon: The planned length of the rollout, in seconds.
        min_samples: The total that is needed before it is called healthy. Delays no alarm.
        min_events: Events before an alarm.
    """

    bound: float
    net: bool
    alpha: float
    horizon: float
    min_samples: int
    min_events: int = 3


@dataclass(frozen=True, slots=True)
class BoundState:
    """The evidence of an epoch.

    Attributes:
        since: When it began, unix seconds.
        until: Cells before this second are folded.
        last: When stakes were last put down.
        mixture: The bets.
        events: Events that were tested.
        total: The total they are a share of.
    """

    since: float
    until: int
    last: float = -math.inf
    mixture: Mixture = NO_BETS
    events: int = 0
    total: int = 0


def begin(since: float) -> BoundState:
    """The evidence before anything was counted."""
    return BoundState(since, math.floor(since))


def fold(state: BoundState, rule: BoundRule, column: CellColumn, until: int) -> BoundState:
    """The evidence up to a second whose cells are all settled; a breach is final.

    Args:
        state: The evidence so far.
        rule: The test.
        column: Cells of the judged version.
        until: Cells from this second on are not settled.
    """
    logit = math.log(rule.bound / (1 - rule.bound))
    shares = [1 / (1 + math.exp(-logit - shift)) for shift in SHIFTS]
    log_hits = [math.log(share / rule.bound) for share in shares]
    log_misses = [math.log((1 - share) / (1 - rule.bound)) for share in shares]
    for index in range(column.index_of(state.until), column.index_of(until)):
        if is_breached(rule, state):
            break
        second, cell = column.seconds[index], column.cell(index)
        if not cell.total:
            continue
        stake = log_stake(state.since, state.last, second, rule.horizon)
        factors = [
            cell.events * hit + (cell.total - cell.events) * miss
            for hit, miss in zip(log_hits, log_misses, strict=True)
        ]
        mixture = state.mixture.after(
            factors, [stake] * len(factors), (second, second + 1), math.log(1 / rule.alpha)
        )
        state = replace(
            state,
            last=float(second),
            mixture=mixture,
            events=state.events + cell.events,
            total=state.total + cell.total,
        )
    return replace(state, until=max(state.until, until))


def is_breached(rule: BoundRule, state: BoundState) -> bool:
    """Whether it is proved that the share is above the bound, by enough events."""
    return state.mixture.crossed_at is not None and state.events >= rule.min_events
