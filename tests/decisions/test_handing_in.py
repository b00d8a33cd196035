"""Baselines that a person hands in: what is written down of them, and what is refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from knowngood.api.v1alpha1 import AIModelVersion, Baseline, BaselineSource, Standing, VersionStatus
from knowngood.decisions.handing_in import BASELINES_ANNOTATION, sealed
from knowngood.decisions.people import COMMAND_BY_ANNOTATION
from knowngood.decisions.records import version_status
from tests.decisions.playing import Play
from tests.decisions.situations import a_record

Json = dict[str, Any]

SPAN = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
SHARE: Json = {"signal": "errors", "events": [10], "totals": [100], "samples": 100, **SPAN}
BINS: Json = {"signal": "age", "edges": ["1", "+Inf"], "counts": [3, 4], "samples": 7, **SPAN}
WORDS: Json = {
    "signal": "class",
    "categories": ["a", "any other"],
    "counts": [3, 0],
    "samples": 3,
    **SPAN,
}


def given(text: str, seal: str | None = None, *, proved: bool = True, version: str = "8") -> Play:
    """Hand a text in for a version that serves."""
    play = Play("guarding")
    play.s = replace(play.s, people_proved=proved)
    play.hand_in(version, {BASELINES_ANNOTATION: text}, seal or sealed(text))
    return play


def kept(play: Play, known: tuple[Baseline, ...] = ()) -> tuple[Baseline, ...]:
    """The baselines of version 8 afterwards."""
    assert play.plan is not None
    record = a_record("8", Standing.KNOWN_GOOD)
    assert record.status is not None
    status = record.status.model_copy(update={"baselines": known})
    before: AIModelVersion = record.model_copy(update={"status": status})
    return version_status(play.s, play.plan, before).baselines


def test_what_is_handed_in_is_remembered_with_who_gave_it_and_when() -> None:
    play = given(json.dumps([SHARE, BINS, WORDS]))

    assert play.refusal == ""
    found = {b.signal: b for b in kept(play)}
    assert set(found) == {"errors", "age", "class"}
    for one in found.values():
        assert (one.source, one.accepted_by) == (BaselineSource.HANDED_IN, "alice")
        assert one.accepted_at == play.s.now.replace(microsecond=0)
    assert (found["errors"].events, found["errors"].totals) == ((10,), (100,))
    assert (found["age"].edges, found["age"].counts) == (("1", "+Inf"), (3, 4))


def test_it_takes_the_place_of_what_was_known_of_that_signal_alone() -> None:
    known = tuple(
        Baseline.model_validate({**SHARE, "source": "Observed", "signal": name})
        for name in ("errors", "slow")
    )

    found = {b.signal: b.source for b in kept(given(json.dumps([SHARE])), known)}

    assert found == {"errors": BaselineSource.HANDED_IN, "slow": BaselineSource.OBSERVED}


def test_a_claim_in_the_data_is_worth_nothing() -> None:
    claim = {"source": "Observed", "acceptedBy": "carl", "acceptedAt": "2020-01-01T00:00:00Z"}
    (one,) = kept(given(json.dumps([{**SHARE, **claim}]), proved=False))

    assert (one.source, one.accepted_by) == (BaselineSource.HANDED_IN, "unverified")
    assert one.accepted_at is not None
    assert one.accepted_at > datetime(2020, 1, 2, tzinfo=UTC)


def test_data_that_the_command_does_not_name_are_refused() -> None:
    play = given(json.dumps([SHARE]), sealed(json.dumps([BINS])))

    assert "does not name" in play.refusal
    assert kept(play) == ()


WHERE = f"{BASELINES_ANNOTATION}[0]"
WRONG = [
    ("", "it is no JSON"),
    ("[" * 100_000, "it is no JSON"),
    ("{}", "a list of 1 to 32 baselines is wanted"),
    ("[]", "a list of 1 to 32 baselines is wanted"),
    (json.dumps([SHARE] * 33), "a list of 1 to 32 baselines is wanted"),
    (json.dumps([SHARE, SHARE]), "a signal has one baseline"),
    ("[7]", f"{WHERE}: an object is wanted"),
    (json.dumps([{**SHARE, "signal": "No"}]), f"{WHERE}.signal: "),
    (json.dumps([{**SHARE, "totals": [-1]}]), f"{WHERE}.totals.0: "),
    (json.dumps([{**BINS, "counts": [0] * 65}]), f"{WHERE}.counts: "),
    (json.dumps([{**SHARE, "samples": 99}]), "baselines[errors].samples: 99, but 100 are counted"),
    (json.dumps([{**SHARE, "events": [101]}]), "baselines[errors].strata[0]: 101 events of 100"),
    (json.dumps([{**SHARE, "seasonality": "HourOfDay"}]), "HourOfDay needs 24 of them, not 1"),
    (json.dumps([{**SHARE, "counts": [1]}]), "baselines[errors].counts: a share has"),
    (json.dumps([{**SHARE, "totals": [], "events": [], "samples": 0}]), "samples: 0, but 0"),
    (json.dumps([{**BINS, "edges": ["1", "2"]}]), "baselines[age].edges: the last one is +Inf"),
    (json.dumps([{**BINS, "edges": ["+Inf"]}]), "baselines[age].counts: 2 of them for 1 bins"),
    (json.dumps([{**BINS, "edges": ["x", "+Inf"]}]), "baselines[age]."),
    (json.dumps([{**BINS, "edges": ["nan", "+Inf"]}]), "baselines[age].edges: finite numbers"),
    (json.dumps([{**BINS, "categories": ["a", "any other"]}]), "baselines[age].edges: there are"),
    (json.dumps([{**SHARE, "segments": []}]), "baselines[errors].segments: each has counts"),
    (json.dumps([{**SHARE, "segments": [{**SHARE, "segment": "a", "samples": 1}]}]), "samples: 1, but 100"),
    (json.dumps([{**WORDS, "categories": ["a", "b"]}]), "baselines[class].categories: the last"),
    *((json.dumps([{**SHARE, **when}]), f"{WHERE}: from and to are two times") for when in (
        {"from": "0001-01-01T00:00:00+14:00"},
        {"from": "0999-01-01T00:00:00Z"},
        {"to": "9999-12-31T23:59:59-12:00"},
        {"to": "2026-03-01T12:30:00Z"},
        {"from": "2026-02-02T00:00:00Z"},
    )),
    (json.dumps([{**SHARE, "events": [], "totals": [], "segments": [
        {**SHARE, "segment": "a", "from": "0001-01-01T00:00:00Z"}
    ]}]), f"{WHERE}: from and to are two times"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_what_serves_no_test_is_refused_by_its_field(text: str, words: str) -> None:
    play = given(text)

    assert words in play.refusal
    assert kept(play) == ()


def test_a_version_has_32_baselines_at_most() -> None:
    many = [{**SHARE, "signal": f"s{number}"} for number in range(32)]
    known = tuple(Baseline.model_validate({**one, "source": "Observed"}) for one in many)
    play = Play("guarding")
    record = a_record("8", Standing.KNOWN_GOOD)
    status = (record.status or VersionStatus()).model_copy(update={"baselines": known})
    record = record.model_copy(update={"status": status})
    play.s = replace(play.s, versions={**play.s.versions, "8": record})
    text = json.dumps([SHARE])
    play.hand_in("8", {BASELINES_ANNOTATION: text}, sealed(text))

    assert "33 baselines: a version has 32 at most" in play.refusal


def test_a_version_that_is_not_recorded_has_none() -> None:
    assert "is not recorded" in given(json.dumps([SHARE]), version="5").refusal


def test_no_traffic_moves_and_nothing_is_given_twice() -> None:
    play = given(json.dumps([SHARE]))
    assert play.plan is not None
    before = play.plan.shares

    again = play.look()

    assert (again.shares, again.handed_in) == (before, None)
    assert COMMAND_BY_ANNOTATION in play.s.model.metadata.annotations
