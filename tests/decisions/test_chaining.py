"""A timeline is a chain: whoever changes, removes, inserts or moves an entry is found out, and at which one."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import Incident, IncidentStatus
from knowngood.decisions.chaining import Fault, first_fault, follows, hash_of
from knowngood.decisions.timeline import extend_timeline
from tests.decisions.states import NOW

Json = dict[str, Any]
OURS = {"name": "loan-1", "namespace": "lending", "uid": "i1"}

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
BATCHES = st.lists(
    st.lists(st.tuples(st.integers(0, 10**12), TEXTS), min_size=1, max_size=4),
    min_size=1,
    max_size=4,
)


def an_incident(**identity: str) -> Incident:
    spec = {"modelRef": {"name": "loan", "uid": "u1"}, "origin": "Trigger"}
    return Incident.model_validate({"metadata": OURS | identity, "spec": spec})


def stored(incident: Incident, status: IncidentStatus) -> Incident:
    """As the API server returns what was written."""
    body = incident.wire() | {"status": status.wire()}
    return Incident.model_validate_json(json.dumps(body))


def told(batches: list[list[tuple[int, str]]], incident: Incident | None = None) -> Incident:
    """An incident in which was told, write by write."""
    seen = incident or an_incident()
    for batch in batches:
        entries = [(NOW + timedelta(microseconds=at), "DE.AE", text) for at, text in batch]
        seen = stored(seen, extend_timeline(seen, seen.status or IncidentStatus(), *entries))
    return seen


def numbered(count: int) -> Incident:
    return told([[(n, f"event {n}") for n in range(count)]])


def entries_of(incident: Incident) -> list[Json]:
    assert incident.status is not None
    entries: list[Json] = incident.status.wire()["timeline"]
    return entries


def fault(incident: Incident, entries: list[Json] | None = None) -> Fault | None:
    assert incident.status is not None
    found = entries_of(incident) if entries is None else entries
    return first_fault(incident.metadata, found, incident.status.chain)


def named(incident: Incident, entries: list[Json]) -> int | None:
    found = fault(incident, entries)
    return found.seq if found else None


@given(BATCHES)
def test_what_was_only_added_to_is_whole_however_it_was_written(
    batches: list[list[tuple[int, str]]],
) -> None:
    incident = told(batches)

    assert fault(incident) is None
    at_once = told([[entry for batch in batches for entry in batch]])
    assert entries_of(at_once) == entries_of(incident)


@given(BATCHES, st.data())
def test_an_earlier_head_is_found_again_after_more_was_told(
    batches: list[list[tuple[int, str]]], data: st.DataObject
) -> None:
    first = told(batches[:1])
    later = told(data.draw(BATCHES), first)
    assert first.status is not None
    assert first.status.chain is not None
    assert later.status is not None
    assert later.status.chain is not None

    number = follows(first.status.chain.head, entries_of(later), later.status.chain)

    assert number == len(batches[0])
    assert follows("0" * 64, entries_of(later), later.status.chain) is None


CHANGES: dict[str, Callable[[Json], Json]] = {
    "text": lambda e: e | {"text": e["text"] + "."},
    "time": lambda e: e | {"time": "2026-03-02T12:00:00.000000Z"},
    "the same instant, otherwise written": lambda e: e | {"time": e["time"].replace("Z", "+00:00")},
    "actor": lambda e: e | {"actor": "alice"},
    "csf": lambda e: {name: value for name, value in e.items() if name != "csf"},
    "seq": lambda e: e | {"seq": e["seq"] + 1},
    "hash": lambda e: e | {"hash": "0" * 64},
    "no hash": lambda e: {name: value for name, value in e.items() if name != "hash"},
    "a field more": lambda e: e | {"identity": "Verified"},
}


@pytest.mark.parametrize("change", CHANGES)
@given(BATCHES, st.data())
def test_a_changed_entry_is_named(
    change: str, batches: list[list[tuple[int, str]]], data: st.DataObject
) -> None:
    incident = told(batches)
    entries = entries_of(incident)
    at = data.draw(st.integers(0, len(entries) - 1))

    entries[at] = CHANGES[change](entries[at])

    assert named(incident, entries) == at + 1


@given(BATCHES, st.data())
def test_a_removed_entry_is_named_also_the_last_one(
    batches: list[list[tuple[int, str]]], data: st.DataObject
) -> None:
    incident = told(batches)
    entries = entries_of(incident)
    at = data.draw(st.integers(0, len(entries) - 1))

    del entries[at]

    assert named(incident, entries) == at + 1
    found = fault(incident, entries)
    assert found is not None
    assert "it is missing" in found.text


@given(BATCHES, st.data())
def test_an_inserted_entry_is_named_also_where_the_others_are_numbered_anew(
    batches: list[list[tuple[int, str]]], data: st.DataObject
) -> None:
    incident = told(batches)
    entries = entries_of(incident)
    at = data.draw(st.integers(0, len(entries)))
    new = entries[-1] | {"seq": at + 1, "text": "nothing happened"}

    entries.insert(at, new)
    assert named(incident, entries) == at + 1

    anew = [entry | {"seq": n} for n, entry in enumerate(entries, start=1)]
    assert named(incident, anew) == at + 1


@given(st.integers(2, 12), st.data())
def test_of_entries_that_changed_places_the_first_is_named(count: int, data: st.DataObject) -> None:
    incident = numbered(count)
    entries = entries_of(incident)
    first = data.draw(st.integers(0, count - 2))
    second = data.draw(st.integers(first + 1, count - 1))

    entries[first], entries[second] = entries[second], entries[first]

    assert named(incident, entries) == first + 1
    anew = [entry | {"seq": n} for n, entry in enumerate(entries, start=1)]
    assert named(incident, anew) == first + 1


@pytest.mark.parametrize("other", [{"name": "loan-2"}, {"namespace": "trade"}, {"uid": "i2"}])
def test_an_entry_of_another_incident_is_named(other: dict[str, str]) -> None:
    ours, theirs = numbered(4), told([[(n, f"event {n}") for n in range(4)]], an_incident(**other))
    entries = entries_of(ours)

    entries[2] = entries_of(theirs)[2]

    assert named(ours, entries) == 3
    moved = ours.model_copy(update={"status": theirs.status})
    assert named(moved, entries_of(moved)) == 1, "nor can all of them be moved at once"


def test_whoever_hashes_a_changed_entry_anew_breaks_the_chain_right_behind_it() -> None:
    incident = numbered(4)
    entries = entries_of(incident)
    entries[1] |= {"text": "nothing happened"}
    entries[1]["hash"] = hash_of(entries[0]["hash"], entries[1])

    assert named(incident, entries) == 3
    last = entries_of(incident)
    last[3] |= {"text": "nothing happened"}
    last[3]["hash"] = hash_of(last[2]["hash"], last[3])
    found = fault(incident, last)
    assert found is not None
    assert "entry 4 was changed together with its hash" in found.text


def test_the_oldest_entries_make_room_and_what_is_left_is_whole() -> None:
    incident = numbered(190)
    for n in range(190, 240):
        incident = told([[(n, f"event {n}")]], incident)

    entries = entries_of(incident)
    assert incident.status is not None
    chain = incident.status.chain
    assert chain is not None
    assert (len(entries), entries[0]["seq"], chain.archived) == (200, 41, 40)
    assert fault(incident) is None
    assert entries == entries_of(numbered(240)), "however they were written"
    assert follows(entries[0]["hash"], entries, chain) == 41
    assert chain.archived_head is not None
    assert follows(chain.archived_head, entries, chain) == 40
    entries[7] |= {"text": "nothing happened"}
    assert named(incident, entries) == 48


def test_the_oldest_entries_can_not_be_taken_out_as_if_they_had_made_room() -> None:
    incident = numbered(6)
    assert incident.status is not None
    assert incident.status.chain is not None
    entries = entries_of(incident)
    forged = {"archived": 2, "archived_head": entries[1]["hash"]}
    chain = incident.status.chain.model_copy(update=forged)

    found = first_fault(incident.metadata, entries[2:], chain)

    assert found is not None
    assert found.seq == 2


def by_an_earlier_release(count: int) -> Incident:
    incident = numbered(count)
    assert incident.status is not None
    bare = tuple(e.model_copy(update={"hash": None}) for e in incident.status.timeline)
    status = incident.status.model_copy(update={"timeline": bare, "chain": None})
    return stored(incident, status)


@pytest.mark.parametrize("count", [1, 5, 200, 210])
def test_what_an_earlier_release_wrote_is_not_called_whole_and_is_chained_when_it_goes_on(
    count: int,
) -> None:
    old = by_an_earlier_release(count)

    found = fault(old)
    assert found is not None
    assert "an earlier release has written it" in found.text
    on = told([[(count, f"event {count}")]], old)
    assert fault(on) is None
    assert entries_of(on)[-1]["seq"] == count + 1


def test_a_chain_can_be_computed_with_common_tools_and_stays_as_it_is_in_later_releases() -> None:
    """docs/incidents.md says how."""
    identity = '{"name":"loan-1","namespace":"lending","uid":"i1"}'
    entry = '{"actor":"operator","csf":"DE.AE","seq":1,"text":"caf\\u00e9","time":"2026-03-01T12:00:00.000007Z"}'
    start = hashlib.sha256(identity.encode()).hexdigest()

    (found,) = entries_of(told([[(7, "café")]]))

    assert found["hash"] == hashlib.sha256(f"{start}\n{entry}".encode()).hexdigest()
