"""The safe path: which rung is next, who decides, and what becomes of the requests."""

from dataclasses import replace
from typing import Any

import pytest

from knowngood.api.v1alpha1 import IncidentPhase, VerdictKind
from knowngood.api.v1alpha1.approvals import Approval
from knowngood.api.v1alpha1.safe_path import SAFE_PATH, Rung
from knowngood.decisions.ladder import next_rung
from knowngood.decisions.trigger_views import ActionKind, TriggerView
from tests.decisions.containment import SERVES, a_breach, kept, said, seen
from tests.decisions.ladders import Laddered, safely
from tests.decisions.situations import a_trigger, an_incident

NO = "Reject"
BAD = a_breach()
UNPROVED: dict[str, Any] = {"better": ()}
FAILS_TOO: dict[str, Any] = {"better": (), "standby": (said(VerdictKind.BREACHED),)}


def ruled(mode: str, trigger: TriggerView = BAD, **more: Any) -> TriggerView:
    rule = Approval.model_validate({"action": "SafePath", "mode": mode, **more})
    return replace(trigger, safe_path_approval=rule)


def test_no_model_without_a_safe_path_comes_to_that_rung() -> None:
    story = Laddered(BAD, spec={}, **FAILS_TOO)
    story.after(600, BAD, **FAILS_TOO)

    assert story.states == ["a1 Hold Verified"]


@pytest.mark.parametrize(
    ("ready", "seen_of_both", "seconds", "asked"),
    [
        pytest.param({}, UNPROVED, 0, False, id="not proved yet: at once"),
        pytest.param({}, UNPROVED, 110, False, id="not proved yet: soon"),
        pytest.param({}, UNPROVED, 125, True, id="not proved yet: after two minutes"),
        pytest.param({}, FAILS_TOO, 0, True, id="it fails too"),
        pytest.param({"8": 0}, {}, 0, True, id="it has no pod"),
        pytest.param({SAFE_PATH: 0}, FAILS_TOO, 300, False, id="nobody answers there"),
    ],
)
def test_when_people_are_asked_about_it(
    ready: dict[str, int],
    seen_of_both: dict[str, Any],
    seconds: float,
    asked: bool,  # noqa: FBT001 - a table's column
) -> None:
    story = Laddered(BAD, ready=ready, **seen_of_both)
    story.after(seconds, BAD, **seen_of_both)

    assert ("a2 SafePath Waiting" in story.states) is asked
    assert story.answering == {SERVES: 100}, "nothing moves before"


@pytest.mark.parametrize(
    ("order", "action", "rung"),
    [
        (None, ActionKind.SHIFT, Rung.KNOWN_GOOD),
        (["SafePath", "KnownGood", "Hold"], ActionKind.SHIFT, Rung.SAFE_PATH),
        (["SafePath", "Hold"], ActionKind.SHIFT, Rung.SAFE_PATH),
        (["KnownGood", "Hold"], ActionKind.SHIFT, Rung.KNOWN_GOOD),
        (["Hold"], ActionKind.SHIFT, Rung.HOLD),
        (None, ActionKind.SAFE_PATH, Rung.SAFE_PATH),
        (["KnownGood", "Hold"], ActionKind.SAFE_PATH, Rung.HOLD),
        (None, ActionKind.HOLD, Rung.HOLD),
    ],
)
def test_the_first_rung_is_what_the_model_and_the_policy_say(
    order: list[str] | None, action: ActionKind, rung: Rung
) -> None:
    spec = safely(**({"order": order} if order else {}))
    story = Laddered(a_breach(ActionKind.HOLD), spec=spec)
    s, plan = story.play.s, story.play.plan
    assert plan is not None

    trigger = replace(BAD, serving_action=action)
    s = replace(s, serving=seen(trigger))
    assert next_rung(s, plan, kept(s.model), trigger) is rung


@pytest.mark.parametrize(
    ("rule", "answers", "seconds", "taken"),
    [
        pytest.param(BAD, [], 3600, False, id="no entry: nobody has approved"),
        pytest.param(BAD, ["Approve"], 1, True, id="no entry: one has approved"),
        pytest.param(BAD, [NO], 3600, False, id="no entry: one has said no"),
        pytest.param(ruled("VetoWindow"), [], 590, False, id="a window that lasts"),
        pytest.param(ruled("VetoWindow"), [], 600, True, id="a window that is over"),
        pytest.param(ruled("VetoWindow"), [NO], 3600, False, id="a window, and a veto"),
        pytest.param(ruled("Require", people=2), ["Approve"], 3600, False, id="one of two"),
    ],
)
def test_who_decides(
    rule: TriggerView,
    answers: list[str],
    seconds: float,
    taken: bool,  # noqa: FBT001 - a table's column
) -> None:
    story = Laddered(rule, **FAILS_TOO)
    for decision in answers:
        story.say("alice", decision)

    story.after(seconds, rule, **FAILS_TOO)

    assert (story.written.safe_path is not None) is taken


def test_a_policy_that_says_act_asks_nobody() -> None:
    story = Laddered(ruled("Act"), **FAILS_TOO)
    for _ in range(4):
        story.after(3, ruled("Act"), **FAILS_TOO)

    assert story.answering == {SAFE_PATH: 100}
    assert story.states == ["a1 Hold Verified", "a2 SafePath Verified"]
    assert "ApprovalNeeded" not in story.play.told


def test_one_of_many_is_asked_about_whatever_the_policy_says() -> None:
    story = Laddered(ruled("Act"), many=True)

    assert story.states[-1].endswith("SafePath Waiting")
    asked = story.waits.approval
    assert asked is not None
    assert (asked.mode, asked.on_timeout) == ("Require", "Hold")
    assert "so a person decides" in (kept(story.play.s.model).held or "")


def test_its_backend_is_named_before_it_gets_a_request_and_after_its_last_one() -> None:
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice")
    shares = [dict(story.after(1, BAD, **FAILS_TOO).shares) for _ in range(5)]
    story.command(f"undo {SERVES}")
    shares += [dict(story.after(10, BAD, **FAILS_TOO).shares) for _ in range(6)]

    named = {SERVES: 100, SAFE_PATH: 0}
    steps = [one for n, one in enumerate(shares) if n == 0 or one != shares[n - 1]]
    assert steps == [named, {SERVES: 0, SAFE_PATH: 100}, named, {SERVES: 100}]
    assert story.written.safe_path is None


@pytest.mark.parametrize("who", ["a person", "nobody"])
def test_what_gets_its_requests_back_by_a_persons_word_is_judged_anew(who: str) -> None:
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice")
    for _ in range(5):
        story.after(1, BAD, **FAILS_TOO)
    assert story.answering == {SAFE_PATH: 100}
    assert story.written.judged_since is None
    given_back = None

    if who == "a person":
        story.command(f"undo {SERVES}")
        given_back = story.play.s.now
    else:  # the safe path answers no more
        story.play.s = replace(story.play.s, ready={**story.play.s.ready, SAFE_PATH: 0})
    for _ in range(3):
        story.after(10, BAD, **FAILS_TOO)

    assert story.answering == {SERVES: 100}
    assert story.written.judged_since == given_back


def test_services_of_other_people_give_way_to_it_too() -> None:
    named = [{"version": v, "name": f"loan-v{v}"} for v in (SERVES, "8")]
    story = Laddered(BAD, spec={**safely(), "serving": {"services": named}}, **FAILS_TOO)
    story.say("alice")
    for _ in range(3):
        story.after(3, BAD, **FAILS_TOO)

    assert story.answering == {SAFE_PATH: 100}
    story.command(f"restore {SERVES}")
    assert story.answering == {SERVES: 100}


def test_clients_that_stay_with_a_version_leave_it_with_the_version() -> None:
    spec = safely()
    spec["traffic"] = {"routeRef": {"name": "edge"}, "sticky": True}
    story = Laddered(BAD, spec=spec, **FAILS_TOO)
    story.say("alice")
    plans = [story.after(3, BAD, **FAILS_TOO) for _ in range(3)]

    assert dict(plans[-1].shares) == {SAFE_PATH: 100}


def test_the_question_is_taken_back_as_soon_as_another_version_can_take_the_requests() -> None:
    rule = Approval.model_validate({"action": "ShiftToShadow", "mode": "Require"})
    asks = replace(BAD, approval=rule)
    story = Laddered(asks, **UNPROVED)
    story.after(121, asks, **UNPROVED)
    assert story.states[1:] == ["a2 SafePath Waiting"]

    story.after(3, asks)
    assert story.states[1:] == ["a2 SafePath Withdrawn", "a3 ShiftToShadow Waiting"]
    for _ in range(10):  # proof that comes and goes asks nobody again
        story.after(30, asks, **UNPROVED)
        story.after(30, asks)
    assert story.states[1:] == ["a2 SafePath Withdrawn", "a3 ShiftToShadow Waiting"]

    story.after(3, asks, **FAILS_TOO)
    assert story.states[2:] == ["a3 ShiftToShadow Withdrawn", "a4 SafePath Waiting"]


def test_without_a_question_the_shift_begins_and_the_one_about_the_safe_path_is_over() -> None:
    story = Laddered(BAD, **UNPROVED)
    story.after(121, BAD, **UNPROVED)

    story.after(3, BAD)

    assert story.phase == "Containing"
    assert story.states[1:] == ["a2 SafePath Withdrawn", "a3 ShiftToShadow Started"]


@pytest.mark.parametrize("how", ["veto", "undo"])
def test_what_was_refused_is_not_asked_again_while_the_incident_is_open(how: str) -> None:
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice", NO if how == "veto" else "Approve")
    for _ in range(4):
        story.after(3, BAD, **FAILS_TOO)
    if how == "undo":
        story.command(f"undo {SERVES}")
    for _ in range(4):
        story.after(20, BAD, **FAILS_TOO)
    asked = story.states

    story.after(60, a_trigger(VerdictKind.HEALTHY), **FAILS_TOO)
    assert story.written.serving_breaches == ()
    for _ in range(3):
        story.after(200, BAD, **FAILS_TOO)

    assert story.states == asked
    assert story.answering == {SERVES: 100}
    assert story.play.told.count("ApprovalNeeded") == 1


def test_a_veto_of_a_shift_outlasts_a_signal_that_flaps() -> None:
    rule = Approval.model_validate({"action": "ShiftToShadow", "mode": "VetoWindow"})
    asks = replace(BAD, approval=rule)
    story = Laddered(asks, spec={})
    story.say("alice", NO)
    story.after(3, asks)
    story.after(60, a_trigger(VerdictKind.HEALTHY))

    for _ in range(4):
        story.after(400, asks)

    assert story.phase == "Guarding"
    assert story.play.told.count("ApprovalNeeded") == 1
    assert kept(story.play.s.model).refused_by == "alice"


def test_what_was_vetoed_is_asked_about_anew_in_another_incident() -> None:
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice", NO)
    story.after(3, BAD, **FAILS_TOO)
    assert story.written.vetoes

    closed = an_incident("loan-1", IncidentPhase.CLOSED)
    story.play.s = replace(story.play.s, incidents={"loan-1": closed}, incident=closed)
    story.play.look()

    assert story.written.vetoes == ()


def test_a_veto_outlasts_a_signal_that_flaps_also_where_a_newer_release_wrote_the_incident() -> (
    None
):
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice", NO)
    story.after(3, BAD, **FAILS_TOO)
    vetoes = story.written.vetoes
    assert vetoes

    unread = {"loan-1": "status.phase: 'Judged'"}
    story.play.s = replace(story.play.s, incidents={}, incident=None, incidents_unread=unread)
    story.play.look(serving=seen(a_trigger(VerdictKind.HEALTHY)))

    assert story.written.serving_breaches == ()
    assert story.written.vetoes == vetoes
