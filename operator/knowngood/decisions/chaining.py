"""The hash chain of a timeline: whoever changes, removes, inserts or moves an entry breaks it at that place.

The hash of an entry is the SHA-256 over the hash of the entry before, a line feed, and the entry as canonical JSON
without its hash. The first one follows from the identity of its incident, so that no entry can be moved to another one.
Whoever may write the status can compute all of it anew, so it proves something only against a head that is kept
elsewhere.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowngood.api.v1alpha1 import Chain, ObjectMeta, TimelineEntry
from knowngood.api.v1alpha1.timeline import KEPT, MOVED


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place at which a chain does not hold.

    Attributes:
        seq: Number of the entry.
        text: What is wrong with it.
    """

    seq: int
    text: str


def genesis(meta: ObjectMeta) -> str:
    """What the first entry of an incident follows from."""
    identity = {"namespace": meta.namespace, "name": meta.name, "uid": meta.uid}
    return hashlib.sha256(_canonical(identity).encode()).hexdigest()


def hash_of(previous: str, entry: Mapping[str, Any]) -> str:
    """Hash an entry.

    Args:
        previous: The hash of the entry before, or the genesis.
        entry: As it stands in the object; its own hash does not count.
    """
    rest = {name: value for name, value in entry.items() if name != "hash"}
    return hashlib.sha256(f"{previous}\n{_canonical(rest)}".encode()).hexdigest()


def chained(
    meta: ObjectMeta,
    before: Sequence[TimelineEntry],
    chain: Chain | None,
    added: Sequence[TimelineEntry],
) -> tuple[tuple[TimelineEntry, ...], Chain]:
    """Add entries to a timeline and its chain.

    Where there is no chain yet, because an earlier release has begun the timeline, it begins with the entries that are
    there.

    Args:
        meta: Of the incident.
        before: The entries that are there. With `added` they are one at least.
        chain: Of these.
        added: New ones, without a hash.
    """
    if chain is None:
        start = genesis(meta)
        archived = before[0].seq - 1 if before else 0
        chain = Chain(head=start, archived=archived, archived_head=start if archived else None)
        before, added = (), (*before, *added)
    timeline = (*before, *_linked(chain.head, added))
    left, kept = timeline[:-KEPT], timeline[-KEPT:]
    update: dict[str, object] = {"head": timeline[-1].hash}
    if left:
        gone = chain.archived + len(left)
        update |= {"archived": gone, "archived_head": left[-1].hash}
        if (
            chain.kept_from is not None
        ):  # what was moved before does not lead on to what is here any more
            update["kept_from"] = gone + 1
    return kept, chain.model_copy(update=update)


@dataclass(frozen=True, slots=True)
class Older:
    """Entries that were moved out of an incident, as they are kept.

    Attributes:
        first: Number of the first one.
        previous: What the first one follows from, as it was written beside it.
        entries: In order, up to the last one that does not stand in the incident any more.
    """

    first: int
    previous: str
    entries: Sequence[Mapping[str, Any]]


def first_fault(
    meta: ObjectMeta,
    timeline: Sequence[Mapping[str, Any]],
    chain: Chain | None,
    older: Older | None = None,
) -> Fault | None:
    """Find the first entry at which a chain does not hold; None when all of it holds.

    Args:
        meta: Of the incident.
        timeline: As it stands in the object: also what only a newer release knows is hashed.
        chain: Of these entries.
        older: What was moved out of it; None where it was not read, or where there is nothing.
    """
    if chain is None:
        return Fault(1, "it has no chain: an earlier release has written it, or it was taken away")
    previous, seq = chain.archived_head or genesis(meta), chain.archived
    missing = _before(meta, timeline, chain, older)
    if missing is not None:
        return missing
    end = _follow(timeline, previous, seq)
    if isinstance(end, Fault):
        return end
    previous, seq = end
    if previous != chain.head:
        return Fault(
            seq + 1,
            f"it is missing, or entry {seq} was changed together with its hash: the head of the chain is another one",
        )
    return None


def follows(
    head: str,
    timeline: Sequence[Mapping[str, Any]],
    chain: Chain,
    older: Older | None = None,
) -> int | None:
    """Number of the entry whose hash a head is that was kept elsewhere; None where it is of none that is known."""
    known = {entry.get("hash"): chain.archived + n for n, entry in enumerate(timeline, start=1)}
    if older is not None:
        known |= {e.get("hash"): n for n, e in enumerate(older.entries, start=older.first)}
    if chain.archived_head:
        known[chain.archived_head] = chain.archived
    return known.get(head)


def _linked(previous: str, entries: Sequence[TimelineEntry]) -> Iterator[TimelineEntry]:
    for entry in entries:
        previous = hash_of(previous, entry.wire())
        yield entry.model_copy(update={"hash": previous})


def _before(
    meta: ObjectMeta,
    timeline: Sequence[Mapping[str, Any]],
    chain: Chain,
    older: Older | None,
) -> Fault | None:
    """The first place at which what does not stand in the incident any more does not hold."""
    least = KEPT if chain.kept_from is None else MOVED
    if chain.archived and len(timeline) < least:
        return Fault(chain.archived, f"it is missing: none is taken out before there are {least}")
    if older is None:
        return None
    start = genesis(meta) if older.first == 1 else older.previous
    moved = _follow(older.entries, start, older.first - 1)
    if isinstance(moved, Fault) or moved == (chain.archived_head, chain.archived):
        return moved if isinstance(moved, Fault) else None
    return Fault(chain.archived, "it is not the one that was taken out of the incident")


def _follow(
    entries: Sequence[Mapping[str, Any]], previous: str, seq: int
) -> tuple[str, int] | Fault:
    """Go along entries; returns hash and number of the last one, or the first place at which they do not follow."""
    for entry in entries:
        seq += 1
        text = _wrong(entry, previous, seq)
        if text:
            return Fault(seq, text)
        previous = entry["hash"]
    return previous, seq


def _wrong(entry: Mapping[str, Any], previous: str, seq: int) -> str:
    """What is wrong with the entry that should have this number; empty where nothing is."""
    found = entry.get("seq")
    if found != seq:
        return f"entry {found} stands in its place: it is missing, or others were put before it"
    if not entry.get("hash"):
        return "it has no hash"
    if entry["hash"] != hash_of(previous, entry):
        return "it was changed, or does not follow from the entry before it"
    return ""


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
