"""The timeline of an incident, and the times that follow from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import Attained, Clocks, TimelineEntry

TIMELINE_KEPT: Final = 200
OPERATOR: Final = "operator"


def extend_timeline(
    before: Sequence[TimelineEntry], entries: Sequence[tuple[datetime, str, str]]
) -> tuple[TimelineEntry, ...]:
    """Add entries (instant, function of the framework, text) to a timeline."""
    start = before[-1].seq if before else 0
    added = [
        TimelineEntry(seq=start + n, time=at, csf=csf, actor=OPERATOR, text=text)
        for n, (at, csf, text) in enumerate(entries, start=1)
    ]
    return (*before, *added)[-TIMELINE_KEPT:]


def attained(clocks: Clocks, at: datetime) -> Attained:
    """How long the harm lasted that ended at an instant, since it began and since it was noticed."""
    since = clocks.onset or clocks.detected
    detection = clocks.detected
    return Attained(
        rto=span(at, since) if since else None,
        from_detection=span(at, detection) if detection else None,
    )


def span(end: datetime, start: datetime) -> str:
    """Render a span as a GEP-2257 duration, to the millisecond."""
    rest = max(0, round((end - start).total_seconds() * 1000))
    parts = []
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
