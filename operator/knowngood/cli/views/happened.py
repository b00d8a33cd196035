"""What an incident tells of the course of things: its timeline, its clocks, and what is left to do."""

from knowngood.api.v1alpha1 import IncidentStatus, Task
from knowngood.cli.views.lines import Line, Tone, facts
from knowngood.cli.views.phrases import moment


def timeline(status: IncidentStatus | None) -> tuple[Line, ...]:
    """What happened, in order."""
    return tuple(
        Line(f"{entry.actor}: {entry.text}", head=f"  {moment(entry.time)}  ")
        for entry in (status.timeline if status else ())
    )


def tasks(status: IncidentStatus) -> tuple[Line, ...]:
    """What each role has to do, and what was seen to be done."""
    return tuple(line for task in status.tasks for line in _task(task))


def _task(task: Task) -> tuple[Line, ...]:
    done = "done: " if task.done else ""
    tone = Tone.PLAIN if task.done else Tone.WARNING
    told = Line(f"{task.role}: {done}{task.text}", head="  ", tone=tone)
    if task.command is None or task.done:
        return (told,)
    return told, Line(task.command, head="    -> ", verbatim=True)


def _again(status: IncidentStatus, at: str) -> str:
    times = f", {status.reopened} times in all" if status.reopened > 1 else ""
    return f"{at}{times}" if at else ""


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
            ("decided", moment(found.decided)),
            ("cause gone", moment(found.eradicated)),
            ("recovered", moment(found.recovered)),
            ("opened again", _again(status, moment(found.reopened))),
            ("closed", moment(found.closed)),
        ]
    )
