"""One model: what goes on, its versions, what needs attention, the last command and the latest incident."""

from collections.abc import Sequence
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    CommandResult,
    ConditionType,
    FallbackState,
    Incident,
    IncidentStatus,
    Phase,
    Role,
    Standing,
    WaitingFor,
)
from knowngood.cli.views.asked import asked, silent
from knowngood.cli.views.attention import attention, told
from knowngood.cli.views.going import going_on
from knowngood.cli.views.lines import EMPTY, Cell, Line, Part, Table, Tone, section
from knowngood.cli.views.phrases import backends, condition, moment, names, weight
from knowngood.decisions.calling import order
from knowngood.decisions.situation import standing_of

SHOWN: Final = 10
"""How many versions are told; a machine is told all."""

_ROLES: Final = (Role.STABLE, Role.CANARY, Role.HOLDBACK, Role.SHADOW, Role.NONE)
_TONES: Final = {
    Standing.REJECTED: Tone.BAD,
    Standing.SUSPECT: Tone.BAD,
    Standing.PROBATION: Tone.GOOD,
    Standing.KNOWN_GOOD: Tone.GOOD,
}


def one(
    model: AIModelDeployment, records: Sequence[AIModelVersion], incident: Incident | None
) -> tuple[Part, ...]:
    """Tell everything about a model that fits on a screen.

    Args:
        model: The model.
        records: Its versions.
        incident: The latest one, if there is one.
    """
    status = model.status
    phase = status.phase if status and status.phase else Phase.PENDING
    title = f"{model.metadata.name} in {model.metadata.namespace}: {phase}"
    needs = [line for found in attention(model) for line in told(found)]
    return (
        Line(title, tone=Tone.TITLE),
        Line(going_on(model), head="  "),
        *_awaited(model),
        *_unseen(model),
        *section("People are asked", asked(model)),
        *section("Versions", _versions(model, sorted_records(records))),
        *section("If it turns bad", fallback(model)),
        *section("Needs attention", needs),
        *section("Silent", silent(model)),
        *section("Undo", undone(model)),
        *section("Last command", last_command(model)),
        *section("Latest incident", _incident(model, incident)),
    )


def sorted_records(records: Sequence[AIModelVersion]) -> list[AIModelVersion]:
    """Put the versions that answer first, and then the newest."""
    newest = sorted(records, key=_since, reverse=True)
    return sorted(newest, key=lambda r: _ROLES.index(role_of(r)))


def role_of(record: AIModelVersion) -> Role:
    """What a version does now."""
    return record.status.role or Role.NONE if record.status else Role.NONE


def last_command(model: AIModelDeployment) -> tuple[Line, ...]:
    """Say what became of the last command."""
    last = model.status.last_command if model.status else None
    if last is None:
        return ()
    done = last.result is CommandResult.DONE
    text = f"{last.verb} {last.version}: {last.result}, {moment(last.time)}".strip()
    lines = (Line(text, head="  ", tone=Tone.PLAIN if done else Tone.WARNING),)
    return (*lines, Line(last.message, head="    ")) if last.message else lines


def fallback(model: AIModelDeployment) -> tuple[Line, ...]:
    """Say what is known of the version that users would be sent to; nothing while none stands by."""
    known = model.status.fallback if model.status else None
    if known is None:
        return ()
    tone = Tone.PLAIN if known.state is FallbackState.RIGHT else Tone.WARNING
    text = f"{known.message} ({known.state}, since {moment(known.since)})"
    return (Line(text, head="  ", tone=tone),)


def undone(model: AIModelDeployment) -> tuple[Line, ...]:
    """Say what undo would do now."""
    undo = model.status.undo if model.status else None
    if undo is None:
        return ()
    call = order(model, "undo", f"--version {undo.version}")
    return (Line(undo.what, head="  "), Line(call, head="    -> ", verbatim=True))


def incident_head(incident: Incident, status: IncidentStatus) -> str:
    """Name an incident with its severity and its phase."""
    said = ", ".join(str(word) for word in (status.severity, status.phase) if word)
    return f"{incident.metadata.name} ({said})" if said else incident.metadata.name


def _awaited(model: AIModelDeployment) -> tuple[Line, ...]:
    rollout = model.status.rollout if model.status else None
    route = condition(model, ConditionType.ROUTE_PROGRAMMED)
    if model.spec.suspend:
        return ()
    if rollout is not None and rollout.waiting_for is WaitingFor.PERSON:
        call = order(model, "promote", f"--version {rollout.version}")
        return (Line(call, head="  -> ", verbatim=True),)
    if rollout is not None and rollout.waiting_for is WaitingFor.RESUME:
        call = order(model, "resume", f"--version {rollout.version}")
        return (Line(call, head="  -> ", verbatim=True),)
    if rollout is not None and rollout.waiting_for is WaitingFor.ROUTE and route is not None:
        return (Line(route.message, head="  "),) if route.status != "True" else ()
    return ()


def _unseen(model: AIModelDeployment) -> tuple[Line, ...]:
    status = model.status
    if status is None or status.observed_generation >= model.metadata.generation:
        return ()
    text = "the spec was changed, and the operator has not looked at it since: what follows is about the spec before"
    return (Line(text, head="  ", tone=Tone.WARNING),)


def _versions(model: AIModelDeployment, records: Sequence[AIModelVersion]) -> tuple[Part, ...]:
    if not records:
        return ()
    shares = {b.version: weight(b) for b in backends(model)}
    rows = tuple(_row(record, shares) for record in records[:SHOWN])
    table = Table(("VERSION", "ROLE", "STANDING", "WEIGHT", "SINCE"), rows)
    desired = names(model).desired
    text = f"the spec asks for version {desired}"
    recorded = {r.spec.model.version for r in records}
    missing = () if desired in recorded else (Line(text, head="  "),)
    left = len(records) - SHOWN
    rest = f"and {left} older ones: kubectl -n {model.metadata.namespace} get aimv"
    return (table, *missing, Line(rest, head="  ")) if left > 0 else (table, *missing)


def _row(record: AIModelVersion, shares: dict[str, str]) -> tuple[Cell, ...]:
    version, standing, role = record.spec.model.version, standing_of(record), role_of(record)
    return (
        Cell(version),
        Cell(EMPTY if role is Role.NONE else role),
        Cell(standing or EMPTY, _TONES.get(standing, Tone.PLAIN) if standing else Tone.PLAIN),
        Cell(shares.get(version, EMPTY)),
        Cell(_since(record) or EMPTY),
    )


def _since(record: AIModelVersion) -> str:
    passed = record.status.transitions if record.status else ()
    return moment(passed[-1].time if passed else record.metadata.creation_timestamp)


def _incident(model: AIModelDeployment, incident: Incident | None) -> tuple[Line, ...]:
    reference = model.status.incident_ref if model.status else None
    if reference is None:
        return ()
    if incident is None:
        return (Line(f"{reference.name} is not written yet, or was deleted", head="  "),)
    status = incident.status or IncidentStatus()
    subject = status.subject.version if status.subject else ""
    return (
        Line(incident_head(incident, status), head="  "),
        Line(status.summary or "nothing is written down yet", head="    "),
        Line(order(model, "why", subject), head="    -> ", verbatim=True),
    )
