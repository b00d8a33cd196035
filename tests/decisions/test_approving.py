"""People decide about a shift where the policy wants it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import VerdictKind
from tests.decisions.consent import Asked, a_question, rule
from tests.decisions.containment import READY, RIGHT, SERVES, STANDS_BY, a_breach, held, said, seen
from tests.decisions.situations import a_trigger
from tests.decisions.states import NOW

HOUR = 3600.0
YES, NO = "Approve", "Reject"
SHIFTED, ASKED = "Containing", "Guarding"
REQUIRE = a_question("Require")
TWO = a_question("Require", people=2)
ACTS = a_question("Require", onTimeout="Act")
VETO = a_question("VetoWindow")
WAITS = "a2 ShiftToShadow Waiting"


@pytest.mark.parametrize(
    ("trigger", "answers", "seconds", "phase"),
    [
        pytest.param(a_breach(), [], 0, SHIFTED, id="nobody is asked"),
        pytest.param(a_question("Act"), [], 0, SHIFTED, id="nobody is asked, in words"),
        pytest.param(VETO, [], 0, ASKED, id="veto: at once"),
        pytest.param(VETO, [], 590, ASKED, id="veto: just before its end"),
        pytest.param(VETO, [], 600, SHIFTED, id="veto: over"),
        pytest.param(VETO, [("alice", YES)], 1, SHIFTED, id="veto: shortened"),
        pytest.param(VETO, [("alice", NO)], HOUR, ASKED, id="veto: objected"),
        pytest.param(VETO, [("alice", YES), ("bob", NO)], HOUR, ASKED, id="veto: no outweighs yes"),
        pytest.param(REQUIRE, [], HOUR, ASKED, id="required: nobody says anything"),
        pytest.param(REQUIRE, [("alice", YES)], 1, SHIFTED, id="required: approved"),
        pytest.param(REQUIRE, [("alice", NO)], HOUR, ASKED, id="required: rejected"),
        pytest.param(REQUIRE, [("alice", YES), ("alice", NO)], 1, ASKED, id="a change of mind"),
        pytest.param(ACTS, [], 590, ASKED, id="required or time: before its end"),
        pytest.param(ACTS, [], 600, SHIFTED, id="required or time: over"),
        pytest.param(ACTS, [("alice", NO)], HOUR, ASKED, id="required or time: rejected"),
        pytest.param(TWO, [("alice", YES)], HOUR, ASKED, id="two: one alone"),
        pytest.param(TWO, [("alice", YES), ("alice", YES)], 1, ASKED, id="two: one twice"),
        pytest.param(TWO, [("alice", YES), ("bob", YES)], 1, SHIFTED, id="two: both"),
        pytest.param(TWO, [("alice", YES), ("bob", NO)], HOUR, ASKED, id="two: one against"),
    ],
)
def test_who_decides_and_when(
    trigger: Any, answers: list[tuple[str, str]], seconds: float, phase: str
) -> None:
    story = Asked(trigger)
    for by, decision in answers:
        story.say(by, decision)

    # What is seen is fresh all the time: each look renews it.
    fresh = replace(trigger, verdict=replace(trigger.verdict, at=NOW.timestamp() + seconds))
    story.after(seconds, serving=seen(fresh))

    assert story.phase == phase


def test_what_waits_says_until_when_what_follows_and_how_to_answer() -> None:
    story = Asked(VETO)

    assert story.states == ["a1 Hold Verified", WAITS]
    asked = story.waits.approval
    assert asked is not None
    assert (asked.to, asked.people) == (STANDS_BY, 1)
    assert asked.until - asked.asked_at == timedelta(minutes=10)
    assert asked.asked_at == story.play.s.now
    text = story.status.next_for_human or ""
    assert "knowngood incident approve loan-1 --action a2 -n lending" in text
    assert "knowngood incident veto loan-1 --action a2 -n lending" in text
    assert "it begins at 2026-03-01T12:10:03Z unless somebody objects" in text
    assert "close" not in text, "whoever closes it now ends the question"
    assert story.play.told.count("ApprovalNeeded") == 1
    assert held(story.play) == "the policy wants people to decide about it"


def test_the_end_of_the_time_is_looked_at_also_where_nothing_else_happens() -> None:
    story = Asked(a_question("VetoWindow", timeout="1m"))
    for _ in range(3):
        assert story.play.plan is not None
        assert story.play.plan.wake_at is not None
        assert story.play.plan.wake_at <= NOW + timedelta(seconds=63)
        story.after(1)


def test_an_approved_shift_is_the_same_action_and_ends_verified() -> None:
    story = Asked(TWO)
    story.say("alice")
    story.after(1)
    assert story.phase == ASKED
    story.say("bob")
    story.after(1)

    assert story.states == ["a1 Hold Verified", "a2 ShiftToShadow Started"]
    assert story.status.actions[1].result == "decided by alice and bob"
    story.after(30)
    story.after(3)
    assert story.phase == "Contained"
    assert story.states == ["a1 Hold Verified", "a2 ShiftToShadow Verified"]
    texts = [entry.text for entry in story.status.timeline]
    assert "a2 is approved by alice" in texts
    assert "a2 is approved by bob" in texts


def test_a_rejection_ends_it_with_the_name_and_for_all_that_is_known() -> None:
    story = Asked(VETO)
    later = a_question("VetoWindow", name="latency")
    story.after(3, serving=seen(VETO, later))
    assert len(story.states) == 2, "people are asked once about one shift"
    story.say("alice", NO)

    story.after(1)

    assert story.states[1] == "a2 ShiftToShadow Rejected"
    assert "alice said no" in (story.status.actions[1].result or "")
    status = story.play.s.model.status
    assert status is not None
    assert {b.refused_by for b in status.serving_breaches} == {"alice"}
    story.after(200)
    assert story.phase == ASKED
    assert "approve" not in (story.status.next_for_human or "")
    third = a_question("VetoWindow", name="approvals")
    story.after(3, serving=seen(VETO, later, third))
    assert story.states[2] == "a3 ShiftToShadow Waiting", "what is found later is asked about"


def test_an_approval_that_comes_late_still_counts_while_the_breach_lasts() -> None:
    story = Asked(a_question("Require", timeout="1m"))
    for _ in range(3):
        story.after(30)
    assert story.play.told.count("ApprovalOverdue") == 1
    assert story.states[1] == WAITS
    assert "nobody decided in time" in (story.status.next_for_human or "")
    story.say("alice")

    story.after(1)

    assert story.phase == SHIFTED


def test_what_is_over_before_anybody_decides_is_asked_no_more_and_anew_when_it_comes_back() -> None:
    story = Asked(REQUIRE)
    story.after(3, serving=seen(said(VerdictKind.HEALTHY)))
    assert story.states[1] == "a2 ShiftToShadow Withdrawn"
    story.say("alice", action="a2")

    story.after(3, serving=seen(REQUIRE))

    assert story.phase == ASKED
    assert "a3 ShiftToShadow Waiting" in story.states[-1]


@pytest.mark.parametrize(
    "world",
    [
        pytest.param({"serving": seen(REQUIRE, better=())}, id="its proof is gone"),
        pytest.param(
            {"serving": seen(REQUIRE, standby=(said(VerdictKind.BREACHED),))}, id="it fails too"
        ),
        pytest.param({"serving": None}, id="nothing is seen"),
    ],
)
def test_an_approval_overrides_no_condition_and_waits_for_them(world: dict[str, Any]) -> None:
    story = Asked(REQUIRE)
    story.say("alice")

    story.after(1, **world)

    assert story.phase == ASKED
    assert "decided by alice: it begins as soon as that is safe" in (story.waits.result or "")
    story.after(1, serving=seen(REQUIRE))
    assert story.phase == SHIFTED


def test_a_veto_while_pods_are_awaited_calls_the_shift_off() -> None:
    story = Asked(VETO)
    story.say("alice")
    story.after(1, ready={SERVES: 2, STANDS_BY: 1})
    assert story.phase == SHIFTED
    story.say("bob", NO, "a2")

    story.after(1)

    assert story.phase == "Probation"
    assert story.states[1] == "a2 ShiftToShadow Failed"
    assert "bob said no" in (story.status.actions[1].result or "")
    story.after(30, ready=READY)
    assert story.play.plan is not None
    assert story.play.plan.shares[SERVES] == 100


def test_of_a_policy_that_is_edited_meanwhile_the_stricter_word_counts() -> None:
    story = Asked(a_question("VetoWindow", timeout="1m"))
    story.after(3, serving=seen(TWO))
    asked = story.waits.approval
    assert asked is not None
    assert (asked.mode, asked.people, asked.on_timeout) == ("Require", 2, "Hold")
    assert asked.until - asked.asked_at == timedelta(minutes=10)

    story.after(3, serving=seen(a_breach()))
    story.say("alice")
    story.after(1)
    assert story.phase == ASKED, "nor does it become laxer"
    story.say("bob")
    story.after(1)
    assert story.phase == SHIFTED


def test_an_approval_is_for_the_version_that_it_names() -> None:
    story = Asked(REQUIRE)
    story.say("alice")
    model = story.play.s.model
    assert model.status is not None
    asked = model.status.serving_breaches[0].approval
    assert asked is not None
    other = asked.model_copy(update={"to": "6"})
    breach = model.status.serving_breaches[0].model_copy(update={"approval": other})
    status = model.status.model_copy(update={"serving_breaches": (breach,)})
    story.play.s = replace(story.play.s, model=model.model_copy(update={"status": status}))

    story.after(1)

    assert story.phase == ASKED
    assert story.states[1:] == ["a2 ShiftToShadow Withdrawn", "a3 ShiftToShadow Waiting"]


def test_where_nothing_could_be_shifted_nobody_is_asked() -> None:
    story = Asked(REQUIRE, better=())

    assert story.states == ["a1 Hold Verified"]
    assert "ApprovalNeeded" not in story.play.told
    story.after(3, serving=seen(REQUIRE))
    assert story.states == ["a1 Hold Verified", WAITS]


def test_only_the_rule_for_the_action_counts() -> None:
    assert rule("Require").people is None
    assert a_trigger(VerdictKind.BREACHED).approval is None
    assert RIGHT.approval is None
