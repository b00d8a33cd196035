"""Is a version's share of events worse than its own, some time ago?

The version's answers of `offset` ago stand in for the stable version: each block has the factor
that a comparison of two versions has. Both arms of a block are one stream at two times, so an
answer comes up twice: as the present, and `offset` later as the past. A run of evidence that is no
longer than `offset` holds each answer once, and is then a product of e-values; so longer ones begin
anew, and every bet must reach the limit by itself. Then the starts from which a run reaches it
without harm are, by Ville's inequality, at most T/c on average in T minutes of judged time:

    no more than one false alarm in c minutes, and in T minutes one with a probability of at most T/c.

What holds for two versions in the same minutes does not hold here: everything that changes with
time (hours, weekdays, customers) is a difference.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowngood.analysis.bets import SHIFTS
from knowngood.analysis.blocks import Block, Span
from knowngood.analysis.past import NO_PAST, StablePast
from knowngood.analysis.projection import log_factor
from knowngood.analysis.remembered.cusum import Step, Watch
from knowngood.analysis.remembered.demands import Demands
from knowngood.analysis.remembered.shadow import ShadowRule
from knowngood.analysis.remembered.stretches import judged_minutes
from knowngood.analysis.remembered.tallies import TallyWindow, pair


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRule(Demands):
    """What is tested.

    Attributes:
        offset: Seconds between the present and the past that it is compared with.
    """

    offset: int

    @property
    def longest(self) -> float:
        """Seconds that a run may last: each answer comes up in it once."""
        return self.offset

    @staticmethod
    def combined(logs: Sequence[float]) -> float:
        """Each bet must reach the limit by itself; in logarithms."""
        return max(logs)

    @property
    def limit(self) -> float:
        """The evidence at which a single bet crosses; all bets of all directions share the rate."""
        return len(SHIFTS) * super(PastRule, self).limit


@dataclass(frozen=True, slots=True)
class PastState:
    """The evidence of an epoch; see `BaselineState` for what one is.

    Attributes:
        since: When it began, unix seconds.
        watches: One per direction that is tested.
        window: What was seen at both times over the rule's window, or the last hour.
        past: The past answers of earlier blocks.
        last: When the last block with both arms ended.
        judged: Minutes that were judged.
        breached_by: The watch that was crossed with the other demands met; latched.
    """

    since: float
    watches: tuple[Watch, ...]
    window: TallyWindow
    last: float
    past: StablePast = NO_PAST
    judged: float = 0.0
    breached_by: Watch | None = None

    @property
    def leading(self) -> Watch:
        """The watch with the most evidence."""
        return max(self.watches, key=lambda watch: watch.log_evidence)


def begin(rule: PastRule | ShadowRule, since: float) -> PastState:
    """The evidence before the first block."""
    return PastState(since, rule.watches(), rule.window(), since)


def fold(
    state: PastState, rule: PastRule | ShadowRule, block: Block, excluded: tuple[Span, ...] = ()
) -> PastState:
    """The evidence after one more block; blocks come in order of time.

    Args:
        state: What is known.
        rule: The test.
        block: The present as the canary, the past as the stable version: `blocks.cut` of a column
            and of its `Shifted` view, with `both_times` of the spans that are not judged. For a
            shadow: its answers are the stable version's.
        excluded: The same spans.
    """
    if state.breached_by or not block.n_c or not block.n_s:
        return state
    judged = judged_minutes(state.last, block.start, block.end, excluded)
    tally = pair(block.x, block.n_c, block.y, block.n_s)
    step, q = Step(block.start, block.end, judged, tally), state.past.share
    watches = tuple(
        watch.after(_log_factors(block, q, rule, watch), step, rule.combined, rule.longest)
        for watch in state.watches
    )
    folded = replace(
        state,
        watches=watches,
        window=state.window.plus(tally, block.end),
        last=block.end,
        past=state.past.after(block),
        judged=state.judged + judged,
    )
    return replace(folded, breached_by=rule.met_by(folded.watches, folded.window))


def _log_factors(block: Block, q: float | None, rule: Demands, watch: Watch) -> list[float]:
    """A rise of events is a fall of the other answers, so one kind of bet does for both."""
    if q is None:
        return [0.0] * len(SHIFTS)
    counts = (block.x, block.n_c, block.y, block.n_s)
    if not watch.falls:
        q = 1 - q
        counts = (block.n_c - block.x, block.n_c, block.n_s - block.y, block.n_s)
    logit = math.log(q / (1 - q))
    bets = [1 / (1 + math.exp(shift - logit)) for shift in SHIFTS]
    return [log_factor(p, q, counts, rule.tolerance) / rule.design_effect for p in bets]


def both_times(spans: tuple[Span, ...], offset: int) -> tuple[Span, ...]:
    """Spans that are not judged, as the present and as the past of a time `offset` later."""
    return (*spans, *((start + offset, over + offset) for start, over in spans))
