"""Is the canary shown not to be worse by a margin? Valid at every look.

The other way round from an alarm: here the harmful versions are the null hypothesis. The bet is that the canary is as
good as the stable version was in the past, and it is the same bet whatever the canary does: a bad answer never helps.
"""

import math
from dataclasses import dataclass, replace

from knowngood.analysis.blocks import Block
from knowngood.analysis.past import NO_PAST, StablePast
from knowngood.analysis.projection import log_ratio, nearest_apart
from knowngood.api.v1alpha1.comparisons import Direction

_RAREST = 1e-6
"""A share is not bet to be nearer to nothing, or to everything: the worse law beside it must fit into a number."""


@dataclass(frozen=True, slots=True)
class NonInferiorRule:
    """What is to be shown.

    Attributes:
        direction: Which change of the share of events is bad; Either: neither change may be as large as the margin.
        margin: The difference that would be too much, as a fraction; above 0 and below 1.
        confidence: A canary that is worse by the margin or more is called non-inferior with a probability of at most
            1 - confidence, however often one looks.
        design_effect: How many requests count as one; fixed for the epoch.
    """

    direction: Direction
    margin: float
    confidence: float
    design_effect: float = 1.0

    @property
    def limit(self) -> float:
        """The evidence at which it is shown. Both directions must be shown, so nothing is shared."""
        return 1 / (1 - self.confidence)


@dataclass(frozen=True, slots=True)
class Claim:
    """The evidence that the canary's share has not fallen by the margin, or has not risen by it.

    Attributes:
        falls: Whether it is about a fall.
        log_evidence: Logarithm of the evidence now.
        highest: The highest it ever was.
        shown_at: When it first reached the limit, unix seconds; it stays.
    """

    falls: bool
    log_evidence: float = 0.0
    highest: float = 0.0
    shown_at: float | None = None

    def after(self, log_factor: float, log_limit: float, end: float) -> "Claim":
        """With the factor of a block that ended at `end`."""
        log_evidence = self.log_evidence + log_factor
        shown_at = self.shown_at
        if shown_at is None and log_evidence >= log_limit:
            shown_at = end
        return Claim(self.falls, log_evidence, max(self.highest, log_evidence), shown_at)


@dataclass(frozen=True, slots=True)
class NonInferiorState:
    """The evidence of an epoch.

    Attributes:
        claims: One per direction that matters.
        past: The stable version's answers before the next block.
    """

    claims: tuple[Claim, ...]
    past: StablePast = NO_PAST

    @property
    def weakest(self) -> Claim:
        """The claim that is furthest from being shown."""
        return min(self.claims, key=lambda claim: (claim.shown_at is not None, claim.highest))

    @property
    def shown(self) -> bool:
        """Whether every claim was shown once. That is final: more requests can not take it back."""
        return self.weakest.shown_at is not None

    @property
    def shown_at(self) -> float | None:
        """When the last claim was shown, unix seconds; None while one is not."""
        found = [claim.shown_at for claim in self.claims if claim.shown_at is not None]
        return max(found) if len(found) == len(self.claims) else None


def begin(rule: NonInferiorRule) -> NonInferiorState:
    """The evidence before the first block."""
    falls = {Direction.DECREASE: (True,), Direction.INCREASE: (False,)}
    return NonInferiorState(tuple(Claim(fall) for fall in falls.get(rule.direction, (True, False))))


def fold(state: NonInferiorState, rule: NonInferiorRule, block: Block) -> NonInferiorState:
    """The evidence after one more block; blocks come in order of time."""
    q, log_limit = state.past.share, math.log(rule.limit)
    claims = tuple(
        claim.after(_log_factor(block, q, rule, falls=claim.falls), log_limit, block.end)
        for claim in state.claims
    )
    return replace(state, claims=claims, past=state.past.after(block))


def _log_factor(block: Block, q: float | None, rule: NonInferiorRule, *, falls: bool) -> float:
    """The block's evidence for equal shares against a canary that is worse by the margin; 0: no bet."""
    if q is None or not block.n_c or not block.n_s:
        return 0.0
    q = min(max(q, _RAREST), 1 - _RAREST)
    counts = (block.x, block.n_c, block.y, block.n_s)
    if not falls:  # a rise of events is a fall of the other answers
        q, counts = 1 - q, (block.n_c - block.x, block.n_c, block.n_s - block.y, block.n_s)
    law = nearest_apart(q, q, block.n_c, block.n_s, rule.margin)
    return log_ratio((q, q), law, counts) / rule.design_effect
