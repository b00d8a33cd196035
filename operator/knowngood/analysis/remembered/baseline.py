"""Has a version's share of events left what its frozen baseline lets expect?

A bet against "at every request the share of good answers, given all before, is at least m", with m
of the stratum: the baseline's bound minus the tolerance. Nothing is learned from the judged
version. Without harm the judged time to a false alarm is at least c on average, and a span of T
holds a false alarm with a probability of at most T/c: however often one looks, at any traffic.
"""

import math
from dataclasses import dataclass, replace

from knowngood.analysis.remembered.counts import BaselineCounts, harmless_share
from knowngood.analysis.remembered.cusum import Step, Watch, log_mean
from knowngood.analysis.remembered.demands import Demands
from knowngood.analysis.remembered.stretches import Stretch
from knowngood.analysis.remembered.tallies import TallyWindow, pair
from knowngood.api.v1alpha1.comparisons import Seasonality
from knowngood.signals.cells import Counts

FRACTIONS = (0.02, 0.05, 0.1, 0.2, 0.3)
"""Parts of what may be staked at most; small ones win slowly where the change is small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRule(Demands):
    """What is tested.

    Attributes:
        seasonality: Which hours are compared with a part of the baseline of their own. A part with
            fewer requests than `min_samples` is not compared with.
    """

    seasonality: Seasonality = Seasonality.NONE


@dataclass(frozen=True, slots=True)
class BaselineState:
    """The evidence of an epoch.

    An epoch begins with another version, baseline or test, and when an incident about it is closed.
    Evidence that begins later in the same epoch (a new leader) is never more, and the same as soon
    as the older one was at its lowest in between.

    Attributes:
        since: When it began, unix seconds.
        watches: One per direction that is tested.
        window: What was seen and expected over the rule's window, or the last hour.
        judged: Minutes that were judged.
        skipped: Minutes with answers whose stratum is too thin to be compared with.
        breached_by: The watch that was crossed with the other demands met; latched.
    """

    since: float
    watches: tuple[Watch, ...]
    window: TallyWindow
    judged: float = 0.0
    skipped: float = 0.0
    breached_by: Watch | None = None

    @property
    def leading(self) -> Watch:
        """The watch with the most evidence."""
        return max(self.watches, key=lambda watch: watch.log_evidence)


def begin(rule: BaselineRule, since: float) -> BaselineState:
    """The evidence before the first stretch."""
    return BaselineState(since, rule.watches(), rule.window())


def fold(
    state: BaselineState, rule: BaselineRule, baseline: BaselineCounts, stretch: Stretch
) -> BaselineState:
    """The evidence after one more stretch; stretches come in order of time.

    A stretch whose stratum is too thin is left out: it borrows from no other one.

    Args:
        state: What is known.
        rule: The test.
        baseline: With the rule's seasonality.
        stretch: What the version answered.
    """
    if state.breached_by:
        return state
    counts = baseline.at(stretch.start)
    if counts.total < max(1, rule.min_samples):
        return replace(state, skipped=state.skipped + stretch.judged)
    expected = stretch.total * counts.events / counts.total
    tally = pair(stretch.events, stretch.total, expected, stretch.total)
    step = Step(stretch.start, stretch.end, stretch.judged, tally)
    folded = replace(
        state,
        watches=tuple(_after(watch, rule, counts, step) for watch in state.watches),
        window=state.window.plus(tally, stretch.end),
        judged=state.judged + stretch.judged,
    )
    return replace(folded, breached_by=rule.met_by(folded.watches, folded.window))


def _after(watch: Watch, rule: BaselineRule, counts: Counts, step: Step) -> Watch:
    m = harmless_share(counts, watch.falls, rule.tolerance, rule.design_effect)
    bad = step.tally.bad(falls=watch.falls)
    factors = log_factors(step.tally.total - bad, bad, m, rule.design_effect)
    return watch.after(factors, step, log_mean)


def log_factors(good: int, bad: int, m: float, design_effect: float = 1.0) -> list[float]:
    """Per fraction the logarithm of the factor of some answers.

    Each answer multiplies by `1 + lambda (m - 1)` if it is good and by `1 + lambda m` if not, with
    lambda = fraction / (1 - m): at most 1 on average while good ones have a share of m or more.

    Args:
        good: Good answers.
        bad: The others.
        m: The lowest harmless share of good answers; at 0 or below no share is harmful: no bet.
        design_effect: How many answers count as one.
    """
    if m <= 0:
        return [0.0] * len(FRACTIONS)
    return [
        (good * math.log1p(-f) + bad * math.log1p(f * m / (1 - m))) / design_effect
        for f in FRACTIONS
    ]
