"""Weights that somebody sets by hand are kept while an incident is open or rollouts are frozen, and never for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from knowngood.api.v1alpha1 import (
    Incident,
    IncidentPhase,
    IncidentStatus,
    Standing,
    VerdictKind,
)
from tests.decisions.playing import Play
from tests.decisions.situations import a_record, a_trigger, programmed

OURS, THEIRS = {"7": 100}, {"7": 30, "8": 70}
FROZEN = "rollouts of this model are frozen: night"


def held(*, frozen: str = FROZEN, state: str = "at rest") -> Play:
    """A route that somebody has changed, seen just now."""
    play = Play(state, desired="7" if state == "at rest" else "8")
    play.s = replace(play.s, frozen=frozen)
    play.look()
    play.look()
    play.shown(THEIRS)
    return play


def is_kept(play: Play) -> bool:
    status = play.s.model.status
    return status is not None and status.traffic is not None and status.traffic.override is not None


def test_while_frozen_they_are_kept_and_told_with_what_can_be_done() -> None:
    play = held()

    assert is_kept(play)
    assert play.plan is not None
    notice = next(n for n in play.plan.notices if n.reason == "RouteOverridden")
    for words in ("night", "knowngood keep loan", "knowngood release loan", "70 % to 8"):
        assert words in notice.message
    for kind in ("Ready", "RouteProgrammed"):
        assert play.condition(kind) == "False RouteOverridden"
    for _ in range(20):
        play.shown(THEIRS)
    assert play.told.count("RouteOverridden") == 1
    assert play.condition("Available") == "True Serving"
    assert "RouteDrifted" not in play.told


def test_while_an_incident_is_open_they_are_kept() -> None:
    body = {
        "metadata": {"name": "loan-1"},
        "spec": {"modelRef": {"name": "loan", "uid": "u1"}, "origin": "Manual"},
    }
    open_one = Incident.model_validate(body).model_copy(
        update={"status": IncidentStatus(phase=IncidentPhase.CONTAINED)}
    )
    play = Play("at rest", desired="7")
    play.look()
    play.look(incident=open_one)
    play.shown(THEIRS)

    assert is_kept(play)


def test_otherwise_they_are_put_back() -> None:
    play = held(frozen="")

    assert not is_kept(play)
    assert "RouteDrifted" in play.told


def test_after_an_hour_they_are_put_back_with_an_event() -> None:
    play = held()
    play.look(later=timedelta(minutes=59), route=programmed(THEIRS))
    assert is_kept(play)
    play.look(later=timedelta(minutes=2), route=programmed(THEIRS))

    assert not is_kept(play)
    assert play.told[-1] == "OverrideEnded"
    play.shown(THEIRS)  # the write has not been possible yet
    assert not is_kept(play)


def test_they_are_kept_for_another_hour_by_command() -> None:
    play = held()
    play.look(later=timedelta(minutes=50), route=programmed(THEIRS))
    play.give("keep 7", route=programmed(THEIRS))
    assert play.refusal == ""
    play.look(later=timedelta(minutes=50), route=programmed(THEIRS))

    assert is_kept(play)


def test_other_weights_that_a_person_sets_later_are_kept_for_an_hour_of_their_own() -> None:
    """And what is told, and how many pods the canary has, goes by them."""
    play = held()
    later = {"7": 80, "8": 20}
    play.look(later=timedelta(minutes=50), route=programmed(later))
    plan = play.look(later=timedelta(minutes=50), route=programmed(later))

    assert plan.override is not None
    assert {share.version: share.weight for share in plan.override.weights} == later
    assert play.told.count("RouteOverridden") == 2


def test_they_are_released_by_command() -> None:
    play = held()
    play.give("release 7", route=programmed(THEIRS))

    assert play.refusal == ""
    assert not is_kept(play)
    play.shown(THEIRS)
    assert not is_kept(play)


def test_they_are_put_back_when_rollouts_are_thawed() -> None:
    play = held()
    play.look(frozen="", route=programmed(THEIRS))

    assert not is_kept(play)
    assert play.told[-1] == "OverrideEnded"


def test_a_rollback_needs_other_weights_and_says_so() -> None:
    play = held(state="pausing")
    assert is_kept(play)
    plan = play.look(triggers=(a_trigger(VerdictKind.BREACHED),), route=programmed(THEIRS))

    assert dict(plan.shares) == {"7": 100, "8": 0}
    assert not is_kept(play)
    assert "OverrideEnded" in play.told


@pytest.mark.parametrize(
    ("weights", "ready"),
    [({"7": 50, "bad": 50}, {"7": 2, "bad": 2}), (THEIRS, {"7": 2, "8": 0})],
)
def test_weights_that_lead_to_a_version_that_must_not_answer_are_not_kept(
    weights: dict[str, int], ready: dict[str, int]
) -> None:
    play = held()
    play.look(route=programmed(weights), ready=ready)

    assert not is_kept(play)


def test_a_share_that_is_taken_off_the_version_in_trouble_is_not_given_back_to_it() -> None:
    """It is suspect, and answers everybody as long as nobody does anything."""
    play = held()
    suspect = {**play.s.versions, "7": a_record("7", Standing.SUSPECT)}
    play.s = replace(play.s, versions=suspect)
    play.look(route=programmed(THEIRS))

    assert is_kept(play)
    assert "OverrideEnded" not in play.told


def test_a_person_who_puts_them_back_ends_it() -> None:
    play = held()
    play.shown(OURS)

    assert not is_kept(play)
    assert play.condition("Ready") == "True Serving"


def test_nothing_is_rolled_out_over_them() -> None:
    play = held()
    model = play.s.model
    wanted = model.spec.model.model_copy(update={"version": "8"})
    spec = model.spec.model_copy(update={"model": wanted})
    plan = play.look(model=model.model_copy(update={"spec": spec}), route=programmed(THEIRS))

    assert (plan.canary, is_kept(play)) == ("", True)


@pytest.mark.parametrize("verb", ["keep", "release"])
def test_where_nothing_is_kept_the_commands_are_refused(verb: str) -> None:
    play = Play("at rest", desired="7")
    play.give(f"{verb} 7")

    assert "no weights" in play.refusal
