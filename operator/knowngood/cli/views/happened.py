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


def people_told(status: IncidentStatus) -> tuple[Line, ...]:
    """Who was told, and who would be."""
    sent = {n.receiver: n for n in status.notifications}
    found = status.clocks
    over = found is not None and (found.acknowledged or found.closed)
    waiting = {
        name: f"after {step.after}, unless it is acknowledged"
        for step in reversed(() if over else status.escalation)
        for name in step.notify
        if name not in sent
    }
    told = {
        name: f"{n.sent} message{'s' if n.sent > 1 else ''}, the last one at {moment(n.at)}: {n.occasion}"
        for name, n in sent.items()
    }
    return facts([*told.items(), *((n, f"nothing yet; {w}") for n, w in sorted(waiting.items()))])
