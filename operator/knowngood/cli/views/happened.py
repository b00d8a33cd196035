"""What an incident tells of the course of things: its timeline and its clocks."""

from knowngood.api.v1alpha1 import IncidentStatus
from knowngood.cli.views.lines import Line, facts
from knowngood.cli.views.phrases import moment


def timeline(status: IncidentStatus | None) -> tuple[Line, ...]:
    """What happened, in order."""
    return tuple(
        Line(f"{entry.actor}: {entry.text}", head=f"  {moment(entry.time)}  ")
        for entry in (status.timeline if status else ())
    )


def clocks(status: IncidentStatus | None) -> tuple[Line, ...]:
    """When it reached which point, and how long that took."""
    found = status.clocks if status else None
    if status is None or found is None:
        return ()
    took = status.attained
    after = f", {took.from_detection} after it was detected" if took and took.from_detection else ""
    since = f" and {took.rto} after it began" if after and took and took.rto and found.onset else ""
    return facts(
        [
            ("began", f"{moment(found.onset)} (estimated)" if found.onset else ""),
            ("detected", moment(found.detected)),
            ("contained", f"{moment(found.contained)}{after}{since}" if found.contained else ""),
            ("acknowledged", moment(found.acknowledged) or "by nobody yet"),
            ("closed", moment(found.closed)),
        ]
    )
