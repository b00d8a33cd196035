"""Which incidents nobody needs any more: closed long ago, or too many of one model. None that is owed to anybody."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import Clocks, Incident, IncidentPhase, IncidentStatus

YOUNG: Final = timedelta(days=1)
"""How long a closed incident stays in any case: so long a new SIEM, or a new receiver, is told of it."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Retention:
    """How many incidents are kept, and for how long.

    Attributes:
        count: Of each model that is there.
        age: Since they were closed.
    """

    count: int = 1000
    age: timedelta = timedelta(hours=8760)


def to_delete(
    incidents: Iterable[Incident],
    models: Mapping[str, frozenset[str]],
    retention: Retention,
    now: datetime,
    is_owed: Callable[[Incident], bool],
) -> list[Incident]:
    """Find the incidents that can go, the oldest first.

    The newest one of a model stays, and the newest one of those that people declared: numbers go on from there.

    Args:
        incidents: All that there are, in any order.
        models: Names of the incidents that a model's status tells of, by the model's uid; one that is not there is
            gone, and its incidents go by age alone.
        retention: What is kept.
        now: The time.
        is_owed: Whether a SIEM or a receiver has not taken all of an incident.
    """
    everything = tuple(incidents)
    parents = {i.status.parent for i in everything if i.status and not _is_closed(i)}
    by_model: dict[str, list[Incident]] = defaultdict(list)
    for incident in everything:
        by_model[incident.spec.model_ref.uid].append(incident)
    found = []
    for uid, mine in by_model.items():
        newest_first = sorted(mine, key=_began, reverse=True)
        kept = _newest(newest_first) | models[uid] if uid in models else frozenset()
        for place, incident in enumerate(newest_first):
            meta = incident.metadata
            closed_for = now - _closed(incident)
            many = uid in models and place >= retention.count
            if (
                _is_closed(incident)
                and closed_for >= YOUNG
                and (many or closed_for >= retention.age)
                and meta.name not in kept
                and f"{meta.namespace}/{meta.name}" not in parents
                and not is_owed(incident)
            ):
                found.append(incident)
    return sorted(found, key=lambda each: (_closed(each), _began(each)))


def _newest(newest_first: list[Incident]) -> frozenset[str]:
    names: dict[bool, str] = {}
    for incident in newest_first:
        names.setdefault(incident.spec.declared is None, incident.metadata.name)
    return frozenset(names.values())


def _began(incident: Incident) -> datetime:
    detected = _clocks(incident).detected
    return detected or incident.metadata.creation_timestamp or _closed(incident)


def _is_closed(incident: Incident) -> bool:
    closed = (incident.status or IncidentStatus()).phase is IncidentPhase.CLOSED
    return closed and _clocks(incident).closed is not None


def _closed(incident: Incident) -> datetime:
    return _clocks(incident).closed or _NEVER


def _clocks(incident: Incident) -> Clocks:
    return (incident.status or IncidentStatus()).clocks or Clocks()
