"""What a version's record tells of an instant in the past: its history, not only what is so now."""

from datetime import datetime

from knowngood.api.v1alpha1 import AIModelVersion, Standing, VersionStatus
from knowngood.decisions.records import TRANSITIONS_KEPT


def lost_before(record: AIModelVersion) -> datetime | None:
    """Before which instant nobody can tell where a version stood: its oldest changes are dropped; None: never."""
    passed = record.status.transitions if record.status else ()
    return passed[0].time if len(passed) >= TRANSITIONS_KEPT else None


def reaches(record: AIModelVersion, at: datetime) -> bool:
    """Whether the record tells where its version stood at an instant."""
    lost = lost_before(record)
    return lost is None or lost <= at


def standing_at(record: AIModelVersion, at: datetime) -> Standing | None:
    """Where a version stood at an instant; None where it was not there yet, or the record does not reach back."""
    if not reaches(record, at):
        return None
    status = record.status or VersionStatus()
    passed = [t for t in status.transitions if t.time <= at]
    if passed:
        return passed[-1].standing
    if status.known_good_since is not None and status.known_good_since <= at:
        return Standing.KNOWN_GOOD
    if status.promoted_at is not None and status.promoted_at <= at:
        return Standing.PROBATION
    told = (*status.transitions, status.known_good_since, status.promoted_at)
    return None if any(told) else status.standing


def promotions(record: AIModelVersion) -> tuple[datetime, ...]:
    """When it began to answer everybody, each time that is told: a version may be taken back and tried again."""
    status = record.status or VersionStatus()
    return _times(record, Standing.PROBATION, status.promoted_at)


def promoted_by(record: AIModelVersion, at: datetime) -> datetime | None:
    """When it began to answer everybody the last time before an instant."""
    return max((t for t in promotions(record) if t <= at), default=None)


def known_good_by(record: AIModelVersion, at: datetime) -> datetime | None:
    """When it became known good the last time before an instant."""
    status = record.status or VersionStatus()
    times = _times(record, Standing.KNOWN_GOOD, status.known_good_since)
    return max((t for t in times if t <= at), default=None)


def _times(
    record: AIModelVersion, standing: Standing, last: datetime | None
) -> tuple[datetime, ...]:
    passed = record.status.transitions if record.status else ()
    found = {t.time for t in passed if t.standing is standing} | ({last} if last else set())
    return tuple(sorted(found))
