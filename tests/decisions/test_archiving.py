"""The oldest entries of a long timeline move to ConfigMaps, and the whole chain still verifies from its first entry."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import Chain, Incident, IncidentStatus
from knowngood.decisions.archiving import (
    KEY,
    Part,
    not_archived,
    part_to_move,
    parts_of,
    without,
)
from knowngood.decisions.chaining import (
    Fault,
    Older,
    first_fault,
    follows,
    genesis,
    hash_of,
)
from knowngood.decisions.timeline import LONGEST, extend_timeline, is_told
from tests.decisions.states import NOW
from tests.decisions.test_chaining import an_incident, by_an_earlier_release, numbered, stored

Json = dict[str, Any]
ALL = 10**9
"""Every SIEM has taken everything."""


def grown(
    incident: Incident, count: int, taken: int = ALL, text: str = "event"
) -> tuple[Incident, dict[str, str]]:
    """Tell one thing after the other, and move what is to be moved; returns the ConfigMaps by name too."""
    kept: dict[str, str] = {}
    for number in range(count):
        status = extend_timeline(
            incident, incident.status or IncidentStatus(), (NOW, "DE.AE", f"{text} {number}")
        )
        incident = stored(incident, status)
        part = part_to_move(incident, taken)
        if part is not None and incident.status is not None:
            kept[part.manifest["metadata"]["name"]] = part.manifest["data"][KEY]
            incident = stored(incident, without(incident.status, part))
    return incident, kept


def chain_of(incident: Incident) -> Chain:
    assert incident.status is not None
    assert incident.status.chain is not None
    return incident.status.chain


def older(incident: Incident, kept: dict[str, str]) -> Older:
    chain = chain_of(incident)
    parts = [json.loads(kept[name]) for name in parts_of(incident, chain)]
    entries = [entry for part in parts for entry in part["entries"]]
    return Older(chain.kept_from or 1, parts[0]["previous"], entries)


def fault(incident: Incident, kept: dict[str, str]) -> Fault | None:
    assert incident.status is not None
    timeline = incident.status.wire()["timeline"]
    return first_fault(incident.metadata, timeline, chain_of(incident), older(incident, kept))


def test_a_long_timeline_is_whole_from_its_first_entry_to_its_last() -> None:
    incident, kept = grown(an_incident(), 512)

    assert incident.status is not None
    chain, moved = chain_of(incident), older(incident, kept)
    numbers = [e["seq"] for e in moved.entries] + [e.seq for e in incident.status.timeline]
    assert numbers == list(range(1, 513))
    assert (chain.archived, chain.kept_from, len(kept)) == (400, 1, 8)
    assert fault(incident, kept) is None
    timeline = incident.status.wire()["timeline"]
    assert follows(moved.entries[6]["hash"], timeline, chain, moved) == 7
    assert first_fault(incident.metadata, timeline, chain) is None, "also by itself"


@settings(max_examples=20, deadline=None)
@given(place=st.integers(0, 399), what=st.sampled_from(["text", "gone", "twice", "hash"]))
def test_whoever_changes_what_was_moved_is_found_at_that_entry(place: int, what: str) -> None:
    incident, kept = GROWN
    moved = older(incident, kept)
    entries = [dict(e) for e in moved.entries]
    if what == "gone":
        del entries[place]
    elif what == "twice":
        entries.insert(place, entries[place])
    else:
        entries[place] |= {"text": "nothing"} if what == "text" else {"hash": "0" * 64}
    assert incident.status is not None
    timeline = incident.status.wire()["timeline"]

    found = first_fault(
        incident.metadata,
        timeline,
        chain_of(incident),
        Older(moved.first, moved.previous, entries),
    )

    assert found is not None
    # Of the last one the incident itself knows the hash; one that is there twice is wrong where the next one should be.
    assert found.seq in {place + 1, place + 2} & set(range(1, 401)) or found.seq == 400


def test_whoever_computes_all_hashes_of_what_was_moved_anew_is_found_too() -> None:
    """The incident knows the hash of the last entry that was moved."""
    incident, kept = GROWN
    moved = older(incident, kept)
    entries, previous = [], genesis(incident.metadata)
    for entry in moved.entries:
        forged = {**entry, "text": "nothing happened"}
        previous = forged["hash"] = hash_of(previous, forged)
        entries.append(forged)
    assert incident.status is not None
    timeline = incident.status.wire()["timeline"]

    found = first_fault(
        incident.metadata, timeline, chain_of(incident), Older(1, moved.previous, entries)
    )

    assert found is not None
    assert found.seq == 400


GROWN = grown(an_incident(), 512)


def test_a_part_that_is_written_again_is_the_same() -> None:
    incident = numbered(150)

    first, again = part_to_move(incident, ALL), part_to_move(incident, ALL)

    assert first is not None
    assert again is not None
    assert first.manifest == again.manifest
    assert first.manifest["immutable"] is True
    assert first.manifest["metadata"]["name"] == "incident-i1-1-50"
    (owner,) = first.manifest["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"]) == ("Incident", "i1")


def test_taking_a_part_out_twice_takes_it_out_once() -> None:
    incident = numbered(150)
    part = part_to_move(incident, ALL)
    assert part is not None
    assert incident.status is not None

    once = without(incident.status, part)

    assert without(once, part) == once
    assert len(once.timeline) == 100


@pytest.mark.parametrize(
    ("count", "taken", "moves"),
    [
        pytest.param(149, ALL, False, id="there is room"),
        pytest.param(150, 50, True, id="every SIEM has these"),
        pytest.param(150, 49, False, id="a SIEM has not taken them"),
        pytest.param(180, 0, True, id="there is hardly any room left"),
    ],
)
def test_when_entries_move(count: int, taken: int, moves: bool) -> None:  # noqa: FBT001  - a table's column
    assert (part_to_move(numbered(count), taken) is not None) is moves


def test_an_incident_stays_below_256_kib_and_a_part_far_below_a_mebibyte() -> None:
    incident, kept = grown(an_incident(), 400, text="x" * 1000)
    assert len(json.dumps(incident.wire())) < 256 * 1024

    longest, parts = grown(an_incident(), 160, text="\U0001f9ea" * 2030)
    assert parts
    assert all(len(text.encode()) < 900 * 1024 for text in {**kept, **parts}.values())
    assert fault(longest, parts) is None


def test_what_could_not_be_kept_elsewhere_is_left_out_and_what_is_kept_begins_after_it() -> None:
    """The right was missing for a while: what was moved before that leads on to nothing any more."""
    incident, _ = grown(an_incident(), 160)
    assert incident.status is not None
    said = not_archived(incident.status, "forbidden")
    incident = stored(incident, said)
    for number in range(100):
        status = incident.status or IncidentStatus()
        told = extend_timeline(incident, status, (NOW, "DE.AE", f"late {number}"))
        incident = stored(incident, told)
    assert chain_of(incident).not_archived == "forbidden"
    assert (chain_of(incident).archived, chain_of(incident).kept_from) == (60, 61)
    assert list(parts_of(incident, chain_of(incident))) == []

    incident, kept = grown(incident, 20)

    assert chain_of(incident).not_archived is None
    assert chain_of(incident).kept_from == 61 + 1  # one more was left out before the others moved
    assert fault(incident, kept) is None


def test_what_an_earlier_release_left_out_stays_left_out_and_the_rest_is_kept() -> None:
    incident = numbered(240)
    assert chain_of(incident).kept_from is None

    incident, kept = grown(incident, 1)

    assert chain_of(incident).kept_from == 42
    assert list(kept) == ["incident-i1-42-91"]
    assert fault(incident, kept) is None


def test_a_timeline_without_a_chain_is_left_as_it_is() -> None:
    assert part_to_move(by_an_earlier_release(200), ALL) is None


def test_a_status_that_does_not_have_a_part_loses_nothing_by_it() -> None:
    status = numbered(20).status
    assert status is not None

    assert without(status, Part(last=50, head="0" * 64, manifest={})) == status


def test_what_was_told_at_one_time_is_told_still_where_only_the_first_of_it_has_moved() -> None:
    incident, _ = grown(an_incident(), 150)
    status = incident.status or IncidentStatus()
    assert [e.text for e in status.timeline][:2] == ["event 50", "event 51"]

    assert is_told(status, NOW, "event 49")
    assert not is_told(status, NOW + timedelta(seconds=1), "event 49")


def test_a_text_that_is_too_long_is_cut_and_told_once() -> None:
    incident, text = an_incident(), "x" * (LONGEST + 1)

    status = extend_timeline(incident, IncidentStatus(), (NOW, "DE.AE", text))

    assert len(status.timeline[0].text) == LONGEST
    assert is_told(status, NOW, text)
