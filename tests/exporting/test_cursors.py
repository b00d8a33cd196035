"""How far a SIEM has come, and what it still lacks."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import Export, IncidentStatus
from knowngood.exporting.cursors import CLOSED_FOR, cursor, is_for, unsent_since, with_cursor
from tests.exporting.cases import DETECTED, ONSET, closed, opened, read

CLOSED = DETECTED + timedelta(days=1)
SINKS = [f"s{n}" for n in range(8)]


def test_a_cursor_is_of_one_sink_and_leaves_the_others_alone() -> None:
    status = with_cursor(IncidentStatus(), "soc", 3, {"soc", "lake"})
    status = with_cursor(status, "lake", 1, {"soc", "lake"})

    found = with_cursor(status, "soc", 5, {"soc", "lake"})

    assert found.exports == (Export(sink="lake", seq=1), Export(sink="soc", seq=5))


@given(names=st.lists(st.sampled_from([*SINKS, "gone", "old"]), max_size=40))
def test_sinks_that_are_configured_are_never_forgotten_for_others_and_there_is_always_room(
    names: list[str],
) -> None:
    status, seen = IncidentStatus(), dict[str, int]()
    for seq, name in enumerate(names, start=1):
        status = with_cursor(status, name, seq, {*SINKS, name} if name in SINKS else SINKS[:7])
        seen[name] = seq

    kept = {e.sink: e.seq for e in status.exports}
    assert len(kept) <= 8
    assert kept.items() <= seen.items()
    assert {n: s for n, s in seen.items() if n in SINKS[:7]}.items() <= kept.items()


def test_a_sink_that_was_taken_out_for_a_while_goes_on_where_it_was() -> None:
    status = with_cursor(IncidentStatus(), "soc", 3, {"soc"})

    status = with_cursor(status, "lake", 1, {"lake"})

    body = opened(exports=[e.wire() for e in status.exports])
    assert cursor(read(body), "soc") == 3


@pytest.mark.parametrize(
    ("later", "told"), [(timedelta(0), True), (CLOSED_FOR, False), (timedelta(days=300), False)]
)
def test_what_was_closed_lately_is_told_to_a_sink_that_has_never_heard_of_it(
    later: timedelta,
    told: bool,  # noqa: FBT001  - a table's column
) -> None:
    assert is_for(read(closed()), "soc", CLOSED + later) is told


def test_what_was_begun_is_told_to_its_end_whenever_that_was() -> None:
    body = closed()
    body["status"]["exports"] = [{"sink": "soc", "seq": 2}]

    assert is_for(read(body), "soc", CLOSED + timedelta(days=300))
    assert not is_for(read(body), "lake", CLOSED + timedelta(days=300))


def test_nothing_waits_since_before_it_was_found() -> None:
    """The harm may have begun long before."""
    assert unsent_since(read(opened()), 0) == DETECTED > ONSET
    assert unsent_since(read(closed()), 4) == DETECTED + timedelta(seconds=60)
    assert unsent_since(read(closed()), 6) is None
