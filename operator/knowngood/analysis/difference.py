"""Between which limits the difference of two shares lies: right at every look, for the report alone.

A grid of differences is kept, each with its own evidence against it; the limits are those without enough of it. Unlike
the bets that decide, these learn from the canary too. So that this costs nothing to speak of, blocks are put together
into parts that grow with what was seen before: by counts, and never by outcomes.
"""

import math
from dataclasses import dataclass, replace

from knowngood.analysis.blocks import Block
from knowngood.analysis.projection import log_ratio, nearest_apart

_EACH_WAY = 20
"""Differences on each side of zero: 41 in all."""

_STEPS_PER_MARGIN = 4
_GROWTH = 0.1
"""A part has this share of the canary's requests before it."""

_DRAWN = 20.0
"""As many requests as the canary's share is drawn to the stable one by."""

_RAREST = 1e-6
_NOTHING = Block(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """Where the difference lies, as fractions; positive where the canary's share is higher.

    Attributes:
        lowest: None: lower than what is looked at.
        highest: None: higher than that.
    """

    lowest: float | None
    highest: float | None


@dataclass(frozen=True, slots=True)
class DifferenceState:
    """The evidence against each difference.

    Attributes:
        margin: The unit of the grid: it reaches five margins each way.
        log_limit: Logarithm of the evidence at which a difference is ruled out.
        logs: The logarithm of the evidence against each difference, from the lowest one up.
        ruled_out: Which of them were ruled out once.
        seen: All closed parts.
        part: The part that is open.
        design_effect: How many requests count as one.
    """

    margin: float
    log_limit: float
    logs: tuple[float, ...] = (0.0,) * (2 * _EACH_WAY + 1)
    ruled_out: tuple[bool, ...] = (False,) * (2 * _EACH_WAY + 1)
    seen: Block = _NOTHING
    part: Block = _NOTHING
    design_effect: float = 1.0

    def after(self, block: Block) -> "DifferenceState":
        """With one more block; blocks come in order of time."""
        state = self
        if state.part.end and block.start > state.part.end:
            # Something was left out between the two, such as a change of weights.
            state = state.closed()
        state = replace(state, part=_joined(state.part, block))
        enough = max(1.0, _GROWTH * state.seen.n_c)
        if state.part.n_c >= enough and state.part.n_s:
            state = state.closed()
        return state

    @property
    def limits(self) -> Limits:
        """The limits now; the neighbour of what is left counts, so that they err outwards."""
        left = [i for i, out in enumerate(self.ruled_out) if not out]
        if not left:
            return Limits(None, None)
        low, high = left[0] - 1, left[-1] + 1
        return Limits(
            None if low < 0 else self._difference(low),
            None if high >= len(self.logs) else self._difference(high),
        )

    def _difference(self, index: int) -> float:
        return (index - _EACH_WAY) * self.margin / _STEPS_PER_MARGIN

    def closed(self) -> "DifferenceState":
        """With the open part closed."""
        part, seen = self.part, self.seen
        if not part.n_c or not part.n_s:
            return self
        logs = self.logs
        if seen.n_c and seen.n_s:
            bet = _bet(seen)
            logs = tuple(
                log + _against(self._difference(i), bet, part) / self.design_effect
                for i, log in enumerate(logs)
            )
        ruled_out = tuple(
            out or log >= self.log_limit for out, log in zip(self.ruled_out, logs, strict=True)
        )
        return replace(
            self, logs=logs, ruled_out=ruled_out, seen=_joined(seen, part), part=_NOTHING
        )


def begin(margin: float, confidence: float, design_effect: float = 1.0) -> DifferenceState:
    """The evidence before the first block.

    Args:
        margin: The difference that matters, as a fraction; the grid has a quarter of it as its step.
        confidence: With which probability the true difference is always within the limits.
        design_effect: How many requests count as one.
    """
    return DifferenceState(margin, -math.log(1 - confidence), design_effect=design_effect)


def _joined(one: Block, other: Block) -> Block:
    if not one.end:
        return other
    return Block(
        one.x + other.x, one.n_c + other.n_c, one.y + other.y, one.n_s + other.n_s, one.start, other.end
    )  # fmt: skip


def _bet(seen: Block) -> tuple[float, float]:
    """The shares as they seem to be."""
    q = (seen.y + 0.5) / (seen.n_s + 1)
    p = (seen.x + _DRAWN * q) / (seen.n_c + _DRAWN)
    return _inside(p), _inside(q)


def _inside(share: float) -> float:
    return min(max(share, _RAREST), 1 - _RAREST)


def _against(difference: float, bet: tuple[float, float], part: Block) -> float:
    """The logarithm of a part's evidence against a difference."""
    (p, q), counts = bet, (part.x, part.n_c, part.y, part.n_s)
    if difference > 0:  # a rise of events is a fall of the other answers
        p, q = 1 - p, 1 - q
        counts = (part.n_c - part.x, part.n_c, part.n_s - part.y, part.n_s)
    if abs(difference) >= 1 - _RAREST:
        return 0.0
    law = nearest_apart(p, q, part.n_c, part.n_s, abs(difference))
    return log_ratio((p, q), law, counts)
