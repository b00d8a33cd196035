"""Notes: one look at each whole window, for people who want to know early. Nothing hangs on it.

Windows tumble, they never slide: each request is looked at once. The share of windows that are noted
without a cause is window/noteOnceIn, as far as the chi-squared law is right: requests are
independent, and bins are merged until each has five expected requests on both sides.
"""

from dataclasses import dataclass
from math import sqrt

from knowngood.analysis.distribution.chi2 import chi2_quantile
from knowngood.analysis.distribution.distances import measured
from knowngood.analysis.distribution.effect import sides
from knowngood.analysis.distribution.evidence import DistributionState
from knowngood.analysis.distribution.merging import joined, merged
from knowngood.analysis.distribution.rule import DistributionRule

EXPECTED = 5
"""Requests that each bin must be expected to have on both sides."""


@dataclass(frozen=True, slots=True)
class Note:
    """What one whole window shows.

    Attributes:
        start: Its first second, unix time.
        end: The second behind its last one.
        distance: By the rule's statistic, as it was counted.
        chi2: How far both sides are apart for chance alone.
        limit: What chance exceeds in a share window/noteOnceIn of all windows.
        merged_into: Bins that were left after merging.
    """

    start: float
    end: float
    distance: float
    chi2: float
    limit: float
    merged_into: int

    @property
    def is_due(self) -> bool:
        """Whether the window is worth a note."""
        return self.chi2 > self.limit


def last_note(state: DistributionState, rule: DistributionRule) -> Note | None:
    """The look at the last whole window; None: there was none, or too little in it."""
    if state.window.tumbled is None:
        return None
    index, sums = state.window.tumbled
    a, b = sides(sums, rule)
    n, m = sum(a), sum(b)
    if not n or not m:
        return None
    fewer = min(n, m) / (n + m)
    expected = [fewer * (x + y) for x, y in zip(a, b, strict=True)]
    groups = merged(expected, EXPECTED, is_ordered=rule.bins.is_ordered)
    if len(groups) == 1:
        return None
    return Note(
        index * rule.window,
        (index + 1) * rule.window,
        measured(rule.statistic, a, b, rule.bins),
        two_sample_chi2(joined(a, groups), joined(b, groups)),
        chi2_quantile(rule.window / rule.note_once_in, len(groups) - 1),
        len(groups),
    )


def two_sample_chi2(a: list[float], b: list[float]) -> float:
    """Pearson's statistic of two samples; bins that are empty on both sides count for nothing."""
    n, m = sum(a), sum(b)
    of_a, of_b = sqrt(m / n), sqrt(n / m)
    pairs = zip(a, b, strict=True)
    return sum((of_a * x - of_b * y) ** 2 / (x + y) for x, y in pairs if x + y)
