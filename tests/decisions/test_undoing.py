"""Undo reverses what was done last, says beforehand what that would be, and never does anything else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from knowngood.api.v1alpha1 import Phase, Standing, WaitingFor
from knowngood.decisions.workloads import replicas_wanted
from tests.decisions.playing import Play

FROZEN = "rollouts of this model are frozen: night"


def taken_back() -> Play:
    """Version 8 was rolled back, and is rejected by its record."""
    play = Play("rolled back")
    known = play.s.versions
    rejected = known["bad"].model_copy(update={"spec": known["8"].spec})
    play.s = replace(play.s, versions={**known, "8": rejected})
    return play


@pytest.mark.parametrize(
    ("state", "shares", "step"),
    [
        pytest.param("pausing", {"7": 100, "8": 0}, 0, id="the first share"),
        pytest.param("waiting for a person", {"7": 90, "8": 10}, 1, id="a later share"),
        pytest.param("at the gate", {"7": 90, "8": 10}, 1, id="at the gate"),
        pytest.param("promoting", {"7": 50, "8": 50}, 4, id="a promotion that moved nothing yet"),
        pytest.param("promoted, not seen yet", {"7": 50, "8": 50}, 4, id="a promotion that moves"),
    ],
)
def test_a_share_goes_back_to_the_one_before_and_waits_there(
    state: str, shares: dict[str, int], step: int
) -> None:
    play = Play(state)
    plan = play.give("undo 8")

    assert play.refusal == ""
    assert (plan.phase, dict(plan.shares)) == (Phase.PAUSED, shares)
    assert plan.rollout is not None
    assert (plan.rollout.step, plan.rollout.waiting_for) == (step, WaitingFor.RESUME)
    assert play.until_still().shares == shares
    assert play.give("resume 8").rollout != plan.rollout


def test_a_share_is_not_moved_to_a_stable_version_that_is_not_ready() -> None:
    play = Play("pausing")
    plan = play.give("undo 8", ready={"7": 0, "8": 2})

    assert "no endpoint that is ready" in play.refusal
    assert dict(plan.shares) == {"7": 90, "8": 10}


def test_a_promotion_is_taken_back_with_the_pods_first() -> None:
    play = Play("just promoted")
    first = play.give("undo 8", ready={"8": 2})
    assert (first.phase, dict(first.shares)) == (Phase.ROLLING_BACK, {"8": 100, "7": 0})
    assert replicas_wanted(play.s, first) == {"8": 2, "7": 2, "bad": 0}

    waits = play.look(ready={"8": 2, "7": 1})
    assert dict(waits.shares) == {"8": 100, "7": 0}
    assert (waits.stable, waits.incident) == ("8", "")

    back = play.look(ready={"8": 2, "7": 2})
    assert (back.stable, back.canary, dict(back.shares)) == ("7", "8", {"7": 100, "8": 0})
    rested = play.look()
    assert rested.phase is Phase.ROLLED_BACK
    stands = {c.version: c.standing for c in rested.standings}
    assert stands == {"8": Standing.SUSPECT, "7": Standing.PROBATION}
    assert [(r.version, r.digest) for r in rested.rejected] == [("8", play.s.digest)]
    assert play.until_still().phase is Phase.ROLLED_BACK
    assert play.condition("Ready") == "False VersionRejected"


def test_where_nobody_answers_one_pod_of_the_version_from_before_is_enough() -> None:
    play = Play("just promoted")
    play.give("undo 8", ready={"8": 0, "7": 1})

    assert dict(play.look().shares) == {"7": 100, "8": 0}


def test_a_version_that_does_not_come_back_in_time_changes_nothing() -> None:
    play = Play("just promoted")
    play.give("undo 8", ready={"8": 2})
    waits = play.look()
    assert waits.wake_at is not None
    plan = play.look(later=timedelta(minutes=11))

    assert (plan.phase, plan.stable, plan.shares["8"]) == (Phase.PROBATION, "8", 100)
    assert "NotReturned" in play.told
    assert not plan.standings
    assert plan.undo is not None


def test_an_undo_that_still_waits_can_be_undone() -> None:
    play = Play("just promoted")
    play.give("undo 8", ready={"8": 2})
    plan = play.give("undo 8")

    assert play.refusal == ""
    assert (plan.phase, plan.stable) == (Phase.PROBATION, "8")


def test_undo_and_rollback_of_a_promotion_differ_in_the_incident_alone() -> None:
    ends = {}
    for verb in ("undo", "rollback"):
        play = Play("just promoted")
        play.give(f"{verb} 8")
        ends[verb] = [play.look(), play.look()][-1]

    undone, back = ends.values()
    assert (undone.incident, back.incident) == ("", "loan-1")
    assert dict(undone.shares) == dict(back.shares) == {"7": 100, "8": 0}
    alike = [[(c.version, c.standing) for c in plan.standings] for plan in ends.values()]
    assert alike[0] == alike[1]


def test_a_rollback_is_undone_by_a_new_trial_from_the_first_step() -> None:
    play = taken_back()
    seen = play.look()
    assert seen.undo is not None
    assert seen.undo.command == "undo 8"

    plan = play.give("undo 8")

    assert play.refusal == ""
    assert (plan.phase, plan.canary) == (Phase.PROGRESSING, "8")
    assert plan.rollout is not None
    assert (plan.rollout.step, plan.rollout.evidence_since, plan.rollout.failure) == (0, None, None)
    assert plan.last_command is not None
    assert "tried again from its first step" in plan.last_command.message


@pytest.mark.parametrize(
    ("state", "command", "words"),
    [
        pytest.param("rolling back", "undo 8", "when that is over", id="going back"),
        pytest.param("at rest", "undo 7", "nothing to undo", id="nothing was done"),
        pytest.param("no share yet", "undo 8", "nothing to undo", id="no share yet"),
        pytest.param("just promoted", "undo 7", "give undo 8", id="another version"),
    ],
)
def test_what_can_not_be_undone_is_said(state: str, command: str, words: str) -> None:
    play = Play(state)
    play.give(command)

    assert words in play.refusal


def test_a_promotion_is_not_taken_back_for_a_version_that_nobody_knows_any_more() -> None:
    play = Play("just promoted")
    known = {v: r for v, r in play.s.versions.items() if v != "7"}
    assert play.look(versions=known).undo is None

    play.give("undo 8")

    assert "not recorded any more" in play.refusal


def test_the_undo_is_written_down_when_a_version_is_promoted() -> None:
    play = Play("promoted, not seen yet")
    plan = play.look()

    assert plan.phase is Phase.PROBATION
    assert plan.undo is not None
    assert (plan.undo.version, plan.undo.to, plan.undo.command) == ("8", "7", "undo 8")
    assert play.look().undo == plan.undo


def test_frozen_rollouts_do_not_keep_anybody_from_going_back() -> None:
    for state in ("just promoted", "pausing"):
        play = Play(state)
        play.s = replace(play.s, frozen=FROZEN)
        play.give("undo 8")
        assert play.refusal == ""


def test_a_rollback_is_not_undone_while_rollouts_are_frozen() -> None:
    """It would be a rollout that begins."""
    play = taken_back()
    play.s = replace(play.s, frozen=FROZEN)
    assert play.look().undo is not None

    plan = play.give("undo 8")

    assert play.refusal == FROZEN
    assert (plan.phase, plan.canary) == (Phase.ROLLED_BACK, "")
