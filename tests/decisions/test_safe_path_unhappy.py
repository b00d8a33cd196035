"""The safe path where things meet in one moment: a veto and health, two ways out, a word and another trigger."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import IncidentPhase, VerdictKind
from knowngood.api.v1alpha1.safe_path import SAFE_PATH
from knowngood.cli.views.attention import attention
from knowngood.decisions import ladder
from knowngood.decisions.exposed_again import exposed_again
from knowngood.decisions.sharing import Shared
from tests.decisions.consent import rule
from tests.decisions.containment import SERVES, STANDS_BY, a_breach, kept, seen
from tests.decisions.ladders import OTHERS, WHICH, Laddered
from tests.decisions.situations import a_trigger, an_incident, programmed
from tests.decisions.test_safe_path import BAD, FAILS_TOO, NO, UNPROVED, ruled

WELL = a_trigger(VerdictKind.HEALTHY)
WINDOW = ruled("VetoWindow", timeout="1m")


def test_a_veto_counts_also_where_the_signal_is_well_again_in_the_same_look() -> None:
    story = Laddered(WINDOW, **FAILS_TOO)
    story.say("alice", NO)

    story.after(1, WELL, **FAILS_TOO)
    for _ in range(4):
        story.after(61, WINDOW, **FAILS_TOO)

    assert story.answering == {SERVES: 100}
    assert story.play.told.count("ApprovalNeeded") == 1


def test_a_veto_of_a_shift_counts_also_where_the_signal_is_well_again_in_the_same_look() -> None:
    asks = replace(BAD, approval=rule("VetoWindow", timeout="1m"))
    story = Laddered(asks, spec={})
    story.say("alice", NO)

    story.after(1, WELL)
    for _ in range(4):
        story.after(61, asks)

    assert story.answering == {SERVES: 100}
    assert kept(story.play.s.model).refused_by == "alice"


def test_one_that_is_only_named_takes_no_request_from_a_version_that_was_quicker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Laddered(BAD, **UNPROVED)
    story.after(121, BAD, **UNPROVED)
    story.say("alice")
    story.after(1, BAD, **UNPROVED)
    monkeypatch.setattr(ladder, "unproved", lambda *_: "")  # golden requests prove it meanwhile
    monkeypatch.setattr("knowngood.decisions.known_good.unproved", lambda *_: "")

    for look in range(20):
        route = story.play.s.route
        assert route is not None
        if look < 6:  # somebody has taken its backend out of the route
            named = {v: w for v, w in route.weights.items() if v != SAFE_PATH}
            story.play.s = replace(story.play.s, route=replace(route, weights=named))
        story.after(1, BAD)

    assert story.phase == "Contained"
    assert story.answering == {STANDS_BY: 100}
    assert story.status.fallback is not None
    assert story.status.fallback.version == STANDS_BY


def test_what_time_has_decided_is_taken_back_once_where_many_turn_bad_and_nobody_looks() -> None:
    story = Laddered(WINDOW, **FAILS_TOO)
    story.play.s = replace(story.play.s, ready={**story.play.s.ready, SAFE_PATH: 0})
    story.after(61, WINDOW, **FAILS_TOO)
    many = {WHICH: (Shared("policy lending", 3, OTHERS),)}
    story.play.s = replace(story.play.s, shared=many)

    story.look(later=timedelta(seconds=1), serving=None)
    asked = kept(story.play.s.model).approval
    story.look(later=timedelta(seconds=1), serving=None)

    assert asked is not None
    assert asked.granted_at is None
    assert kept(story.play.s.model).approval == asked, "and it is not written each time anew"


def test_who_gives_the_requests_back_says_so_of_all_that_is_known() -> None:
    """Also of what is told in another incident, as the first one was closed meanwhile."""
    one, other = ruled("Act"), ruled("Act", a_breach(name="latency"))
    story = Laddered(one, **FAILS_TOO)
    for _ in range(5):
        story.after(1, one, **FAILS_TOO)
    assert story.answering == {SAFE_PATH: 100}
    closed = an_incident("loan-1", IncidentPhase.CLOSED)
    both: dict[str, Any] = {"serving": seen(one, other, **FAILS_TOO)}
    story.play.look(incidents={"loan-1": closed}, incident=closed, **both)
    second = an_incident("loan-2", IncidentPhase.DETECTED)
    story.play.s = replace(story.play.s, incidents={"loan-2": second}, incident=second)

    story.play.give(f"undo {SERVES}")
    for _ in range(20):
        story.play.look(later=timedelta(seconds=5), **both)

    assert story.answering == {SERVES: 100}
    assert story.play.told.count("SafePathBegun") == 1


def test_nobody_is_told_that_it_answers_where_it_has_no_endpoint() -> None:
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice")
    for _ in range(4):
        story.after(1, BAD, **FAILS_TOO)
    assert story.play.condition("SafePath") == "True SafePathAnswers"

    story.play.s = replace(story.play.s, ready={SERVES: 0, STANDS_BY: 0, SAFE_PATH: 0})
    story.after(1, BAD, **FAILS_TOO)

    assert story.answering == {SAFE_PATH: 100}, "nobody else could answer"
    assert story.play.condition("SafePath") == "False NoEndpoints"
    ready = next(c for c in story.written.conditions if c.type == "Ready")
    assert "answers, and" not in ready.message


def test_what_undo_does_while_another_version_is_awaited_is_said_as_it_is() -> None:
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice")
    for _ in range(4):
        story.after(1, BAD, **FAILS_TOO)
    story.command(f"rollback {SERVES}")

    assert story.phase == "RollingBack"
    assert story.written.undo is not None
    assert story.written.undo.what.startswith("the safe path goes on answering")
    ready = next(c for c in story.written.conditions if c.type == "Ready")
    assert f"knowngood restore loan --version {SERVES}" in ready.message
    story.command(f"restore {SERVES}")
    assert story.answering == {SERVES: 100}


def test_while_the_safe_path_answers_only_the_version_that_served_is_restored() -> None:
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice")
    while story.answering != {SAFE_PATH: 100}:
        story.after(1, BAD, **FAILS_TOO)

    story.command("restore 9")

    assert story.play.refusal == f"version 9 is not the one that served: restore {SERVES}"
    assert story.answering == {SAFE_PATH: 100}


def test_a_veto_that_comes_too_late_is_not_said_to_have_kept_the_requests() -> None:
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice")
    while story.answering != {SAFE_PATH: 100}:
        story.after(1, BAD, **FAILS_TOO)
    asked = story.status.actions[-1].id

    story.say("bob", NO, asked)
    for _ in range(3):
        story.after(1, BAD, **FAILS_TOO)

    assert story.answering == {SAFE_PATH: 100}, "to end it is to give them back"
    assert "ShiftRefused" not in story.play.told
    assert f"{asked} is rejected by bob" in [entry.text for entry in story.status.timeline]


def test_nobody_is_told_that_it_answers_everybody_while_weights_are_set_by_hand() -> None:
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice")
    for _ in range(4):
        story.after(1, BAD, **FAILS_TOO)

    story.look(later=timedelta(seconds=3), route=programmed({SERVES: 100, SAFE_PATH: 0}))

    told = " ".join(c.message for c in story.written.conditions)
    assert story.play.condition("SafePath") == "False RouteOverridden"
    assert "answers, and no version" not in told
    assert "answers everybody" not in (story.status.next_for_human or "")
    assert "knowngood release loan -n lending" in (story.status.next_for_human or "")


def test_no_command_is_named_that_is_not_heard() -> None:
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice")
    for _ in range(4):
        story.after(1, BAD, **FAILS_TOO)
    model = story.play.s.model
    spec = model.spec.model_copy(update={"suspend": True})
    story.play.s = replace(story.play.s, model=model.model_copy(update={"spec": spec}))

    story.play.look()

    told = " ".join(c.message for c in story.written.conditions)
    assert "knowngood undo" not in told
    assert "no command gives the requests back while spec.suspend is true" in told


def test_what_another_trigger_finds_after_a_no_can_be_approved() -> None:
    other = replace(a_breach(name="latency"), policy="other")
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice", NO)
    story.after(1, BAD, **FAILS_TOO)
    story.after(1, BAD, other, **FAILS_TOO)
    story.say("bob")

    for _ in range(4):
        story.after(1, BAD, other, **FAILS_TOO)

    assert story.answering == {SAFE_PATH: 100}
    assert story.states[-1].endswith("SafePath Verified")


def test_nobody_is_asked_any_more_about_what_another_policy_has_done() -> None:
    acts = replace(ruled("Act", a_breach(name="latency")), policy="other")
    story = Laddered(BAD, acts, **FAILS_TOO)
    for _ in range(4):
        story.after(1, BAD, acts, **FAILS_TOO)

    assert story.answering == {SAFE_PATH: 100}
    assert [state for state in story.states if "Waiting" in state] == []


def test_what_is_left_is_told_once_and_opens_no_incident_again() -> None:
    """Whoever tells first that users meet the version again: the incident is no other one for it."""
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice")
    for _ in range(4):
        story.after(1, BAD, **FAILS_TOO)
    assert story.incident is not None
    assert story.status.containment == "Verified"

    story.play.give(f"undo {SERVES}")
    now = story.play.s.now
    told = exposed_again(story.play.s.model, story.incident, story.status, now)
    assert told == story.status
    story.tell()

    assert story.status.containment == "None"
    assert story.status.reopened == 0


@pytest.mark.parametrize(
    ("ready", "said"),
    [
        ({}, ""),
        ({SAFE_PATH: 0}, "Service review, has no ready endpoint"),
    ],
)
def test_a_safe_path_that_could_answer_nobody_is_told_before_it_is_needed(
    ready: dict[str, int], said: str
) -> None:
    story = Laddered(ready=ready)

    found = [c for c in story.written.conditions if c.type == "SafePath"]

    assert [(c.status, c.reason) for c in found] == (
        [("False", "SafePathNotReady")] if said else []
    )
    assert all(said in c.message for c in found)
    told = [a.message for a in attention(story.play.s.model) if "SafePath" in a.kinds]
    assert told == [c.message for c in found], "status says so"
