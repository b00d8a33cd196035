"""One record, one line, in every format."""

import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowngood.exporting.formats import Format, line, written
from knowngood.exporting.records import records_since
from knowngood.exporting.texts import clean
from tests.exporting.cases import closed, longest, opened, read

LARGEST = 7680
"""Less than the eight thousand bytes that syslog servers take by default, with a header."""

HEADER = re.compile(r"(?<!\\)(?:\\\\)*\|")
KEY = re.compile(r"(?:^| )([A-Za-z0-9]+)=")


def lines(form: Format, text: str | None = None) -> list[str]:
    incident = read(closed()) if text is None else longest(text)
    return [line(written(record, form, "on-call")) for record in records_since(incident, 0)]


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def fields(found: str) -> dict[str, str]:
    """Read a line of CEF as a SIEM does: seven fields of a header, then keys and values."""
    extension = HEADER.split(found, maxsplit=7)[7]
    parts = KEY.split(extension)
    return {k: unescaped(v) for k, v in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.parametrize("form", Format)
@settings(deadline=None)
@given(text=st.text(min_size=1))
@example("a|b\\c=d\nCEF:0|x\r\n\u2028\u202e")
@example('"' * 2048)
@example("\U0001f4a5" * 2048)
@example("\\" * 2048)
def test_a_record_is_one_line_of_bounded_length_whatever_others_have_written(
    form: Format, text: str
) -> None:
    for one in lines(form, text):
        assert len(one.splitlines()) == 1
        assert len(one.encode()) <= LARGEST


@settings(deadline=None)
@given(text=st.text(min_size=1, max_size=60))
@example("a|b\\c=d\nCEF:0|x")
@example("msg=x suser=root externalId=1")
def test_words_of_others_make_no_field_of_cef(text: str) -> None:
    found, plain = lines(Format.CEF, text), lines(Format.CEF, "plain")

    assert [fields(one).keys() for one in found] == [fields(one).keys() for one in plain]
    assert fields(found[0])["msg"] == clean(text)


def test_a_line_of_cef_has_what_people_look_for() -> None:
    evidence = next(one for one in lines(Format.CEF) if "|evidence|" in one)
    found = fields(evidence)

    assert evidence.startswith(
        "CEF:0|Knowngood|Knowngood|v1alpha1|evidence|Evidence of incident loan-approval-1|10|rt="
    )
    labelled = {found[f"{k}Label"]: v for k, v in found.items() if f"{k}Label" in found}
    assert labelled["incident"] == "lending/loan-approval-1"
    assert (labelled["version"], labelled["trigger"]) == ("2", "approval-rate-drop")
    assert (labelled["samples"], labelled["events"], labelled["statistic"]) == ("53", "11", "997.4")
    assert len(found["externalId"]) <= 40  # what CEF allows


def test_a_document_of_ecs_has_what_people_look_for() -> None:
    evidence, told, last = (json.loads(lines(Format.ECS)[n]) for n in (1, 2, -1))

    assert evidence["@timestamp"] == "2026-11-28T21:59:33.000000Z"
    assert (evidence["event"]["kind"], evidence["event"]["severity"]) == ("alert", 99)
    assert evidence["rule"] == {"name": "approval-rate-drop", "ruleset": "lending"}
    assert evidence["service"] == {"name": "loan-approval", "version": "2"}
    assert evidence["knowngood"]["evidence"]["samples"] == 53
    assert told["message"] == evidence["message"]
    assert told["event"]["id"] != evidence["event"]["id"]
    assert (last["event"]["action"], last["event"]["type"]) == ("incident-closed", ["end"])
    assert last["knowngood"]["incident"]["resolution"] == "Resolved"


def test_a_record_has_the_same_id_in_every_format() -> None:
    records = records_since(read(opened()), 0)

    for record in records:
        assert json.loads(line(written(record, Format.OCSF, "")))["metadata"]["uid"] == record.uid
        assert json.loads(line(written(record, Format.ECS, "")))["event"]["id"] == record.uid
        assert fields(line(written(record, Format.CEF, "")))["externalId"] == record.uid


def test_a_number_that_json_can_not_say_is_left_out() -> None:
    body = opened()
    body["status"]["evidence"][0] |= {"statistic": "inf", "limit": "nan", "effect": "much"}
    evidence = records_since(read(body), 0)[1]

    found = json.loads(line(written(evidence, Format.ECS, "")))["knowngood"]["evidence"]

    assert not {"statistic", "limit", "effect"} & found.keys()
    assert found["estimate"] == 0.2075


def test_evidence_whose_entries_were_dropped_makes_no_record_too_long() -> None:
    """The first entry that is kept tells of all of it."""
    incident = longest('"\u00e4' * 1000)
    assert incident.status is not None
    (one,) = incident.status.evidence
    many = [
        one.model_copy(update={"id": f"e{n}", "message": f"{n}", "policy": "p" * 253})
        for n in range(32)
    ]
    status = incident.status.model_copy(update={"evidence": tuple(many)})
    records = records_since(incident.model_copy(update={"status": status}), 0)

    assert sum(record.evidence is not None for record in records) == 32
    for form in Format:
        for record in records:
            assert len(line(written(record, form, "on-call")).encode()) <= LARGEST
