"""Objects of others, as far as it is asked when they changed, and whether they ran."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from knowngood.decisions.references import references

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edited:
    """When an object was written, and by what.

    Attributes:
        by: The field manager: the name that a program gives itself, which is no proof of who it was.
    """

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class CronJobSeen:
    """A CronJob, as it was seen.

    Attributes:
        active: Runs that go on.
        scheduled: When its latest run was due and begun; None where it never was.
        succeeded: When a run of it last succeeded.
        edited: When somebody last wrote it.
        config_maps: Names of the ConfigMaps that its pods read.
    """

    name: str
    suspended: bool = False
    active: int = 0
    scheduled: datetime | None = None
    succeeded: datetime | None = None
    edited: Edited | None = None
    config_maps: tuple[str, ...] = ()

    @property
    def lacks_success(self) -> bool:
        """Whether the latest run has ended without success, as far as its status says."""
        if self.scheduled is None or self.active:
            return False
        return self.succeeded is None or self.succeeded < self.scheduled


def edited_of(metadata: Json) -> Edited | None:
    """When an object was last written, by its managed fields; writes to its status and the like do not count."""
    found = (_entry(one) for one in metadata.get("managedFields") or ())
    return max((e for e in found if e is not None), key=lambda e: e.at, default=None)


def cron_jobs_of(items: Iterable[Json]) -> tuple[CronJobSeen, ...]:
    """Read CronJobs, as the API server sends them."""
    return tuple(sorted(map(_cron_job, items), key=lambda one: one.name))


def _cron_job(item: Json) -> CronJobSeen:
    spec, status = item.get("spec") or {}, item.get("status") or {}
    return CronJobSeen(
        name=item["metadata"]["name"],
        suspended=bool(spec.get("suspend")),
        active=len(status.get("active") or ()),
        scheduled=_time(status.get("lastScheduleTime")),
        succeeded=_time(status.get("lastSuccessfulTime")),
        edited=edited_of(item["metadata"]),
        config_maps=_config_maps(spec),
    )


def _config_maps(spec: Json) -> tuple[str, ...]:
    template = (spec.get("jobTemplate") or {}).get("spec") or {}
    found = references(template.get("template") or {})
    return tuple(r.name for r in found if r.kind == "ConfigMap" and r.can_exist)


def _entry(entry: Json) -> Edited | None:
    at = _time(entry.get("time"))
    if at is None or entry.get("subresource"):
        return None
    return Edited(at, str(entry.get("manager") or "somebody")[:128])


def _time(text: object) -> datetime | None:
    """An instant that names its offset; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
