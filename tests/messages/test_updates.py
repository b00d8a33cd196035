"""When an update comes: never sooner than was said, never after nobody is needed, and once each."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import Severity
from knowngood.api.v1alpha1.notification_status import Notification, OccasionKind
from knowngood.messages.dispatches import dispatch_of
from knowngood.messages.message import Audience
from knowngood.messages.occasions import Occasion, noted, owed
from knowngood.messages.updates import needs_nobody, promised
from tests.exporting.cases import DETECTED
from tests.messages.cases import (
    EVERY,
    Object,
    acknowledged,
    ended,
    failed,
    held,
    note_of_all,
    reopened,
    settled,
    shifted,
    taken_back,
    told,
)

HALF = timedelta(minutes=30)


def next_of(body: Object, note: Notification | None, now: datetime) -> Occasion:
    found = owed(told(body), note, now=now, every=EVERY)
    assert found is not None
    return found


def accepted(outcome: str = "AcceptRisk", **status: object) -> Object:
    body = held()
    body["status"] |= status
    body["spec"]["decision"] = {"outcome": outcome, "by": "alice", "rationale": "small"}
    return body


def test_an_update_is_due_when_it_was_promised_and_promises_the_next_one() -> None:
    note = note_of_all(held())
    assert note.next_update == DETECTED + HALF + timedelta(seconds=27), "to the full minute"

    coming = next_of(held(), note, DETECTED)
    assert (coming.kind, coming.at, coming.pages) == (OccasionKind.UPDATE, note.next_update, False)
    after = noted(told(held()), note, coming, "board", coming.at)

    assert after.next_update == note.next_update + HALF
    assert next_of(held(), after, coming.at).at == after.next_update


def test_what_changes_is_told_at_once_and_sets_the_clock_anew() -> None:
    note = note_of_all(held())
    at = DETECTED + timedelta(minutes=20)
    change = next_of(failed(), note, at)

    assert change.kind is OccasionKind.CONTAINMENT_FAILED
    after = noted(told(failed()), note, change, "board", at)
    assert after.next_update is not None
    assert after.next_update >= at + HALF


def test_after_a_long_silence_one_update_comes_and_not_all_that_were_missed() -> None:
    note, late = note_of_all(held()), DETECTED + timedelta(hours=9)
    update = next_of(held(), note, late)
    assert update.at < late

    after = noted(told(held()), note, update, "board", late)

    assert next_of(held(), after, late).at >= late + HALF


@pytest.mark.parametrize(
    ("body", "nobody"),
    [
        (held(), False),
        (shifted(), False),
        (acknowledged(), False),
        (failed(), False),
        (reopened(), False),
        (accepted("Patch"), False),
        (accepted(containment="Failed"), False),
        (accepted(containment="Undone"), False),
        (accepted(), True),
        (accepted("None"), True),
        (settled(), True),
        (taken_back(containment="Verified"), True),
        (taken_back(containment="Pending"), False),
        (ended(), True),
    ],
    ids=[
        "held",
        "shifted",
        "acknowledged",
        "not contained",
        "opened again",
        "a mended version comes",
        "accepted and out of hand",
        "accepted, and users get it again",
        "accepted",
        "nothing has to be done",
        "recovered",
        "a canary that is gone",
        "a canary that goes",
        "closed",
    ],
)
def test_no_update_is_promised_once_nobody_is_needed(body: Object, nobody: bool) -> None:  # noqa: FBT001  - a column of the table
    assert needs_nobody(told(body)) is nobody
    due = promised(told(body), Severity.CRITICAL, DETECTED, DETECTED, EVERY)
    assert (due is None) is nobody


def test_one_last_update_comes_and_no_more() -> None:
    note = note_of_all(acknowledged())
    last = next_of(settled(), note, DETECTED + HALF)
    assert (last.kind, last.next_update) == (OccasionKind.UPDATE, None)

    after = noted(told(settled()), note, last, "board", last.at)

    assert after.next_update is None
    assert owed(told(settled()), after, now=last.at + timedelta(days=3), every=EVERY) is None
    assert next_of(ended(), after, last.at).kind is OccasionKind.CLOSED


def test_what_has_no_pause_has_no_update_and_neither_has_who_gets_none_any_more() -> None:
    assert note_of_all(held(severity="Low")).next_update is None
    note = note_of_all(held())
    assert owed(told(held()), note, now=DETECTED + timedelta(days=1)) is None


@given(
    st.lists(st.sampled_from(["held", "failed", "taken", "shifted", "settled"]), max_size=6),
    st.lists(st.integers(1, 7200), min_size=1, max_size=40),
)
def test_they_never_come_more_often_than_was_said(names: list[str], steps: list[int]) -> None:
    """What nothing but the clock sends comes at the promised time or later, under a key of its own."""
    bodies = {
        "held": held(),
        "failed": failed(),
        "taken": acknowledged(),
        "shifted": shifted(),
        "settled": settled(),
    }
    states, now = [told(bodies[name]) for name in (*names, "held")], DETECTED
    note: Notification | None = None
    keys: list[str] = []
    sent = 0
    for number, step in enumerate(steps):
        now += timedelta(seconds=step)
        incident = states[min(number, len(states) - 1)]
        for _ in range(10):
            found = owed(incident, note, now=now, every=EVERY)
            if found is None or found.at > now:
                break
            if found.kind is OccasionKind.UPDATE:
                assert note is not None
                assert note.next_update is not None
                assert note.next_update <= now
                sent += 1
            keys.append(dispatch_of(incident, found, "board", Audience.BUSINESS, note).key)
            note = noted(incident, note, found, "board", now)
        else:
            raise AssertionError("it does not come to an end")
    assert len(set(keys)) == len(keys)
    assert sent <= (now - DETECTED) / (HALF / 2) + 1


def test_the_same_message_is_sent_again_where_nobody_could_note_it() -> None:
    """It promises the same, so nobody who drops the second one waits for the wrong time."""
    for note, due in ((None, DETECTED), (note_of_all(held()), DETECTED + HALF)):
        sent, resent = (
            dispatch_of(told(held()), next_of(held(), note, at), "board", Audience.BUSINESS, note)
            for at in (due + timedelta(minutes=1), due + timedelta(minutes=6))
        )
        assert resent == sent
