"""Records in the Common Event Format, one line each."""

from collections.abc import Iterator
from typing import Final

from knowngood.api.v1alpha1 import EvidenceEntry, Severity
from knowngood.exporting.numbers import numbers
from knowngood.exporting.records import Record
from knowngood.exporting.texts import NAME, clean, milliseconds

API: Final = "v1alpha1"
"""Stands where CEF has a version of the product: the version of the API that incidents are written in."""

_SEVERITIES: Final = {
    Severity.LOW: "3",
    Severity.MEDIUM: "6",
    Severity.HIGH: "8",
    Severity.CRITICAL: "10",
}
_FLOATS: Final = ("statistic", "limit", "estimate", "effect")
_TITLE: Final = 512


def cef(record: Record) -> str:
    """Write a record as a line of CEF, without a line break."""
    severity = record.status.severity
    kind = "evidence" if record.evidence else f"incident.{record.activity.lower()}d"
    title = "Evidence of" if record.evidence else f"{record.activity}d:"
    name = f"{title} incident {record.incident.metadata.name}"
    header = (
        "CEF:0",
        "Knowngood",
        "Knowngood",
        API,
        kind,
        header_of(clean(name, _TITLE)),
        _SEVERITIES[severity] if severity else "Unknown",
    )
    extension = " ".join(f"{key}={value_of(value)}" for key, value in _fields(record) if value)
    return f"{'|'.join(header)}|{extension}"


def _fields(record: Record) -> Iterator[tuple[str, str]]:
    incident, entry, evidence = record.incident, record.entry, record.evidence
    yield "rt", str(milliseconds(entry.time))
    yield "externalId", record.uid
    yield "cat", "incident"
    yield "msg", evidence.message if evidence else entry.text
    yield "outcome", str(record.ending or record.progress)
    yield "suser", clean(record.taken_by, NAME)
    if record.clocks.onset:
        yield "start", str(milliseconds(record.clocks.onset))
    if record.contained:
        yield "end", str(milliseconds(record.contained))
    yield from labelled(
        "cs1", "incident", f"{incident.metadata.namespace}/{incident.metadata.name}"
    )
    yield from labelled("cs2", "model", incident.spec.model_ref.name)
    yield from labelled("cs3", "version", record.version)
    yield from labelled("cs4", "csf", entry.csf or "")
    yield from labelled("cn1", "seq", str(entry.seq))
    if evidence is not None:
        yield from _counted(evidence)


def _counted(evidence: EvidenceEntry) -> Iterator[tuple[str, str]]:
    found = numbers(evidence)
    yield from labelled("cs5", "trigger", clean(evidence.trigger, NAME))
    yield from labelled("cs6", "guarantee", clean(evidence.guarantee or "", _TITLE))
    for key, name in (("cn2", "samples"), ("cn3", "events")):
        if name in found:
            yield from labelled(key, name, f"{found[name]:.0f}")
    for place, name in enumerate(_FLOATS, start=1):
        if name in found:
            yield from labelled(f"cfp{place}", name, repr(found[name]))


def labelled(key: str, label: str, value: str) -> Iterator[tuple[str, str]]:
    """Write a field of one's own with its label; nothing where it is empty."""
    if value:
        yield f"{key}Label", label
        yield key, value


def header_of(text: str) -> str:
    """Escape a text for the header."""
    return text.replace("\\", "\\\\").replace("|", "\\|")


def value_of(text: str) -> str:
    """Escape a text for the extension."""
    return clean(text).replace("\\", "\\\\").replace("=", "\\=")
