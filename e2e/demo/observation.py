"""What the cluster says about one model, read from the objects that kubectl prints."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

Json = Mapping[str, Any]

_LONG_AGO: Final = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was told: an Event, or a line of an incident's timeline."""

    time: datetime
    what: str
    text: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """Something that an incident says was done, or asks people about."""

    id: str
    type: str
    state: str
    result: str


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident, as far as it is."""

    name: str
    version: str
    phase: str
    containment: str
    summary: str
    timeline: Sequence[Happening]
    attained: Mapping[str, str]
    actions: Sequence[Action] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """The model at one moment; empty where nothing is known yet.

    Attributes:
        known: Whether there is such a model.
        step: Index of the rollout's present step; `steps` when all are done.
        waiting_for: What the rollout waits for, in one word.
        weights: Share by version that Knowngood wants, in percent.
        conditions: Message by type, of those that are not as they should be.
        events: What was told about the model, oldest first.
        incident: The latest one.
    """

    known: bool = False
    phase: str = ""
    stable: str = ""
    canary: str = ""
    step: int = 0
    steps: int = 0
    waiting_for: str = ""
    weights: Mapping[str, int] | None = None
    conditions: Mapping[str, str] | None = None
    events: Sequence[Happening] = ()
    incident: IncidentView | None = None


def observe(objects: Sequence[Json], model: str) -> Observation:
    """Read a model's state out of its objects: itself, Incidents and Events of its namespace."""
    mine = [o for o in objects if o["kind"] == "AIModelDeployment" and _name(o) == model]
    if not mine:
        return Observation()
    status: Json = mine[0].get("status") or {}
    versions: Json = status.get("versions") or {}
    rollout: Json = status.get("rollout") or {}
    backends: Sequence[Json] = (status.get("traffic") or {}).get("backends") or ()
    incident = (status.get("incidentRef") or {}).get("name", "")
    return Observation(
        known=True,
        phase=status.get("phase", ""),
        stable=versions.get("stable", ""),
        canary=versions.get("canary", ""),
        step=rollout.get("step", 0),
        steps=rollout.get("steps", 0),
        waiting_for=rollout.get("waitingFor", ""),
        weights={backend["version"]: backend["weight"] for backend in backends},
        conditions=_complaints(status.get("conditions") or ()),
        events=_events(objects, model),
        incident=next((_incident(o) for o in objects if _is(o, "Incident", incident)), None),
    )


def _complaints(conditions: Iterable[Json]) -> Mapping[str, str]:
    bad_when_true = {"Stalled"}
    in_passing = {"Ready", "Reconciling", "KnownGoodAvailable", "RouteProgrammed"}
    return {
        condition["type"]: condition.get("message", "")
        for condition in conditions
        if condition["type"] not in in_passing
        and (condition["status"] == "True") == (condition["type"] in bad_when_true)
    }


def _events(objects: Iterable[Json], model: str) -> Sequence[Happening]:
    found = [
        Happening(
            time=_time(o.get("eventTime") or o.get("lastTimestamp")),
            what=o.get("reason", ""),
            text=o.get("message", ""),
            warning=o.get("type") == "Warning",
        )
        for o in objects
        if o["kind"] == "Event" and _is(o.get("involvedObject") or {}, "AIModelDeployment", model)
    ]
    return sorted(found, key=lambda happening: happening.time)


def _incident(incident: Json) -> IncidentView:
    status: Json = incident.get("status") or {}
    return IncidentView(
        name=_name(incident),
        version=(status.get("subject") or {}).get("version", ""),
        phase=status.get("phase", ""),
        containment=status.get("containment", ""),
        summary=status.get("summary", ""),
        timeline=[
            Happening(_time(entry["time"]), entry.get("csf") or "", entry["text"])
            for entry in status.get("timeline") or ()
        ],
        attained=status.get("attained") or {},
        actions=[
            Action(a["id"], a["type"], a["state"], a.get("result") or "")
            for a in status.get("actions") or ()
        ],
    )


def _is(o: Json, kind: str, name: str) -> bool:
    return o.get("kind") == kind and _name(o) == name


def _name(o: Json) -> str:
    return str((o.get("metadata") or o).get("name", ""))


def _time(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else _LONG_AGO
