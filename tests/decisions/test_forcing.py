"""A person may go past what is breached by force, and pause a rollout without giving up what protects users."""

from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import FailureReason, IncidentPhase, Phase, VerdictKind, WaitingFor
from knowngood.decisions.trigger_views import ActionKind, TriggerView
from tests.decisions.playing import Play
from tests.decisions.situations import a_trigger, an_incident, programmed

HELD = a_trigger(VerdictKind.BREACHED, action=ActionKind.HOLD)
ALIKE = a_trigger(VerdictKind.BREACHED, stable_breached=True)
BEFORE = replace(HELD, digest="before")
EDITED = replace(HELD, digest="after")
OTHER = a_trigger(VerdictKind.BREACHED, name="latency")


@pytest.mark.parametrize("trigger", [HELD, ALIKE])
@pytest.mark.parametrize("state", ["pausing", "at the gate", "promoting"])
def test_a_forced_version_is_promoted_whatever_that_trigger_says(
    state: str, trigger: TriggerView
) -> None:
    play = Play(state)
    plan = play.give("force 8", triggers=(trigger,))
    assert play.refusal == ""
    assert plan.phase is Phase.PROMOTING
    assert plan.last_command is not None
    assert plan.last_command.message.startswith("an override: it goes past trigger errors")

    plan = play.until_still()

    assert (plan.phase, plan.stable) == (Phase.PROBATION, "8")


def test_what_the_person_did_not_see_still_takes_the_version_back() -> None:
    play = Play("pausing")
    play.give("force 8", triggers=(HELD,), ready={"7": 2, "8": 1})
    assert play.look().phase is Phase.PROMOTING

    plan = play.look(triggers=(HELD, OTHER))

    assert plan.phase is Phase.ROLLING_BACK
    assert plan.rollout is not None
    assert plan.rollout.failure is not None
    assert plan.rollout.failure.trigger == "latency"


def taken_back_by(trigger: TriggerView) -> Play:
    play = Play("pausing")
    play.look(triggers=(trigger,))
    assert play.look().phase is Phase.ROLLED_BACK
    assert play.plan is not None
    told = an_incident(play.plan.incident, IncidentPhase.CONTAINED)
    play.s = replace(play.s, incident=told, incidents={told.metadata.name: told})
    return play


@pytest.mark.parametrize(
    ("seen", "phase"),
    [
        pytest.param(BEFORE, Phase.PROMOTING, id="as it was"),
        pytest.param(
            replace(BEFORE, policy_generation=9), Phase.PROMOTING, id="another part edited"
        ),
        pytest.param(replace(EDITED, action=ActionKind.ROLLBACK), Phase.ROLLING_BACK, id="edited"),
    ],
)
def test_a_trigger_of_which_the_test_was_edited_since_acts_again(
    seen: TriggerView, phase: Phase
) -> None:
    play = Play("pausing")
    play.give("force 8", triggers=(BEFORE,), ready={"7": 2, "8": 1})

    assert play.look(triggers=(seen,)).phase is phase


@pytest.mark.parametrize(
    ("seen", "phase"), [(BEFORE, Phase.PROMOTING), (EDITED, Phase.ROLLING_BACK)]
)
def test_what_took_a_version_back_is_overruled_as_it_was_then(
    seen: TriggerView, phase: Phase
) -> None:
    play = taken_back_by(replace(BEFORE, action=ActionKind.ROLLBACK))
    play.give("force 8", triggers=(), ready={"7": 2, "8": 1})
    assert play.look().phase is Phase.PROMOTING

    assert play.look(triggers=(replace(seen, action=ActionKind.ROLLBACK),)).phase is phase


def test_triggers_that_an_earlier_version_of_knowngood_wrote_down_by_name_stay_overruled() -> None:
    play = Play("pausing")
    plan = play.give("force 8", triggers=(HELD,), ready={"7": 2, "8": 1})
    assert plan.rollout is not None
    assert plan.rollout.overruled == ("IncidentPolicy/lending/errors",)

    assert play.look(triggers=(EDITED,)).phase is Phase.PROMOTING


def test_a_version_that_was_taken_back_is_forced_with_its_pods_and_a_name_in_the_route_first() -> (
    None
):
    play = taken_back_by(OTHER)

    plan = play.give("force 8")

    assert plan.phase is Phase.PROGRESSING
    shares = [dict(plan.shares)]
    looks = [play.look() for _ in range(8)]
    shares += [dict(look.shares) for look in looks]
    assert {"7": 100, "8": 0} in shares
    assert all(share.get("8") in {0, 100} for share in shares)
    assert (looks[-1].phase, looks[-1].stable) == (Phase.PROBATION, "8")


def test_a_forced_version_gets_nothing_before_the_gateway_knows_its_name() -> None:
    play = Play("no share yet")
    play.give("force 8", triggers=(HELD,))
    for _ in range(3):
        assert play.look(route=programmed({"7": 100})).shares["8"] == 0

    assert play.look(route=programmed({"7": 100, "8": 0})).shares["8"] == 100


@pytest.mark.parametrize(
    ("state", "words"),
    [
        pytest.param("pausing", "promote is enough", id="nothing is breached"),
        pytest.param("at rest", "not being rolled out", id="no rollout"),
        pytest.param("rolled back", "retry is enough", id="a person took it back"),
    ],
)
def test_force_is_refused_where_no_verdict_stands_in_the_way(state: str, words: str) -> None:
    play = Play(state)
    play.give("force 8")

    assert words in play.refusal


def test_frozen_rollouts_are_not_forced() -> None:
    play = Play("pausing")
    play.give("force 8", triggers=(HELD,), frozen="rollouts of this model are frozen: night")

    assert "night" in play.refusal


@pytest.mark.parametrize(
    "state", ["pause is over", "larger share wanted", "at the gate", "promoting"]
)
def test_a_paused_rollout_goes_no_further_until_it_is_resumed(state: str) -> None:
    play = Play(state)
    healthy = (a_trigger(VerdictKind.HEALTHY),)
    plan = play.give("pause 8", triggers=healthy)
    assert play.refusal == ""
    assert plan.rollout is not None
    for _ in range(3):
        later = play.look()
        assert later.rollout is not None
        assert (later.phase, later.rollout.step) == (Phase.PAUSED, plan.rollout.step)
        assert later.rollout.waiting_for is WaitingFor.RESUME
    play.give("promote 8")
    assert "give resume first" in play.refusal

    play.give("resume 8")

    assert play.refusal == ""
    on = play.look()
    assert on.rollout is None or on.rollout.waiting_for is not WaitingFor.RESUME


def test_a_paused_version_is_taken_back_as_always() -> None:
    play = Play("paused by a person")
    plan = play.look(triggers=(a_trigger(VerdictKind.BREACHED),))

    assert plan.phase is Phase.ROLLING_BACK
    assert plan.rollout is not None
    assert plan.rollout.failure is not None
    assert plan.rollout.failure.reason is FailureReason.BREACHED


@pytest.mark.parametrize(
    ("state", "command", "words"),
    [
        ("at rest", "pause 8", "a freeze holds"),
        ("paused by a person", "pause 8", "paused already"),
        ("promoted, not seen yet", "pause 8", "gets all requests at this moment"),
        ("pausing", "resume 8", "not paused by a person"),
        ("at rest", "resume 8", "not being rolled out"),
    ],
)
def test_pauses_that_make_no_sense_are_refused(state: str, command: str, words: str) -> None:
    play = Play(state)
    play.give(command)

    assert words in play.refusal
