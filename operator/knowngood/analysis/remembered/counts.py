"""A baseline: counts of a signal, frozen while its version was known to do well."""

from dataclasses import dataclass
from functools import lru_cache

from knowngood.analysis.remembered.strata import STRATA, stratum_of
from knowngood.analysis.threshold import wilson
from knowngood.api.v1alpha1.baseline import BaselineSource as Source
from knowngood.api.v1alpha1.comparisons import Seasonality
from knowngood.signals.cells import Counts

SURE = 0.99
"""How sure it is that a stratum's share is beyond the bound that is tested against."""

_DAY = 86_400.0
_PERIODS = {
    Seasonality.NONE: _DAY,
    Seasonality.HOUR_OF_DAY: _DAY,
    Seasonality.HOUR_OF_WEEK: 7 * _DAY,
}


@dataclass(frozen=True, slots=True)
class BaselineCounts:
    """Events among requests per stratum; never changes.

    Attributes:
        seasonality: What the strata are.
        strata: Counts per stratum, in the order of `stratum_of`.
        start: When the first request was counted, unix seconds.
        end: When the last one was.
        source: Where it comes from.

    Raises:
        ValueError: The strata are not as many as the seasonality has, or counts are impossible.
    """

    seasonality: Seasonality
    strata: tuple[Counts, ...]
    start: float
    end: float
    source: Source = Source.OBSERVED

    def __post_init__(self) -> None:
        wanted = STRATA[self.seasonality]
        if len(self.strata) != wanted:
            raise ValueError(
                f"strata: {self.seasonality} needs {wanted} of them, not {len(self.strata)}"
            )
        for number, counts in enumerate(self.strata):
            if not 0 <= counts.events <= counts.total:
                raise ValueError(
                    f"strata[{number}]: {counts.events} events of {counts.total} requests"
                )

    @property
    def samples(self) -> int:
        """Requests of all strata."""
        return sum(counts.total for counts in self.strata)

    @property
    def events(self) -> int:
        """Events of all strata."""
        return sum(counts.events for counts in self.strata)

    def at(self, second: float) -> Counts:
        """The counts of the stratum that a unix second belongs to."""
        return self.strata[stratum_of(second, self.seasonality)]

    def coarsened(self, seasonality: Seasonality) -> "BaselineCounts":
        """The same counts in fewer strata.

        Raises:
            ValueError: It would take more of them: nobody knows what was counted when.
        """
        wanted = STRATA[seasonality]
        if wanted == len(self.strata):
            return self
        if wanted > len(self.strata):
            raise ValueError(f"a baseline by {self.seasonality} does not tell {seasonality}")
        parts = [self.strata[first::wanted] for first in range(wanted)]
        merged = tuple(Counts(sum(c.events for c in p), sum(c.total for c in p)) for p in parts)
        return BaselineCounts(seasonality, merged, self.start, self.end, self.source)

    def has_periods(self, number: int, min_samples: int) -> bool:
        """Whether it reaches over so many full periods, with enough requests in every stratum.

        A period is a week for `HourOfWeek`, else a day: one day can not know the next.
        """
        is_long = self.end - self.start >= number * _PERIODS[self.seasonality]
        return is_long and all(counts.total >= min_samples for counts in self.strata)


@lru_cache(maxsize=4096)  # the same few strata, ten times a minute
def harmless_share(
    counts: Counts,
    falls: bool,  # noqa: FBT001  - the cache takes positions
    tolerance: float,
    design_effect: float = 1.0,
) -> float:
    """The lowest share of good answers that is harmless: the null hypothesis of a stratum.

    Good answers are the events where a fall is bad, and the others where a rise is. The share is
    the baseline's bound that is sure, not its estimate, minus the tolerance.

    Args:
        counts: Of the stratum; with at least one request.
        falls: Whether it is about a fall of events.
        tolerance: Changes up to this are harmless, as a fraction.
        design_effect: How many requests count as one.
    """
    good = counts.events if falls else counts.total - counts.events
    low, _ = wilson(good / design_effect, counts.total / design_effect, SURE)
    return low - tolerance
