"""The policies and the operator read the same command in one text, without a cluster."""

import re
import sys
from datetime import datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from knowngood.decisions.commands import NONCE_LENGTH, VERSION_LENGTH, Command, Verb, parse

Json = dict[str, Any]

SPACES = [c for c in map(chr, range(sys.maxunicode)) if c.isspace()]
TIME = "2026-03-01T11:59:30Z"


@pytest.fixture(scope="module")
def variables(rendered: list[Json]) -> dict[str, str]:
    """Expressions of the policy on commands."""
    (policy,) = [
        o
        for o in rendered
        if o["kind"] == "ValidatingAdmissionPolicy" and ".commands." in o["metadata"]["name"]
    ]
    return {v["name"]: v["expression"] for v in policy["spec"]["variables"]}


def _verb(text: str, variables: dict[str, str]) -> str:
    """What the policy takes for the verb; the expressions of CEL know no letters but those of ASCII."""
    found = text
    for pattern in re.findall(r"\.find\(r'(.*?)'\)", variables["verb"]):
        match = re.search(pattern, found, re.ASCII)
        found = match[0] if match else ""
    return found


@given(st.sampled_from(Verb), st.sampled_from(SPACES), st.sampled_from(SPACES))
def test_the_policy_finds_every_verb_that_the_operator_reads(
    variables: dict[str, str], verb: Verb, before: str, behind: str
) -> None:
    text = f"{before}{verb}{behind}1 {TIME}"

    assert isinstance(parse(text), Command)
    assert _verb(text, variables) == verb


@given(st.text(max_size=30))
def test_whatever_the_operator_reads_as_a_command_has_a_verb_for_the_policy(
    variables: dict[str, str], text: str
) -> None:
    found = parse(f"{text} 1 {TIME}")

    if isinstance(found, Command):
        assert _verb(text, variables) == found.verb


def _old(variables: dict[str, str]) -> str:
    (pattern,) = re.findall(r"\.matches\(r'\^(.*?)\$'\)", variables["saved"])
    return str(pattern)


@pytest.mark.parametrize("longer", [0, 1])
def test_what_passes_as_an_old_command_is_as_long_as_the_operator_reads(
    variables: dict[str, str], longer: int
) -> None:
    version = "1" * (VERSION_LENGTH + longer)
    nonce = TIME + "-".ljust(NONCE_LENGTH - len(TIME) + longer, "x")

    for text in (f"promote {version} {TIME}", f"promote 1 {nonce}"):
        passes = re.fullmatch(_old(variables), text) is not None
        assert passes is isinstance(parse(text), Command) is (not longer)


@given(st.data())
def test_what_passes_as_an_old_command_has_the_same_time_for_the_operator(
    variables: dict[str, str], data: st.DataObject
) -> None:
    # Else the operator would believe a name that nobody has compared.
    text = data.draw(st.from_regex(_old(variables), fullmatch=True))
    # A day that does not exist can not be read by the policy either, which then refuses.
    assume(not re.search(r" 0000-|-(29|30|31)T", text))
    compared = datetime.strptime(text.split(" ")[2][:20], "%Y-%m-%dT%H:%M:%S%z")

    found = parse(text)

    assert isinstance(found, Command), text
    assert found.given_at == compared
