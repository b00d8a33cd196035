"""When a message is owed, and that nothing is told twice."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import Incident
from knowngood.api.v1alpha1.notification_status import Notification, OccasionKind
from knowngood.messages.dispatches import dispatch_of
from knowngood.messages.message import Audience
from knowngood.messages.occasions import CLOSED_FOR, noted, owed
from tests.exporting.cases import DETECTED, closed
from tests.messages.cases import (
    CASES,
    MANY,
    NOW,
    Object,
    acknowledged,
    asked,
    held,
    reopened,
    shifted,
    taken_back,
    told,
)


def all_told(body: Object, note: Notification | None = None) -> tuple[list[str], Notification]:
    """Everything that is owed, one after the other, and what is known then."""
    found: list[str] = []
    incident = told(body)
    while (occasion := owed(incident, note, now=NOW)) is not None:
        found.append(occasion.kind.value)
        assert len(found) < 10
        note = noted(incident, note, occasion, "oncall", NOW)
    assert note is not None
    return found, note


@pytest.mark.parametrize("name", CASES)
def test_what_a_case_is_called_after_is_what_is_owed_in_it(name: str) -> None:
    before, now = CASES[name]
    wanted = "".join(part.capitalize() for part in name.split("-"))
    first = {"OpenedAndHeld": "Opened", "RollbackOfACanary": "Opened"}.get(wanted, wanted)

    note = all_told(before)[1] if before else None

    assert all_told(now, note)[0] == [first]


def test_the_first_message_tells_all_but_who_has_it() -> None:
    assert all_told(held(severity="Critical", parent=MANY))[0] == ["Opened"]
    assert all_told(acknowledged())[0] == ["Opened", "Acknowledged"]


def test_each_question_is_told_once_and_one_that_was_there_from_the_beginning_with_the_rest() -> (
    None
):
    found, note = all_told(asked())

    assert found == ["Opened"]
    assert all_told(asked(), note)[0] == []
    assert all_told(asked(900), note)[0] == ["Asked"]


def test_what_is_opened_again_is_told_as_anew_and_calls_people() -> None:
    _, note = all_told(acknowledged())
    occasion = owed(told(reopened()), note, now=NOW)

    assert occasion is not None
    assert (occasion.kind, occasion.pages) == (OccasionKind.REOPENED, True)
    assert all_told(reopened(), note)[0] == ["Reopened"]


def test_what_changes_at_once_is_told_one_by_one_the_most_urgent_first() -> None:
    _, note = all_told(held(severity="Low"))
    now = shifted(severity="High", parent=MANY)
    now["spec"]["acknowledgement"] = {"by": "alice"}
    now["status"]["clocks"]["acknowledged"] = NOW.isoformat()

    found, _ = all_told(now, note)

    assert found == ["CommonCause", "SeverityRaised", "Contained", "Acknowledged"]


def test_a_person_raises_the_severity_and_a_lower_one_calls_nobody() -> None:
    _, note = all_told(held(severity="Medium"))
    raised, lowered = held(severity="Medium"), held(severity="Medium")
    raised["spec"]["severity"], lowered["spec"]["severity"] = "Critical", "Low"

    assert all_told(raised, note)[0] == ["SeverityRaised"]
    assert owed(told(lowered), note, now=NOW) is None


def test_what_is_contained_anew_is_told_anew() -> None:
    _, note = all_told(shifted())
    lost, note = all_told(shifted(containment="Failed"), note)
    again, _ = all_told(shifted(), note)

    assert (lost, again) == (["ContainmentLost"], ["Contained"])


def test_only_what_is_urgent_calls_somebody() -> None:
    calls = {}
    for name, (before, now) in CASES.items():
        note = all_told(before)[1] if before else None
        occasion = owed(told(now), note, now=NOW)
        assert occasion is not None
        calls[name] = occasion.pages

    assert {name for name, pages in calls.items() if not pages} == {
        "contained",
        "acknowledged",
        "closed",
    }


def test_of_many_incidents_with_one_cause_somebody_is_called_once() -> None:
    child, alone = told(held(parent=MANY)), told(held())

    first = owed(child, None, now=NOW, parent_told=True)
    assert first is not None
    assert not first.pages
    for incident, parent_told in ((child, False), (alone, True)):
        occasion = owed(incident, None, now=NOW, parent_told=parent_told)
        assert occasion is not None
        assert occasion.pages


def test_who_was_told_of_the_first_is_not_called_again_because_another_one_was_not_alone() -> None:
    _, note = all_told(held())

    for parent_told in (True, False):
        occasion = owed(told(held(parent=MANY)), note, now=NOW, parent_told=parent_told)
        assert occasion is not None
        assert (occasion.kind, occasion.pages) == (OccasionKind.COMMON_CAUSE, not parent_told)


def test_what_is_over_calls_nobody_and_is_told_for_a_day() -> None:
    incident = told(closed())
    at = DETECTED + timedelta(days=1)

    found = owed(incident, None, now=at)

    assert found is not None
    assert (found.kind, found.pages) == (OccasionKind.CLOSED, False)
    assert owed(incident, None, now=at + CLOSED_FOR) is None
    _, note = all_told(taken_back())
    late = owed(incident, note, now=at + 9 * CLOSED_FOR)
    assert late is not None  # whoever was called is told of the end, however late


def test_nothing_is_told_before_anything_is_known() -> None:
    body = held()
    body["status"] = {"observedGeneration": 1}
    assert owed(told(body), None, now=NOW) is None
    del body["status"]
    assert owed(told(body), None, now=NOW) is None


@st.composite
def states(draw: st.DrawFn) -> Incident:
    """Any incident that is open, or was closed."""
    body = held(
        severity=draw(st.sampled_from(["Low", "Medium", "High", "Critical"])),
        **{"parent": MANY} if draw(st.booleans()) else {},
    )
    status: dict[str, Any] = body["status"]
    status["containment"] = draw(st.sampled_from(["None", "Pending", "Verified", "Failed"]))
    if draw(st.booleans()):
        status["clocks"]["acknowledged"] = NOW.isoformat()
    if draw(st.integers(0, 9)) == 0:
        status["phase"] = "Closed"
        status["clocks"]["closed"] = NOW.isoformat()
    return told(body)


@given(st.lists(states(), min_size=1, max_size=8))
def test_whatever_happens_it_comes_to_an_end_and_no_key_is_used_twice(
    history: list[Incident],
) -> None:
    note: Notification | None = None
    keys: list[str] = []
    for incident in history:
        for _ in range(8):
            occasion = owed(incident, note, now=NOW)
            if occasion is None:
                break
            again = owed(incident, note, now=NOW + timedelta(minutes=1))
            sent = dispatch_of(incident, occasion, "oncall", Audience.OPERATIONS, note)
            assert again is not None
            resent = dispatch_of(incident, again, "oncall", Audience.OPERATIONS, note)
            assert resent == sent
            keys.append(sent.key)
            note = noted(incident, note, occasion, "oncall", NOW)
        assert owed(incident, note, now=NOW) is None
    assert len(set(keys)) == len(keys)


def test_a_key_is_of_one_receiver() -> None:
    incident = told(held())
    occasion = owed(incident, None, now=NOW)
    assert occasion is not None

    keys = {
        dispatch_of(incident, occasion, name, Audience.OPERATIONS, None).key
        for name in ("oncall", "duty-manager")
    }

    assert len(keys) == 2


def test_when_a_receiver_was_told_first_is_kept_with_what_it_is_told_later() -> None:
    incident = told(held())
    first = owed(incident, None, now=NOW)
    assert first is not None
    note = noted(incident, None, first, "oncall", DETECTED)

    later = noted(incident, note, first, "oncall", NOW)

    assert (later.first_at, later.at) == (DETECTED, NOW)
