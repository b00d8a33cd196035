"""The timeline of an incident, and the times that follow from it."""

from datetime import UTC, datetime
from typing import Final

from knowngood.api.v1alpha1 import (
    Attained,
    Clocks,
    Incident,
    IncidentStatus,
    RolloutFailure,
    RolloutStatus,
    TimelineEntry,
)
from knowngood.decisions.chaining import chained

OPERATOR: Final = "operator"

LONGEST: Final = 2048
"""Characters of an entry's text: what is longer is cut, so that what names many things is told all the same."""


def extend_timeline(
    incident: Incident,
    status: IncidentStatus,
    *entries: tuple[datetime, str, str],
    actor: str = OPERATOR,
) -> IncidentStatus:
    """Add entries (instant, function of the framework, text) to the timeline of an incident, and to its chain.

    Args:
        incident: Whose timeline it is.
        status: What is told in it so far.
        entries: At least one.
        actor: Who did it: a person whose name is proved, or the operator, who has seen or done it.
    """
    start = status.timeline[-1].seq if status.timeline else 0
    added = [
        TimelineEntry(seq=start + n, time=at, csf=csf, actor=actor, text=text[:LONGEST])
        for n, (at, csf, text) in enumerate(entries, start=1)
    ]
    timeline, chain = chained(incident.metadata, status.timeline, status.chain, added)
    return status.model_copy(update={"timeline": timeline, "chain": chain})


def is_told(status: IncidentStatus, at: datetime, text: str) -> bool:
    """Say whether an entry is in the timeline, or no younger than what is left of it: then it made room for others.

    What was told at one time may be parted there.
    """
    if any((entry.time, entry.text) == (at, text[:LONGEST]) for entry in status.timeline):
        return True
    shortened = status.chain is not None and status.chain.archived > 0
    return shortened and at <= min(entry.time for entry in status.timeline)


def detected(status: IncidentStatus, onset: datetime | None, at: datetime) -> Clocks:
    """The clocks of an incident that is told first; a person may have taken it before."""
    known = status.clocks or Clocks()
    return known.model_copy(update={"onset": onset, "detected": at})


def attained(clocks: Clocks, at: datetime) -> Attained:
    """How long the harm lasted that ended at an instant, since it began and since it was noticed.

    In an incident that was opened again it is the harm since then.
    """
    since = clocks.reopened or clocks.onset or clocks.detected
    detection = clocks.reopened or clocks.detected
    return Attained(
        rto=span(at, since) if since else None,
        from_detection=span(at, detection) if detection else None,
    )


def instant(at: datetime) -> str:
    """Render an instant, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def distance(at: datetime, onset: datetime) -> str:
    """Say how long before, or after, the harm began something was: to the second, and in its two largest units."""
    apart = round(abs((at - onset).total_seconds()))
    if not apart:
        return "just then"
    sizes = (("h", 3600), ("min", 60), ("s", 1))
    parts = []
    for unit, size in sizes:
        count, apart = divmod(apart, size)
        parts += [f"{count} {unit}"] if count else []
    return f"{' '.join(parts[:2])} {'before' if at < onset else 'after'} it began"


def span(end: datetime, start: datetime) -> str:
    """Render a span as a GEP-2257 duration, to the millisecond."""
    rest = max(0, round((end - start).total_seconds() * 1000))
    parts = []
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def beginning(
    rollout: RolloutStatus, failure: RolloutFailure, stable: str
) -> list[tuple[datetime, str, str]]:
    """How an incident begins: what was seen, and what is done about it."""
    version, at = rollout.version, failure.detected_at
    shift = _shift(rollout, stable)
    return [
        *onset_entry(version, failure.onset),
        (at, "DE.AE", failure.message),
        (at, "RS.MI", shift),
    ]


def onset_entry(version: str, onset: datetime | None) -> list[tuple[datetime, str, str]]:
    """When the harm is estimated to have begun; nothing where nobody knows."""
    text = f"version {version} starts to differ (estimated from the counts)"
    return [(onset, "DE.AE", text)] if onset else []


def _shift(rollout: RolloutStatus, stable: str) -> str:
    """What is done about it."""
    version, to = rollout.version, rollout.returning
    if to is not None and to != stable:
        return f"version {to} is brought up, and gets all requests from version {version} as soon as it can answer"
    if rollout.evidence_since is None and to is None:
        return f"version {version} had got no requests yet; version {stable} goes on answering all of them"
    return f"all requests are sent back to version {stable}; {version} gets none"
