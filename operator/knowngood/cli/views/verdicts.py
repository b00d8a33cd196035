"""A verdict for somebody who has to believe it: what was read, what was counted, and what that proves."""

from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelVersion,
    Baseline,
    EvidenceNumbers,
    IncidentStatus,
    Role,
    ServingBreach,
)
from knowngood.cli.views.about import About
from knowngood.cli.views.lines import Line, Part, facts
from knowngood.cli.views.phrases import moment
from knowngood.cli.views.segments import segments

COMPARED_WITH: Final = "what it is compared with"
"""A baseline, the past, or copies: what serves is not held against the version that answers instead of it."""


def evidence(status: IncidentStatus | None, version: str) -> tuple[Part, ...]:
    """What an incident holds against a version."""
    if status is None:
        return ()
    other = _compared_with(status)
    return tuple(
        part
        for entry in status.evidence
        for part in (
            *explained(entry, version, other),
            *_table(f"{entry.trigger}{_of(entry.policy)}: {entry.verdict}", entry, version, other),
        )
    )


def breaches(about: About) -> tuple[Part, ...]:
    """What is found about the version while it answers everybody."""
    return tuple(part for b in about.breaches for part in _breach(b))


def remembered(record: AIModelVersion | None) -> tuple[Line, ...]:
    """The baselines of a version, which later hours and versions are compared with."""
    found = record.status.baselines if record and record.status else ()
    return facts([(b.signal, _baseline(b)) for b in found])


def explained(numbers: EvidenceNumbers, version: str, other: str) -> tuple[Line, ...]:
    """A paragraph: what was asked of Prometheus, for how long, what was counted, and what follows."""
    if numbers.query is None:  # written down by an earlier release
        return ()
    counted = [_answered(f"version {version}", numbers.events, numbers.samples)]
    if numbers.reference_samples or numbers.reference_events:
        counted.append(_answered(other, numbers.reference_events, numbers.reference_samples))
    said = [
        f"Read was {numbers.signal}: {numbers.query}; counted {_span(numbers.since, numbers.until)}.",
        f"{'; '.join(c for c in counted if c)}.",
        f"The difference is estimated at {numbers.effect}." if numbers.effect else "",
        f"The statistic of the test is {numbers.statistic}, and a breach needs {numbers.limit}."
        if numbers.statistic and numbers.limit
        else "",
        f"What that is worth: {numbers.guarantee}." if numbers.guarantee else "",
    ]
    return (Line(" ".join(s for s in said if s), head="  "),)


def _compared_with(status: IncidentStatus) -> str:
    served = status.subject is not None and status.subject.role is Role.STABLE
    if served or status.fallback is None:
        return COMPARED_WITH
    return status.fallback.name


def _breach(b: ServingBreach) -> tuple[Part, ...]:
    return (
        Line(b.message, head=f"  {moment(b.found_at)}  "),
        *explained(b, b.version, COMPARED_WITH),
        *_table(f"{b.trigger}{_of(b.policy)}: Breached", b, b.version, COMPARED_WITH),
    )


def _table(title: str, numbers: EvidenceNumbers, version: str, other: str) -> tuple[Part, ...]:
    judged = f"version {version}"
    told = facts(
        [
            ("trigger", title),
            (judged, _counts(numbers.events, numbers.samples)),
            (other, _reference(numbers)),
            ("estimate", numbers.estimate or ""),
            ("difference", numbers.effect or ""),
            ("statistic", _against(numbers.statistic, numbers.limit)),
            ("changed", ", ".join(numbers.named or ())),
            ("promise", numbers.guarantee or ""),
        ]
    )
    return (*told, *segments(numbers, judged, other))


def _reference(numbers: EvidenceNumbers) -> str:
    """What it is compared with; a threshold compares with nothing."""
    if not (numbers.reference_samples or numbers.reference_events):
        return ""
    return _counts(numbers.reference_events, numbers.reference_samples)


def _of(policy: str | None) -> str:
    return f" of policy {policy}" if policy else ""


def _answered(who: str, events: int | None, samples: int | None) -> str:
    found = _counts(events, samples)
    return f"{who}: {found}" if found else ""


def _span(since: datetime | None, until: datetime | None) -> str:
    if since is None or until is None:
        return "since it began"
    return f"from {moment(since)} to {moment(until)}"


def _counts(events: int | None, samples: int | None) -> str:
    if samples is None:
        return ""
    if events is None:
        return f"{samples} requests"
    if not samples:  # events that have no denominator
        return f"{events} events"
    return f"{events} of {samples} requests ({events / samples:.1%})"


def _against(statistic: str | None, limit: str | None) -> str:
    if statistic is None:
        return ""
    return f"{statistic} (limit {limit})" if limit else statistic


def _baseline(b: Baseline) -> str:
    hours = f", {b.seasonality}" if b.seasonality != "None" else ""
    by = f" by {b.accepted_by}" if b.accepted_by else ""
    parts = f" in the largest of {b.parts} segments" if b.segments is not None else ""
    return f"{b.samples} requests{parts} from {moment(b.from_)} to {moment(b.to)}, {b.source}{by}{hours}"
