"""A baseline: what a signal of a version showed while it was known to do well, frozen."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.comparisons import Seasonality
from knowngood.api.v1alpha1.scalars import Number, ObjectName, Person
from knowngood.api.v1alpha1.segments import MOST_SEGMENTS, SegmentValue
from knowngood.api.v1alpha1.shared import Count
from knowngood.api.v1alpha1.wire import MicroTime, Wire

Tally = Annotated[int, Field(ge=0, le=2**53, description="A count of requests.")]
Lane = Annotated[str, Field(max_length=128, description="A category.")]
Edge = Annotated[Number, Field(description="Upper edge of a bin.")]


class BaselineSource(StrEnum):
    """Where a baseline comes from.

    Observed: it was counted while the version answered everybody. HandedIn: a person has computed it from other data.
    """

    OBSERVED = "Observed"
    HANDED_IN = "HandedIn"


class Tallies(Wire):
    """Frozen counts.

    A share has events and totals, one pair for each stratum of hours; a histogram or categories have counts.
    """

    events: Annotated[tuple[Tally, ...], listed(168)] = ()
    """Requests that showed the event, for each stratum."""

    totals: Annotated[tuple[Tally, ...], listed(168)] = ()
    """All requests, for each stratum."""

    categories: Annotated[tuple[Lane, ...], listed(64)] = ()
    """Names of the categories, in the order of counts."""

    edges: Annotated[tuple[Edge, ...], listed(64)] = ()
    """Upper edges of the bins, in the order of counts; the last one is +Inf."""

    counts: Annotated[tuple[Tally, ...], listed(64)] = ()
    """Requests of each category or bin."""

    samples: Count
    """How many requests there are in all."""

    from_: Annotated[MicroTime, Field(alias="from")]
    """When the first one was counted."""

    to: MicroTime
    """When the last one was."""


class SegmentBaseline(Tallies):
    """What one signal showed of one segment."""

    segment: SegmentValue
    """The segment: a value of the label by which the signal's template tells them apart."""


class Baseline(Tallies):
    """What one signal showed.

    A share has events and totals, one pair for each stratum of hours; a histogram or categories have counts. A signal
    with segments has all of this for each of them, and samples and times of the one with the most requests.
    """

    signal: ObjectName
    """Name of the signal template."""

    source: BaselineSource
    """Observed, or HandedIn by a person."""

    seasonality: Seasonality = Seasonality.NONE
    """Which hours are counted apart: None, HourOfDay or HourOfWeek, in UTC."""

    segments: (
        Annotated[tuple[SegmentBaseline, ...], listed(MOST_SEGMENTS, key="segment")] | None
    ) = None
    """What each segment showed; small ones are left out."""

    accepted_by: Person | None = None
    """Who has handed it in."""

    accepted_at: MicroTime | None = None
    """When it was handed in."""

    @property
    def parts(self) -> int:
        """How many sets of counts it holds."""
        return 1 if self.segments is None else len(self.segments)

    def of_segment(self, value: str) -> "Baseline | None":
        """The same of one segment; None where it is not remembered."""
        found = next((one for one in self.segments or () if one.segment == value), None)
        if found is None:
            return None
        counts = {name: getattr(found, name) for name in Tallies.model_fields}
        return self.model_copy(update={**counts, "segments": None})
