"""What becomes of a pause that is as long as it may be."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    DeploymentStatus,
    FailureReason,
    Phase,
    Standing,
    VerdictKind,
    WaitingFor,
)
from knowngood.decisions.numbering import opens_incident
from knowngood.decisions.reporting import status_of
from knowngood.decisions.transition import decide
from tests.decisions.pauses import (
    BREACHED,
    CLOSED,
    NOT_SHOWN,
    SHOWN,
    UNSURE,
    Triggers,
    pausing,
    told,
    waits,
    went_on,
)
from tests.decisions.situations import BLIND, a_model, a_situation, a_trigger
from tests.decisions.states import NOW, STATES

SLOW = [
    pytest.param((NOT_SHOWN,), 5000, id="not shown"),
    pytest.param((SHOWN,), 99, id="too few requests"),
]


@pytest.mark.parametrize("choice", [{}, {"onInconclusive": "Hold"}])
@pytest.mark.parametrize(("triggers", "samples"), SLOW)
def test_by_default_a_pause_that_is_too_long_waits_on_and_asks_a_person(
    triggers: Triggers, samples: int, choice: dict[str, Any]
) -> None:
    s = pausing(*triggers, minutes=31, samples=samples, maxDuration="30m", **choice)
    plan = decide(s)

    assert waits(plan) is WaitingFor.PERSON
    assert plan.rollout is not None
    assert plan.rollout.lacks
    assert told(plan) == ["PauseOverdue"]
    said = {c.type: c.reason for c in status_of(s, plan).conditions}
    assert said["Reconciling"] == "AwaitingPromotion"


def test_what_comes_late_still_lets_it_go_on() -> None:
    assert went_on(decide(pausing(SHOWN, minutes=31, maxDuration="30m")))


@pytest.mark.parametrize(("triggers", "samples"), SLOW)
def test_a_spec_may_say_that_it_goes_on_in_doubt(triggers: Triggers, samples: int) -> None:
    more: dict[str, Any] = {"maxDuration": "30m", "onInconclusive": "Promote"}
    plan = decide(pausing(*triggers, minutes=31, samples=samples, **more))
    last = decide(pausing(*triggers, minutes=31, samples=samples, last=True, **more))

    assert went_on(plan)
    assert told(plan) == told(last) == ["WentOnUnproved"]
    assert last.phase is Phase.PROMOTING  # as with the command promote, past the last gate too


@pytest.mark.parametrize(("triggers", "samples"), SLOW)
def test_a_spec_may_say_that_it_goes_back_in_doubt(triggers: Triggers, samples: int) -> None:
    more: dict[str, Any] = {"maxDuration": "30m", "onInconclusive": "Abort"}
    s = pausing(*triggers, minutes=31, samples=samples, **more)
    plan = decide(s)

    assert plan.phase is Phase.ROLLING_BACK
    assert dict(plan.shares) == {"7": 100, "8": 0}
    failure = plan.rollout.failure if plan.rollout else None
    assert failure is not None
    assert failure.reason is FailureReason.INCONCLUSIVE
    assert "within the 30m of its pause" in failure.message
    assert (plan.incident, plan.incidents, opens_incident(failure)) == ("", 0, False)


def test_a_version_that_went_back_in_doubt_is_not_tried_again_by_itself() -> None:
    state = replace(STATES["rolling back"], failed=FailureReason.INCONCLUSIVE, incident=False)
    plan = decide(a_situation(state, model=a_model(state)))

    assert plan.phase is Phase.ROLLED_BACK
    (change,) = plan.standings
    assert (change.standing, change.reason) == (Standing.REJECTED, FailureReason.INCONCLUSIVE)
    assert [r.version for r in plan.rejected] == ["8"]


def test_it_goes_back_in_doubt_only_where_somebody_can_answer() -> None:
    s = pausing(NOT_SHOWN, minutes=31, maxDuration="30m", onInconclusive="Abort")
    plan = decide(replace(s, ready={"7": 0, "8": 2}))

    assert plan.phase is Phase.PAUSED
    assert plan.blocked is not None
    assert plan.blocked.reason == "FallbackNotReady"


CHOICES = ["Hold", "Promote", "Abort"]


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("kind", BLIND)
def test_unseen_is_not_in_doubt(kind: VerdictKind, choice: str) -> None:
    """It promotes nothing, and takes nothing back."""
    s = pausing(a_trigger(kind, shown=False), minutes=99, maxDuration="30m", onInconclusive=choice)

    assert waits(decide(s)) is WaitingFor.DATA


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("reason", ["NotLooked", "Replaying"])
def test_what_a_new_leader_has_not_read_yet_is_not_in_doubt(reason: str, choice: str) -> None:
    new = replace(a_trigger(UNSURE, reason=reason), asks=True)
    plan = decide(pausing(new, minutes=99, maxDuration="30m", onInconclusive=choice))

    assert waits(plan) is WaitingFor.PROOF
    assert told(plan) == []


@pytest.mark.parametrize("samples", [5000, 99])
def test_a_closed_gate_is_never_gone_past(samples: int) -> None:
    more: dict[str, Any] = {"minutes": 99, "maxDuration": "30m", "samples": samples}

    assert waits(decide(pausing(CLOSED, onInconclusive="Promote", **more))) is WaitingFor.PERSON
    back = decide(pausing(CLOSED, onInconclusive="Abort", **more))
    assert back.phase is Phase.ROLLING_BACK


def test_a_breach_that_acts_goes_back_as_a_breach_also_when_the_time_is_over() -> None:
    s = pausing(a_trigger(BREACHED), minutes=99, maxDuration="30m", onInconclusive="Promote")
    failure = (decide(s).rollout or pytest.fail("no rollout")).failure

    assert failure is not None
    assert failure.reason is FailureReason.BREACHED


def test_time_in_which_nothing_could_be_seen_does_not_count() -> None:
    s = pausing(NOT_SHOWN, minutes=31, maxDuration="30m", onInconclusive="Abort")
    status = s.model.status or DeploymentStatus()
    assert status.rollout is not None
    unseen = {"waiting_for": WaitingFor.DATA, "waiting_since": NOW - timedelta(minutes=10)}
    rollout = status.rollout.model_copy(update=unseen)
    model = s.model.model_copy(update={"status": status.model_copy(update={"rollout": rollout})})
    first = decide(replace(s, model=model))

    assert waits(first) is WaitingFor.PROOF
    assert first.rollout is not None
    assert first.rollout.unseen_for == "10m0s"
    later = replace(s, model=model.model_copy(update={"status": status_of(s, first)}))
    assert waits(decide(replace(later, now=NOW + timedelta(minutes=8)))) is WaitingFor.PROOF
    over = decide(replace(later, now=NOW + timedelta(minutes=9, seconds=1)))
    assert over.phase is Phase.ROLLING_BACK


def test_it_wakes_when_the_pause_is_as_long_as_it_may_be() -> None:
    plan = decide(pausing(NOT_SHOWN, minutes=6, maxDuration="30m"))

    assert plan.wake_at == NOW + timedelta(minutes=24)
