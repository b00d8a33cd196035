"""The moments of one run, and the spans between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, quantiles

STAGES = ("scrape", "evaluation", "decision", "route")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """When what happened in one run, in unix seconds of this machine's one clock.

    Attributes:
        harmed: From when on the canary fails more often.
        first_bad: Its first failed answer from then on, as the client saw it.
        enough: The scrape whose sample made the counts enough for a breach.
        detected: When the operator decided (`status.rollout.failure.detectedAt`).
        written: When the decision was seen in the API.
        last: The last answer of the canary that any client got.
        bad_answers: How many failed answers clients got from it in between.
    """

    harmed: float
    first_bad: float
    enough: float
    detected: float
    written: float
    last: float
    bad_answers: int

    @property
    def containment(self) -> float:
        """Seconds from the first bad answer to the last answer of the bad version."""
        return self.last - self.first_bad

    @property
    def split(self) -> dict[str, float]:
        """The containment by stage, in seconds; the stages add up to it.

        The last one may be below zero by a fraction of a second: at six requests a second the
        canary's last answer comes some time before its route is gone.
        """
        marks = (self.first_bad, self.enough, self.detected, self.written, self.last)
        spans = (later - earlier for earlier, later in pairwise(marks))
        return dict(zip(STAGES, spans, strict=True))


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle and the far end of some spans, in seconds."""

    median_s: float
    p95_s: float


def spread(values: Sequence[float]) -> Spread:
    """Summarise at least one span; the 95th percentile is interpolated between the runs."""
    if len(values) == 1:
        return Spread(values[0], values[0])
    return Spread(median(values), quantiles(values, n=20, method="inclusive")[-1])
