"""What a SIEM is told of an incident, whatever the format."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from knowngood.exporting.records import Activity, Progress, Record, records_since
from tests.decisions.test_incidents import breached, contained, told
from tests.decisions.test_incidents import opened as opened_by
from tests.exporting.cases import PROOF, UID, at, closed, entry, evidence, opened, read


def of_entries(body: dict[str, Any], since: int = 0) -> list[Record]:
    return [r for r in records_since(read(body), since) if r.evidence is None]


def test_every_entry_is_told_in_order_and_evidence_just_before_the_entry_with_its_words() -> None:
    found = records_since(read(closed()), 0)

    told = [(r.entry.seq, r.evidence.id if r.evidence else "") for r in found]
    assert told == [(1, ""), (2, "e1"), (2, ""), (3, ""), (4, ""), (5, ""), (6, "")]


def test_an_incident_is_created_updated_and_closed_once() -> None:
    found = of_entries(closed())

    middle = [Activity.UPDATE] * 4
    assert [r.activity for r in found] == [Activity.CREATE, *middle, Activity.CLOSE]
    assert [r.progress for r in found][:3] == [Progress.NEW, Progress.NEW, Progress.IN_PROGRESS]
    assert found[-1].progress is Progress.CLOSED


def test_what_was_told_is_not_told_again() -> None:
    assert [r.entry.seq for r in of_entries(closed(), since=4)] == [5, 6]
    assert records_since(read(closed()), 6) == ()


@settings(deadline=None)
@given(seen=st.integers(1, 5), since=st.integers(0, 5))
def test_a_record_that_is_sent_again_later_says_the_same_under_the_same_id(
    seen: int, since: int
) -> None:
    """However far the incident has come since."""
    early, late = opened(), closed()
    early["status"]["timeline"] = late["status"]["timeline"][:seen]
    if seen >= 5:
        early["spec"]["acknowledgement"] = late["spec"]["acknowledgement"]
        early["status"]["clocks"] = late["status"]["clocks"]
    early["status"]["evidence"] = late["status"]["evidence"] if seen >= 2 else []

    def of(body: dict[str, Any]) -> list[object]:
        found = [r for r in records_since(read(body), since) if r.entry.seq <= seen]
        return [(r.uid, r.entry, r.evidence, r.activity, r.progress, r.taken_by) for r in found]

    assert of(early) == of(late)


def test_no_two_records_share_an_id_and_ids_are_those_of_the_incident() -> None:
    ids = [r.uid for r in records_since(read(closed()), 0)]
    other = closed()
    other["metadata"]["uid"] = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

    assert len(set(ids)) == len(ids)
    assert not {r.uid for r in records_since(read(other), 0)} & set(ids)
    assert records_since(read(closed()), 0)[0].uid == "9a0bcfd6-de68-5636-a2b6-e524cedb1a64"
    assert UID not in ids


def test_evidence_that_joins_later_is_told_with_its_own_entry_also_with_the_same_words() -> None:
    body = opened()
    body["status"]["evidence"].append(evidence(2))
    body["status"]["timeline"].append(entry(4, 30, "DE.AE", PROOF))

    later = records_since(read(body), 3)

    assert [r.evidence.id if r.evidence else "" for r in later] == ["e2", ""]


def test_evidence_whose_entry_was_dropped_is_told_with_the_first_that_is_kept() -> None:
    body = opened()
    body["status"]["timeline"] = [entry(n, n, "DE.AE", f"entry {n}") for n in range(101, 301)]

    unseen = records_since(read(body), 50)

    assert [r.evidence.id if r.evidence else "" for r in unseen][:2] == ["e1", ""]
    assert all(r.evidence is None for r in records_since(read(body), 101))


def test_what_the_operator_writes_has_an_entry_for_every_piece_of_evidence() -> None:
    """Records rest on it: the words of a piece of evidence stand in the timeline."""
    for model in (breached(), contained()):
        status = told(model, opened_by(model)).status
        assert status is not None
        assert status.evidence
        assert {e.message for e in status.evidence} <= {t.text for t in status.timeline}


def test_who_has_taken_it_is_told_from_then_on() -> None:
    assert [r.taken_by for r in of_entries(closed())] == ["", "", "", "", "alice", "alice"]


def test_who_has_taken_it_where_they_were_paged_is_told_with_the_way_by_which_it_came() -> None:
    body = closed()
    del body["spec"]["acknowledgement"]
    said = {"by": "Alice", "way": "PagerDuty", "receiver": "oncall", "at": at(60)}
    body["status"]["acknowledgement"] = said

    assert [r.taken_by for r in of_entries(body)][3:5] == ["", "Alice (PagerDuty receiver oncall)"]


def test_that_a_version_is_well_again_is_no_finding_and_its_entry_is_told() -> None:
    well = "what was found about version 2 is over: trigger approval-rate-drop is Healthy again"
    body = closed()
    body["status"]["evidence"].append(evidence(9, well, verdict="Healthy"))

    found = records_since(read(body), 0)

    assert [r.evidence.id for r in found if r.evidence] == ["e1"]
