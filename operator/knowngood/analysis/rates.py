"""Are there too many events? For events that have no denominator; valid at every look.

Against a limit the bets are that the rate is some times as high as the limit: the evidence is that of a Poisson
process, whatever its rate below the limit does. Against the share of the requests they are those of `excess`.
"""

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from knowngood.analysis.bets import NO_BETS, Mixture
from knowngood.analysis.excess import DELAY, ExcessRule, ExcessState
from knowngood.analysis.starts import log_stake
from knowngood.signals.cells import CellColumn

SHARE_RATIOS = (2.0, 4.0, 8.0)
"""How many times its share of the events the canary has, under the bets (in odds)."""

LIMIT_RATIOS = (1.25, 2.0, 4.0, 8.0)
"""How many times the limit the rate is, under the bets."""

OLDEST = 10
"""Seconds after which what was counted against a limit is taken into account, also without an event."""


@dataclass(frozen=True, slots=True)
class RateRule:
    """What is tested.

    Attributes:
        limit: Events a second that are harmless; None: those that fall to the canary's share of the requests.
        per: The span that a limit was written for, in seconds.
        alpha: The probability of a false alarm in a whole rollout.
        horizon: The planned length of the rollout, in seconds.
        min_events: Events of the canary before an alarm; as many must have been due before it is called healthy.
    """

    limit: float | None
    per: float
    alpha: float
    horizon: float
    min_events: int

    @property
    def excess(self) -> ExcessRule:
        """The test against the share."""
        return ExcessRule(SHARE_RATIOS, 1 / self.alpha, self.horizon, self.min_events)


@dataclass(frozen=True, slots=True)
class LimitState:
    """The evidence of an epoch against a limit.

    Attributes:
        since: When it began, unix seconds.
        until: Cells before this second are folded.
        begun: Where the open span begins.
        counted: Events in the open span.
        last: When stakes were last put down.
        mixture: The bets.
        events: Events that were tested.
        observed: Seconds in which the version was read often enough.
    """

    since: float
    until: int
    begun: float
    counted: int = 0
    last: float = -math.inf
    mixture: Mixture = NO_BETS
    events: int = 0
    observed: float = 0.0


def begin_limit(since: float) -> LimitState:
    """The evidence before anything was counted."""
    return LimitState(since, math.floor(since), since)


def fold_limit(
    state: LimitState, rule: RateRule, column: CellColumn, late: AbstractSet[int], until: int
) -> LimitState:
    """The evidence up to a second whose cells are all settled.

    A span ends with the first read that shows an event, or after `OLDEST` seconds. Its length counts in full, also
    where nobody read: what came late is left out and can only make the evidence smaller.

    Args:
        state: The evidence so far; a breach is final.
        rule: The test; it has a limit.
        column: Cells of the judged version.
        late: Seconds in which something came late.
        until: Cells from this second on are not settled.
    """
    for index in range(column.index_of(state.until), column.index_of(until)):
        if is_breached(rule, state):
            break
        second = column.seconds[index]
        events = 0 if second in late else column.cell(index).events
        state = replace(state, counted=state.counted + events)
        if events or second + 1 - state.begun >= OLDEST:
            state = _closed(state, rule, second + 1)
    return replace(state, until=max(state.until, until))


def _closed(state: LimitState, rule: RateRule, end: int) -> LimitState:
    limit, length = rule.limit or 0.0, end - state.begun
    factors = [
        state.counted * math.log(ratio) - (ratio - 1) * limit * length for ratio in LIMIT_RATIOS
    ]
    stake = log_stake(state.since, state.last, state.begun, rule.horizon)
    mixture = state.mixture.after(
        factors,
        [stake + discount for discount in _discounts(state, limit)],
        (math.floor(state.begun), end),
        math.log(1 / rule.alpha),
    )
    return replace(
        state,
        begun=float(end),
        counted=0,
        last=state.begun,
        mixture=mixture,
        events=state.events + state.counted,
        observed=state.observed + (length if length <= DELAY else 0.0),
    )


def _discounts(state: LimitState, limit: float) -> Sequence[float]:
    """A late stake begins that much earlier: what is counted now may have happened up to `DELAY` ago."""
    if not state.mixture.bets:
        return [0.0] * len(LIMIT_RATIOS)
    return [-(ratio - 1) * limit * DELAY for ratio in LIMIT_RATIOS]


def due(rule: RateRule, state: LimitState | ExcessState) -> float:
    """Events that would have been harmless in what was tested."""
    if isinstance(state, LimitState):
        return (rule.limit or 0.0) * state.observed
    return state.expected


def is_breached(rule: RateRule, state: LimitState | ExcessState) -> bool:
    """Whether too many events are proved, and there were enough of them."""
    events = state.events if isinstance(state, LimitState) else state.judged
    return state.mixture.crossed_at is not None and events >= rule.min_events
