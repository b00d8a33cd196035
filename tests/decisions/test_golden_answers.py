"""An answer to a golden request is right or wrong, whatever it is made of."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import GoldenRequest
from knowngood.decisions.golden_answers import Answer, fault_of, is_missing

LONGEST = 200
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def golden(status: int | None = None, *fields: dict[str, Any]) -> GoldenRequest:
    expect = {"status": status, "fields": fields}
    kept = {key: value for key, value in expect.items() if value}
    return GoldenRequest.model_validate(
        {"name": "typical", "request": {"path": "/predict"}, "expect": kept}
    )


def body(found: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(found).encode())


APPROVED = {"approved": True, "score": 0.62, "reasons": ["income", {"a/b": 1}], "name": "x"}


@pytest.mark.parametrize(
    "fields",
    [
        {"pointer": "/approved", "equals": "true"},
        {"pointer": "/score", "equals": "0.62"},
        {"pointer": "/score", "minimum": "0.6", "maximum": "0.7"},
        {"pointer": "/score", "minimum": "0.62"},
        {"pointer": "/score", "maximum": "0.62"},
        {"pointer": "/reasons/0", "equals": '"income"'},
        {"pointer": "/reasons/1/a~1b", "equals": "1.0"},
        {"pointer": "/reasons", "equals": '["income", {"a/b": 1}]'},
    ],
)
def test_the_right_answer_is_right(fields: dict[str, Any]) -> None:
    assert fault_of(golden(None, fields), body(APPROVED)) == ""


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"pointer": "/approved", "equals": "false"}, "field /approved is true, not false"),
        ({"pointer": "/approved", "equals": "1"}, "field /approved is true, not 1"),
        ({"pointer": "/score", "equals": '"0.62"'}, 'field /score is 0.62, not "0.62"'),
        ({"pointer": "/score", "minimum": "0.63"}, "field /score is 0.62, less than 0.63"),
        ({"pointer": "/score", "maximum": "0.61"}, "field /score is 0.62, more than 0.61"),
        ({"pointer": "/approved", "minimum": "0"}, "field /approved is no number"),
        ({"pointer": "/name", "maximum": "0"}, "field /name is no number"),
        ({"pointer": "/reasons/2", "equals": "1"}, "it has no field /reasons/2"),
        ({"pointer": "/reasons/-1", "equals": "1"}, "it has no field /reasons/-1"),
        ({"pointer": "/absent", "equals": "null"}, "it has no field /absent"),
        ({"pointer": "", "equals": "1"}, "the body is"),
        ({"pointer": "/approved", "equals": "yes"}, "expect.fields.equals is no JSON: yes"),
    ],
)
def test_a_wrong_answer_is_told_in_words(fields: dict[str, Any], says: str) -> None:
    assert says in fault_of(golden(None, fields), body(APPROVED))


@pytest.mark.parametrize("status", [None, 200, 422])
def test_a_status_that_is_not_expected_is_wrong(status: int | None) -> None:
    wanted = status or 200

    assert fault_of(golden(status), body({}, wanted)) == ""
    assert fault_of(golden(status), body({}, 500)) == f"its status is 500, not {wanted}"


def test_what_does_not_come_is_wrong() -> None:
    assert fault_of(golden(), Answer(0, error="there was no answer")) == "there was no answer"


def test_an_answer_of_any_depth_is_wrong_and_ends_in_words() -> None:
    asked = golden(None, {"pointer": "/a", "equals": "true"})
    for depth in (*range(500, 1000, 5), 50_000):
        answer = Answer(200, b'{"a": ' + b"[" * depth + b"]" * depth + b"}")

        assert fault_of(asked, answer), depth


@pytest.mark.parametrize("text", [b"<html>", b"[" * 100_000, b"\xff", b"9" * 5000])
def test_an_answer_that_can_not_be_read_is_wrong(text: bytes) -> None:
    field = {"pointer": "/approved", "equals": "true"}

    assert fault_of(golden(None, field), Answer(200, text))


@given(found=JSON, wanted=JSON)
def test_no_answer_ends_in_anything_but_words_of_bounded_length(found: Any, wanted: Any) -> None:
    fields = [
        {"pointer": "", "equals": json.dumps(wanted)[:1024] or "1"},
        {"pointer": "", "minimum": "0.5", "maximum": "1"},
        {"pointer": "/0/0", "equals": "1"},
    ]
    for field in fields:
        assert len(fault_of(golden(None, field), body(found))) < LONGEST


@given(found=JSON.filter(lambda one: len(json.dumps(one)) < 1000 and "NaN" not in json.dumps(one)))
def test_every_answer_is_equal_to_itself(found: Any) -> None:
    field = {"pointer": "", "equals": json.dumps(found)}

    assert fault_of(golden(None, field), body(found)) == ""


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        (Answer(0, error="there was no answer within 5 s"), True),
        (Answer(429), True),
        (Answer(503), True),
        (Answer(504), True),
        (Answer(500), False),
        (Answer(404), False),
        (Answer(200, b"{}"), False),
    ],
)
def test_who_has_too_much_to_do_has_not_answered_wrong(answer: Answer, missing: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_missing(answer) is missing
