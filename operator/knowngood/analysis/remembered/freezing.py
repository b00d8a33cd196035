"""Collecting a baseline, and how far one is from another.

Nothing that was wrong, or was made by people, enters: the caller names the spans of incidents,
drills, open breaches, overrides and containment. A baseline is never moved by itself: a new one is
collected beside the old one, and a person accepts it, with the drift from the first one in view.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import NormalDist

from knowngood.analysis.blocks import Span
from knowngood.analysis.remembered.counts import BaselineCounts
from knowngood.analysis.remembered.strata import STRATA, name_of, stratum_of
from knowngood.analysis.remembered.stretches import Alongside, alongside, cut_alone
from knowngood.api.v1alpha1.baseline import BaselineSource as Source
from knowngood.api.v1alpha1.comparisons import Direction, Seasonality
from knowngood.signals.cells import NOTHING, CellColumn, Counts

KEPT = 3
"""Baselines that are kept beside the first one."""


@dataclass(frozen=True, slots=True)
class Collecting:
    """What will be a baseline.

    Attributes:
        seasonality: What its strata are; hours of the week can be made coarser later.
        place: How far the column was cut.
        strata: Counts so far.
        start: First second that was counted; None before any.
        end: The second behind the last one.
    """

    seasonality: Seasonality
    place: Alongside
    strata: tuple[Counts, ...]
    start: float | None = None
    end: float = 0.0

    @property
    def samples(self) -> int:
        """Requests so far."""
        return sum(counts.total for counts in self.strata)


def collecting(seasonality: Seasonality, since: float) -> Collecting:
    """Before anything is counted; what was answered before `since`, in unix seconds, is not."""
    return Collecting(seasonality, alongside(since), (NOTHING,) * STRATA[seasonality])


def collect(
    known: Collecting, column: CellColumn, until: int, excluded: Sequence[Span] = ()
) -> Collecting:
    """With what is settled since the last call; how often it is called changes nothing.

    Args:
        known: So far.
        column: Cells of the version.
        until: Cells from this second on are not settled, or not yet known to be free of incidents.
        excluded: Spans that do not count, with the moment at which the harm began as their start.
    """
    place, stretches = cut_alone(known.place, column, until, excluded)
    strata = list(known.strata)
    for one in stretches:
        index = stratum_of(one.start, known.seasonality)
        old = strata[index]
        strata[index] = Counts(old.events + one.events, old.total + one.total)
    start, end = known.start, known.end
    if stretches:
        start = stretches[0].start if start is None else start
        end = stretches[-1].end
    return replace(known, place=place, strata=tuple(strata), start=start, end=end)


def freeze(known: Collecting) -> BaselineCounts | None:
    """The baseline; None when nothing was counted."""
    if known.start is None:
        return None
    return BaselineCounts(known.seasonality, known.strata, known.start, known.end, Source.OBSERVED)


@dataclass(frozen=True, slots=True)
class Drift:
    """How much higher the share of one baseline is than that of another, in the same hours.

    Attributes:
        difference: Estimate, as a fraction.
        low: Bound below, as sure as was asked for.
        high: Bound above, likewise.
        widest: The stratum with the largest difference, in words.
        widest_difference: It.
    """

    difference: float
    low: float
    high: float
    widest: str
    widest_difference: float

    def is_no_worse(self, direction: Direction, margin: float) -> bool:
        """Whether harm by the margin, a fraction, is excluded."""
        falls = direction in {Direction.DECREASE, Direction.EITHER}
        rises = direction in {Direction.INCREASE, Direction.EITHER}
        return not (falls and self.low <= -margin) and not (rises and self.high >= margin)


def drift(
    current: BaselineCounts,
    origin: BaselineCounts,
    confidence: float = 0.95,
    design_effect: float = 1.0,
) -> Drift | None:
    """Compare two baselines hour by hour, so that other hours are no difference.

    Mantel-Haenszel weights; the bounds are normal ones, with half an event more and less in every
    stratum, so that a few requests are not taken for certain.

    Args:
        current: The later one.
        origin: The earlier one; the coarser seasonality of both is compared.
        confidence: One-sided, of each bound.
        design_effect: How many requests count as one.

    Returns:
        None when no stratum has requests in both.
    """
    coarser = min(current.seasonality, origin.seasonality, key=lambda season: STRATA[season])
    pairs = [
        (number, a, b)
        for number, (a, b) in enumerate(
            zip(current.coarsened(coarser).strata, origin.coarsened(coarser).strata, strict=True)
        )
        if a.total and b.total
    ]
    if not pairs:
        return None
    weights = [a.total * b.total / (a.total + b.total) for _, a, b in pairs]
    steps = [a.events / a.total - b.events / b.total for _, a, b in pairs]
    whole = sum(weights)
    difference = sum(w * d for w, d in zip(weights, steps, strict=True)) / whole
    variance = sum(
        w * w * (_variance(a) + _variance(b)) for w, (_, a, b) in zip(weights, pairs, strict=True)
    )
    half = NormalDist().inv_cdf(confidence) * sqrt(variance * design_effect) / whole
    place = max(range(len(pairs)), key=lambda k: abs(steps[k]))
    return Drift(
        difference,
        difference - half,
        difference + half,
        name_of(pairs[place][0], coarser),
        steps[place],
    )


def _variance(counts: Counts) -> float:
    share = (counts.events + 0.5) / (counts.total + 1)
    return share * (1 - share) / counts.total


@dataclass(frozen=True, slots=True)
class Kept:
    """The baselines of a signal: the first one for ever, and the last few; the newest is in use.

    Attributes:
        origin: The first one.
        accepted: Those that were accepted, the newest last; at most `KEPT`.
    """

    origin: BaselineCounts
    accepted: tuple[BaselineCounts, ...]

    @property
    def current(self) -> BaselineCounts:
        """The one in use."""
        return self.accepted[-1] if self.accepted else self.origin

    def with_accepted(self, baseline: BaselineCounts) -> "Kept":
        """With one that a person has accepted."""
        return Kept(self.origin, (*self.accepted, baseline)[-KEPT:])
