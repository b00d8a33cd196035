"""Timelines that are long: the oldest entries move to ConfigMaps, which nobody can change, and which end with it.

A part is named by the incident and by the numbers of its entries, so a write that is repeated writes the same. It is
written before the status that has the entries no more: a process that ends in between loses nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from knowngood.api.v1alpha1 import Chain, Incident, IncidentStatus
from knowngood.api.v1alpha1.timeline import MOVED
from knowngood.decisions.chaining import genesis
from knowngood.decisions.naming import MANAGED_BY_LABEL, MANAGER, MODEL_LABEL

FULL: Final = 150
"""Entries with which the oldest ones move, once every SIEM has taken them."""

PRESSED: Final = 180
"""Entries with which they move also before."""

LARGE: Final = 96 * 1024
"""Bytes of a timeline with which the oldest entries move as well: an incident stays below 256 KiB."""

KEY: Final = "timeline.json"
"""Where a ConfigMap has the entries."""

REASON_LENGTH: Final = 512


@dataclass(frozen=True, slots=True)
class Part:
    """Entries that move together.

    Attributes:
        last: Number of the last one.
        head: The hash of the last one.
        manifest: The ConfigMap that keeps them.
    """

    last: int
    head: str
    manifest: Mapping[str, Any]


def part_to_move(incident: Incident, taken: int) -> Part | None:
    """The entries that are to move now; None while there is room.

    Args:
        incident: As it was last seen.
        taken: Number of the last entry that every SIEM has taken.
    """
    status = incident.status or IncidentStatus()
    if status.chain is None or not _is_long(status):
        return None
    entries = status.timeline[:MOVED]
    head, pressed = entries[-1].hash, len(status.timeline) >= PRESSED
    if head is None or (taken < entries[-1].seq and not pressed):
        return None
    first, last = entries[0].seq, entries[-1].seq
    kept = {
        "previous": status.chain.archived_head or genesis(incident.metadata),
        "entries": [entry.wire() for entry in entries],
    }
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Part(last, head, _manifest(incident, part_name(incident, first, last), text))


def without(status: IncidentStatus, part: Part) -> IncidentStatus:
    """Take entries out that are kept elsewhere; a status that has them no more stays as it is."""
    chain = status.chain
    if chain is None or not any(entry.seq == part.last for entry in status.timeline):
        return status
    update = {
        "archived": part.last,
        "archived_head": part.head,
        "kept_from": chain.kept_from or chain.archived + 1,
        "not_archived": None,
    }
    rest = tuple(entry for entry in status.timeline if entry.seq > part.last)
    return status.model_copy(update={"timeline": rest, "chain": chain.model_copy(update=update)})


def not_archived(status: IncidentStatus, why: str) -> IncidentStatus:
    """Say why entries can not be kept elsewhere."""
    chain = status.chain
    if chain is None:
        return status
    words = why[:REASON_LENGTH]
    return status.model_copy(update={"chain": chain.model_copy(update={"not_archived": words})})


def part_name(incident: Incident, first: int, last: int) -> str:
    """The name of a ConfigMap: by uid, for an incident that is created anew has entries of its own."""
    return f"incident-{incident.metadata.uid}-{first}-{last}"


def parts_of(incident: Incident, chain: Chain) -> Iterator[str]:
    """Names of all ConfigMaps that have entries of an incident, in order."""
    if chain.kept_from is not None:
        for first in range(chain.kept_from, chain.archived + 1, MOVED):
            yield part_name(incident, first, first + MOVED - 1)


def _is_long(status: IncidentStatus) -> bool:
    count = len(status.timeline)
    if count < 2 * MOVED:
        return False
    return count >= FULL or sum(len(e.text) + len(e.actor) + 200 for e in status.timeline) >= LARGE


def _manifest(incident: Incident, name: str, text: str) -> dict[str, Any]:
    meta = incident.metadata
    owner = {
        "apiVersion": incident.api_version,
        "kind": incident.kind,
        "name": meta.name,
        "uid": meta.uid,
    }
    labels = {MODEL_LABEL: incident.spec.model_ref.name, MANAGED_BY_LABEL: MANAGER}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "namespace": meta.namespace,
            "labels": labels,
            "ownerReferences": [owner],
        },
        "immutable": True,
        "data": {KEY: text},
    }
