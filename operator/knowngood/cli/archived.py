"""Entries that were moved out of a long timeline, read back from their ConfigMaps, and what a whole chain proves."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from knowngood.api.v1alpha1 import Incident, TimelineEntry
from knowngood.cli.cluster import Cluster
from knowngood.cli.problems import NotThere
from knowngood.decisions.archiving import KEY, parts_of
from knowngood.decisions.chaining import Fault, Older, follows


def older_of(cluster: Cluster, incident: Incident) -> Older | Fault | None:
    """Read all that was moved out of an incident; None where nothing was, a fault where something is not there.

    Raises:
        Problem: It can not be read.
    """
    chain = incident.status.chain if incident.status else None
    if chain is None or chain.kept_from is None:
        return None
    entries: list[Mapping[str, Any]] = []
    previous = ""
    for name in parts_of(incident, chain):
        part = _part(cluster, name)
        seq = chain.kept_from + len(entries)
        if part is None:
            return Fault(seq, f"ConfigMap {name}, which has it, is not there, or can not be read")
        previous = previous or part[0]
        entries += part[1]
    return Older(chain.kept_from, previous, entries) if entries else None


def with_older(incident: Incident, older: Older) -> Incident:
    """An incident with all that was moved out of it; what nobody can read is left out."""
    moved = []
    for entry in older.entries:
        try:
            moved.append(TimelineEntry.model_validate(entry))
        except ValueError:
            continue
    status = incident.status
    if status is None:
        return incident
    whole = status.model_copy(update={"timeline": (*moved, *status.timeline)})
    return incident.model_copy(update={"status": whole})


def held_against(
    found: Incident, timeline: Sequence[Mapping[str, Any]], older: Older | None, head: str
) -> tuple[str, bool]:
    """Say what a chain that holds by itself proves."""
    chain = found.status.chain if found.status else None
    if chain is None:
        return "has no chain", False
    moved = len(older.entries) if older else 0
    kept = f", {moved} of them in ConfigMaps" if moved else ""
    gone = chain.archived - moved
    there = f"{len(timeline) + moved} entries{kept}, {gone} older ones left out, head {chain.head}"
    if not head:
        text = "only a head that was kept elsewhere proves that nothing was changed (--head)"
        return f"holds by itself: {there}; {text}", True
    number = follows(head, timeline, chain, older)
    if number is None:
        text = "no entry has that head: it is of another incident, the timeline was changed since"
        left = ", or its entry was left out" if gone else ""
        return f"is not whole: {text}{left} ({there})", False
    later = chain.archived + len(timeline) - number
    return f"is whole: up to entry {number} it is as it was; told since: {later} ({there})", True


def _part(cluster: Cluster, name: str) -> tuple[str, list[Mapping[str, Any]]] | None:
    """What the first entry follows from, and the entries; None where a ConfigMap is not there or is something else."""
    try:
        found = json.loads((cluster.config_map(name).get("data") or {}).get(KEY, ""))
        previous, entries = found["previous"], found["entries"]
    except (NotThere, ValueError, KeyError, TypeError):
        return None
    if not isinstance(previous, str) or not isinstance(entries, list):
        return None
    return previous, [e for e in entries if isinstance(e, Mapping)]
