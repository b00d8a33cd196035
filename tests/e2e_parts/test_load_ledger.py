from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2e.load import Answer, Ledger, Tally

times = st.floats(0, 100, allow_nan=False)
fates = st.sampled_from(["approved", "rejected", "fault", "gateway", "nobody"])


@st.composite
def answers(draw: st.DrawFn) -> Sequence[Answer]:
    moments = sorted(draw(st.lists(times, max_size=30)))
    return [
        _answer(row, at, draw(fates), draw(st.sampled_from("12"))) for row, at in enumerate(moments)
    ]


def _answer(row: int, at: float, fate: str, version: str) -> Answer:
    outcome: dict[str, Any]
    match fate:
        case "approved" | "rejected":
            outcome = {"status": 200, "version": version, "approved": fate == "approved"}
        case "fault":
            outcome = {"status": 500, "version": version, "injected": True}
        case "gateway":
            outcome = {"status": 503}
        case _:
            outcome = {"error": "ClientOSError"}
    return Answer(row=row, sent_at=at - 0.5, answered_at=at, **outcome)


def ledger_of(entries: Sequence[Answer]) -> Ledger:
    ledger = Ledger()
    for entry in entries:
        ledger.add(entry)
    return ledger


@given(answers())
def test_every_request_was_answered_failed_on_order_or_was_lost(entries: Sequence[Answer]) -> None:
    ledger = ledger_of(entries)
    good = [answer for answer in ledger.answers() if answer.ok]
    rest = [*ledger.lost(), *ledger.injected()]
    assert sorted(a.row for a in [*good, *rest]) == list(range(len(entries)))


@given(answers(), times, times)
def test_a_window_holds_what_came_in_it(
    entries: Sequence[Answer], one: float, other: float
) -> None:
    since, until = sorted((one, other))
    expected = [entry for entry in entries if since <= entry.answered_at < until]
    assert list(ledger_of(entries).answers(since, until)) == expected


@given(answers(), times)
def test_tallies_of_two_neighbouring_windows_add_up(entries: Sequence[Answer], cut: float) -> None:
    ledger = ledger_of(entries)
    whole, before, after = ledger.tallies(), ledger.tallies(0, cut), ledger.tallies(cut)
    for version in "12":
        parts = [window.get(version, Tally()) for window in (before, after)]
        total = whole.get(version, Tally())
        for count in ("answers", "decisions", "approved", "failed"):
            assert getattr(total, count) == sum(getattr(part, count) for part in parts)


@given(answers())
def test_a_tally_counts_each_answer_of_its_version_once(entries: Sequence[Answer]) -> None:
    for version, tally in ledger_of(entries).tallies().items():
        own = [entry for entry in entries if entry.version == version]
        assert tally.answers == len(own)
        assert tally.decisions == sum(entry.ok for entry in own)
        assert tally.failed == sum(entry.injected for entry in own)
        assert tally.decisions == tally.approved + sum(entry.approved is False for entry in own)


@given(answers())
def test_first_and_last_are_the_ends_of_a_versions_answers(entries: Sequence[Answer]) -> None:
    ledger = ledger_of(entries)
    own = [entry for entry in entries if entry.version == "2"]
    assert ledger.first_of("2") == (own[0] if own else None)
    assert ledger.last_of("2") == (own[-1] if own else None)


@given(answers())
def test_an_answer_survives_the_way_between_processes(entries: Sequence[Answer]) -> None:
    assert [Answer.decode(entry.encode()) for entry in entries] == list(entries)


def test_without_decisions_there_is_no_approval_rate() -> None:
    assert Tally(answers=3, failed=3).approval_rate is None
    assert Tally(answers=5, decisions=4, approved=1, failed=1).approval_rate == 0.25


def test_an_answer_out_of_order_is_refused() -> None:
    ledger = ledger_of([_answer(0, 5.0, "approved", "1")])
    with pytest.raises(ValueError, match="in the order"):
        ledger.add(_answer(1, 4.0, "approved", "1"))
