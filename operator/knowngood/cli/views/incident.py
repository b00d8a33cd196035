"""One incident, told from the object alone to somebody who saw nothing else; and all of them in a table."""

from collections.abc import Mapping, Sequence
from typing import Final

from knowngood.api.v1alpha1 import (
    Containment,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Origin,
    Role,
)
from knowngood.api.v1alpha1.approvals import ApprovalAnswer
from knowngood.cli.views.acted import actions, gave_way
from knowngood.cli.views.happened import clocks, moved_out, people_told, tasks, timeline
from knowngood.cli.views.lines import EMPTY, Cell, Line, Part, Table, Tone, facts, section
from knowngood.cli.views.looked import changes, steps
from knowngood.cli.views.phrases import moment
from knowngood.cli.views.verdicts import evidence
from knowngood.decisions.acknowledging import acknowledged_by
from knowngood.decisions.chaining import Fault
from knowngood.decisions.incident_phases import GONE
from knowngood.decisions.this_time import acknowledgement_of, decision_of
from knowngood.decisions.timeline import span

HEADER: Final = (
    "INCIDENT",
    "MODEL",
    "VERSION",
    "SEVERITY",
    "PHASE",
    "CONTAINED",
    "TAKEN",
    "DETECTED",
)

_CONTAINED: Final[Mapping[Containment | None, str]] = {
    Containment.VERIFIED: "users are safe: {to} answers all requests, and {bad} was seen to get none",
    Containment.PENDING: "users are not safe yet: the requests are still being sent to {to}",
    Containment.FAILED: "users are not safe: {bad} still answers them",
    Containment.UNDONE: "users are not safe any more: {bad} answers them again",
    Containment.NONE: "nothing was shifted: {bad} went on answering users",
}
"""How users are, by what was verified."""

_TONES: Final = {
    Containment.VERIFIED: Tone.GOOD,
    Containment.PENDING: Tone.WARNING,
    Containment.FAILED: Tone.BAD,
    Containment.UNDONE: Tone.BAD,
    Containment.NONE: Tone.BAD,
}
_ROLES: Final = {
    Role.STABLE: "which answered all users",
    Role.CANARY: "which was being tried on a share of the users",
}


def overview(incidents: Sequence[Incident], *, namespaces: bool = False) -> Table:
    """Write the table.

    Args:
        incidents: In the order in which they are told.
        namespaces: Whether a column says where each one is.
    """
    rows = tuple(_row(each, namespaces=namespaces) for each in incidents)
    return Table(("NAMESPACE", *HEADER) if namespaces else HEADER, rows)


def is_open(incident: Incident) -> bool:
    """Say whether an incident is not closed."""
    return incident.status is None or incident.status.phase is not IncidentPhase.CLOSED


def show(incident: Incident, fault: Fault | None) -> tuple[Part, ...]:
    """Tell everything that stands in an incident.

    Args:
        incident: The object.
        fault: The first place at which its chain does not hold; None where all of it does.
    """
    status = incident.status or IncidentStatus()
    meta, ref = incident.metadata, incident.spec.model_ref
    said = ", ".join(str(w) for w in (_severity(incident, status), status.phase) if w)
    version = status.subject.version if status.subject else ""
    return (
        Line(f"{meta.name} of {ref.name} in {meta.namespace}: {said}", tone=Tone.TITLE),
        Line(status.summary or "nothing is written down yet", head="  "),
        *section("What a person has to do", _next(status)),
        *section("Who has to do what", tasks(status)),
        *section("Who was harmed, and since when", _harmed(incident, status)),
        *section("What was done", _done(incident, status)),
        *section("Evidence", evidence(status, version)),
        *section("What Knowngood looked at", steps(status)),
        *section("What was changed in the 24 hours before, and since", changes(status)),
        *section("What happened", (*moved_out(status), *timeline(status))),
        *section("Clocks", clocks(status)),
        *section("Who was told", people_told(status)),
        *section("What people said", _people(incident, status)),
        *section("The record", _record(incident, status, fault)),
    )


def _row(incident: Incident, *, namespaces: bool) -> tuple[Cell, ...]:
    status = incident.status or IncidentStatus()
    loud = is_open(incident)
    tone = _TONES.get(status.containment, Tone.PLAIN) if status.containment else Tone.PLAIN
    row = (
        incident.metadata.name,
        incident.spec.model_ref.name,
        status.subject.version if status.subject else "",
        _severity(incident, status),
        status.phase or "",
    )
    taken = bool(acknowledged_by(incident))
    cells = (
        *(Cell(text or EMPTY) for text in row),
        Cell(status.containment or EMPTY, tone if loud else Tone.PLAIN),
        Cell("yes" if taken else "no", Tone.WARNING if loud and not taken else Tone.PLAIN),
        Cell(moment(status.clocks.detected if status.clocks else None) or EMPTY),
    )
    return (Cell(incident.metadata.namespace), *cells) if namespaces else cells


def _severity(incident: Incident, status: IncidentStatus) -> str:
    """A person's word counts for more than the trigger's."""
    return incident.spec.severity or status.severity or ""


def _next(status: IncidentStatus) -> tuple[Line, ...]:
    if status.next_for_human is None:
        return ()
    told = (Line(status.next_for_human, head="  "),)
    if status.undo is None:
        return told
    call = Line(status.undo.command, head="    -> ", verbatim=True)
    return (*told, Line(f"to reverse what was done: {status.undo.what}", head="  "), call)


def _harmed(incident: Incident, status: IncidentStatus) -> tuple[Line, ...]:
    affected, subject = status.affected, status.subject
    if affected is None:
        return ()
    role = _ROLES.get(subject.role, "") if subject else ""
    who = f"those whom version {', '.join(affected.versions)} answered"
    guessed = " (estimated)" if status.clocks and status.clocks.onset else ""
    until = moment(affected.to) or "it may go on"
    lasted = f", {span(affected.to, affected.from_)} later" if affected.to else ""
    kind = "endpointslices" if "service-name" in (affected.selector or "") else "pods"
    find = f"kubectl -n {incident.metadata.namespace} get {kind} -l {affected.selector}"
    return facts(
        [
            ("who", f"{who}, {role}" if role else who),
            ("since", f"{moment(affected.from_)}{guessed}"),
            ("until", f"{until}{lasted}"),
            ("answers", f"{affected.decisions.at_least} at least" if affected.decisions else ""),
            ("its pods", find if affected.selector else ""),
        ]
    )


def _done(incident: Incident, status: IncidentStatus) -> tuple[Line, ...]:
    if status.subject is None:
        return ()
    policy = incident.spec.policy_ref
    by = f" of {policy.kind} {policy.name}" if policy else ""
    why = "a person asked for it" if incident.spec.origin is Origin.MANUAL else f"a trigger{by}"
    words = {
        "bad": f"version {status.subject.version}",
        "to": status.fallback.name if status.fallback else "another version",
    }
    said = incident.spec.declared
    opening = f"{said.by} opened the incident" if said else f"Knowngood opened the incident: {why}"
    opened = Line(opening, head="  ")
    safe = _CONTAINED.get(status.containment, "").format(**words)
    was_safe = any(map(gave_way, status.actions))
    if status.containment is Containment.NONE and was_safe:
        safe = f"users are not safe: the requests were given back to {words['bad']}"
    again = status.containment is Containment.UNDONE or (
        status.containment is Containment.NONE and was_safe
    )
    if again and status.phase in GONE:
        safe = f"{words['bad']} answers users again, and what was found about it is over"
    tone = _tone(status)
    verified = (Line(safe, head="  ", tone=tone),) if safe else ()
    return (opened, *actions(status.actions), *verified)


def _tone(status: IncidentStatus) -> Tone:
    if status.containment is None or status.phase in GONE:
        return Tone.PLAIN
    return _TONES.get(status.containment, Tone.PLAIN)


def _people(incident: Incident, status: IncidentStatus) -> tuple[Line, ...]:
    by, closed, spec = acknowledged_by(incident), incident.spec.close, incident.spec
    taken = acknowledgement_of(incident, status) if not status.acknowledgement else None
    note = f": {taken.note}" if taken and taken.note else ""
    decision = spec.decision
    old = " (before it was opened again)" if not decision_of(incident, status) else ""
    resolution = closed.resolution if closed else status.resolution
    ended = f"as {resolution}" + (f" by {closed.by}" if closed else "") if resolution else ""
    return facts(
        [
            ("acknowledged", f"by {by}{note}" if by else ""),
            ("answered", "; ".join(_said(a) for a in spec.approvals)),
            ("severity", f"{spec.severity}; the trigger said {status.severity or 'nothing'}")
            if spec.severity and not spec.declared
            else ("severity", ""),
            (
                "decided",
                f"{decision.outcome} by {decision.by}{old}: {decision.rationale}"
                if decision
                else "",
            ),
            ("closed", ended),
        ]
    )


def _said(said: ApprovalAnswer) -> str:
    note = f": {said.note}" if said.note else ""
    return f"{said.action_id} {said.decision} by {said.by}{note}"


def _record(incident: Incident, status: IncidentStatus, fault: Fault | None) -> tuple[Line, ...]:
    if not status.timeline:
        return ()
    call = f"knowngood incident verify {incident.metadata.name} -n {incident.metadata.namespace}"
    if fault is not None:
        text = f"its chain does not hold: entry {fault.seq}: {fault.text}"
        return (Line(text, head="  ", tone=Tone.BAD), Line(call, head="    -> ", verbatim=True))
    head = status.chain.head if status.chain else ""
    text = "its chain holds by itself; only a head that was kept elsewhere proves that nothing was changed"
    return (
        Line(text, head="  "),
        Line(f"{call} --head HASH", head="    -> ", verbatim=True),
        Line(head, head="  head now: ", verbatim=True),
    )
