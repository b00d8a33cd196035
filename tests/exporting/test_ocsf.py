"""What is written as OCSF, held against the schema that is published."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from knowngood.api.v1alpha1 import Incident
from knowngood.exporting.ocsf import OCSF_VERSION, ocsf
from knowngood.exporting.records import records_since
from tests.exporting.cases import DETECTED, ONSET, UID, closed, entry, longest, opened, read

Json = dict[str, Any]
CLASSES = {
    2004: "detection_finding",
    2005: "incident_finding",
    3004: "entity_management",
}
CAPTIONED = {"activity_id": "activity_name", "status_id": "status", "severity_id": "severity"}


@cache
def published() -> Json:
    found: Json = get_ocsf_schema(version=OCSF_VERSION)
    return found


@cache
def validator(name: str) -> Draft202012Validator:
    schema = OcsfJsonSchemaEmbedded(published()).get_class_schema(class_name=name)
    return Draft202012Validator(schema)


def check(event: Json) -> None:
    """Hold an event against its class, and each number against the words that the schema has for it."""
    name = CLASSES[event["class_uid"]]
    validator(name).validate(event)
    attributes = published()["classes"][name]["attributes"]
    verdict = {"verdict_id": "verdict"} if "verdict_id" in event else {}
    for number, word in (CAPTIONED | verdict).items():
        assert attributes[number]["enum"][str(event[number])]["caption"] == event[word]
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]


def events(incident: Incident) -> list[Json]:
    return [ocsf(record, "on-call") for record in records_since(incident, 0)]


def incidents(body: Json) -> list[Json]:
    return [e for e in events(read(body)) if e["class_uid"] == 2005]


@pytest.mark.parametrize("resolution", ["Resolved", "FalsePositive", "ModelDeleted", "AutoClosed"])
def test_everything_that_is_told_of_an_incident_fits_the_published_schema(resolution: str) -> None:
    found = events(read(closed(resolution)))

    for event in found:
        check(event)
    assert [e["type_uid"] for e in found] == [200501, 200401, *[200502] * 4, 200503]


def test_a_model_that_has_recovered_is_resolved_until_it_is_bad_again() -> None:
    body = opened()
    body["status"]["timeline"] += [
        entry(4, 1, "RS.MI", "the gateway was seen to give version 2 no requests"),
        entry(5, 60, "RS.MI", "version 1 answers users, as the spec asks"),
        entry(6, 960, "RC.RP", "version 1 was seen to be healthy for 15m"),
        entry(7, 970, "RS.MA", "alice has decided Retrain: its labels were old"),
        entry(8, 980, "DE.AE", "the incident is opened again: version 2 is bad again"),
    ]

    found = incidents(body)

    for event in found:
        check(event)
    assert [e["status"] for e in found][2:] == [
        *("In Progress", "In Progress", "In Progress", "Resolved", "Resolved", "In Progress")
    ]
    assert [e["status_id"] for e in found][-3:] == [4, 4, 2]


def test_the_schema_refuses_what_is_not_in_it() -> None:
    """The check above would notice."""
    event = events(read(closed()))[0]

    assert not validator("incident_finding").is_valid({**event, "phase": "Detected"})
    assert not validator("incident_finding").is_valid({**event, "verdict_id": 11})
    assert not validator("incident_finding").is_valid(
        {k: v for k, v in event.items() if k != "assignee_group"}
    )


@settings(deadline=None)
@given(text=st.text(min_size=1))
def test_words_of_others_fit_the_schema_too(text: str) -> None:
    for event in events(longest(text)):
        check(event)


def test_an_incident_of_which_nothing_is_known_fits_too() -> None:
    """Its model was deleted before it was written what it is about."""
    body = opened()
    body["status"] = {
        "phase": "Closed",
        "resolution": "ModelDeleted",
        "timeline": [entry(1, 0, "RC.RP", "closed because the model was deleted")],
        "clocks": {"closed": DETECTED.isoformat()},
    }

    (event,) = incidents(body)

    check(event)
    assert (event["severity"], event["activity_name"]) == ("Unknown", "Close")


@pytest.mark.parametrize(
    ("resolution", "verdict"), [("Resolved", 2), ("FalsePositive", 1), ("ModelDeleted", 7)]
)
def test_what_people_found_is_the_verdict_of_the_last_record_and_of_no_other(
    resolution: str, verdict: int
) -> None:
    found = [e["verdict_id"] for e in incidents(closed(resolution))]

    assert found == [0, 0, 0, 0, 0, verdict]


def test_an_incident_belongs_to_the_team_on_call_and_to_who_has_taken_it() -> None:
    found = incidents(closed())

    assert {e["assignee_group"]["name"] for e in found} == {"on-call"}
    assert [e.get("assignee", {}).get("name") for e in found] == [*[None] * 4, "alice", "alice"]


def test_all_that_is_told_of_an_incident_is_found_by_its_uid_and_evidence_by_its_own() -> None:
    found = events(read(closed()))
    (detection,) = (e for e in found if e["class_uid"] == 2004)
    teller = next(e for e in incidents(closed()) if len(e["finding_info_list"]) > 1)

    assert {e["metadata"]["correlation_uid"] for e in found} == {UID}
    assert {e["finding_info_list"][0]["uid"] for e in incidents(closed())} == {UID}
    assert teller["finding_info_list"][1] == detection["finding_info"]


def test_evidence_has_the_counts_of_both_versions_and_what_the_test_promises() -> None:
    (detection,) = (e for e in events(read(closed())) if e["class_uid"] == 2004)

    (analysis,) = detection["anomaly_analyses"]
    assert analysis["anomalies"][0]["observations"] == [{"value": "11 of 53", "count": 53}]
    assert analysis["baselines"][0]["observations"] == [{"value": "285 of 589", "count": 589}]
    data = detection["evidences"][0]["data"]
    assert (data["statistic"], data["limit"]) == (997.4, 222.2)
    assert data["guarantee"] == "proved at 0.45 % false alarms per rollout"
    assert detection["finding_info"]["first_seen_time"] == ONSET.timestamp() * 1000


def test_how_long_it_took_is_told_when_it_does_not_change_any_more() -> None:
    *before, last = incidents(closed())

    assert last["end_time"] == DETECTED.timestamp() * 1000 + 100
    assert last["unmapped"]["rto"] == "5s100ms"
    assert not any("end_time" in e or "rto" in e["unmapped"] for e in before)
