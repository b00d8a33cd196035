"""What an incident tells of the course of things: its timeline, its clocks, and what is left to do."""

from knowngood.api.v1alpha1 import IncidentPhase, IncidentStatus, Task
from knowngood.api.v1alpha1.notification_status import Notification
from knowngood.cli.views.lines import Line, Tone, facts
from knowngood.cli.views.phrases import moment


def timeline(status: IncidentStatus | None) -> tuple[Line, ...]:
    """What happened, in order."""
    return tuple(
        Line(f"{entry.actor}: {entry.text}", head=f"  {moment(entry.time)}  ")
        for entry in (status.timeline if status else ())
    )


def moved_out(status: IncidentStatus) -> tuple[Line, ...]:
    """How many older entries are not told here, where they are, and why they may be nowhere."""
    chain, first = status.chain, status.timeline[0].seq if status.timeline else 1
    if chain is None:
        return ()
    kept = chain.kept_from if chain.kept_from is not None else chain.archived + 1
    gone, moved = min(kept, first) - 1, max(0, first - kept)
    said = (
        f"{gone} older entries were left out, and are nowhere" if gone else "",
        f"{moved} older entries are in ConfigMaps; --all tells them" if moved else "",
        f"older entries can not be kept in ConfigMaps: {chain.not_archived}"
        if chain.not_archived
        else "",
    )
    return tuple(Line(text, head="  ", tone=Tone.WARNING) for text in said if text)


def tasks(status: IncidentStatus) -> tuple[Line, ...]:
    """What each role has to do, and what was seen to be done."""
    closed = status.phase is IncidentPhase.CLOSED
    return tuple(line for task in status.tasks for line in _task(task, closed=closed))


def _task(task: Task, *, closed: bool) -> tuple[Line, ...]:
    done = "done: " if task.done else ""
    tone = Tone.PLAIN if task.done else Tone.WARNING
    told = Line(f"{task.role}: {done}{task.text}", head="  ", tone=tone)
    if task.command is None or task.done or closed:  # whoever answers a closed one is refused
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
            *_safe_meanwhile(status),
            ("acknowledged", moment(found.acknowledged) or "by nobody yet"),
            ("decided", moment(found.decided)),
            ("cause gone", moment(found.eradicated)),
            ("recovered", moment(found.recovered)),
            ("opened again", _again(status, moment(found.reopened))),
            ("closed", moment(found.closed)),
        ]
    )


def _safe_meanwhile(status: IncidentStatus) -> tuple[tuple[str, str], ...]:
    """From when to when users were safe, where that is over: its clock is taken away with it."""
    return tuple(
        ("safe", f"from {moment(a.finished_at)} to {moment(a.reversed_at)}, by {a.type}")
        for a in status.actions
        if a.finished_at and a.reversed_at
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
    told = {name: _told(note) for name, note in sent.items()}
    return facts([*told.items(), *((n, f"nothing yet; {w}") for n, w in sorted(waiting.items()))])


def _told(note: Notification) -> str:
    if note.sent == 1:
        return f"1 message, at {moment(note.at)}: {note.occasion}"
    first = f"the first one at {moment(note.first_at)}, " if note.first_at else ""
    return f"{note.sent} messages, {first}the last one at {moment(note.at)}: {note.occasion}"
