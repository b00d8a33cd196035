"""What ends a pause or the last gate, and what is missing before."""

from dataclasses import replace
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    Phase,
    VerdictKind,
    WaitingFor,
)
from knowngood.decisions.reporting import status_of
from knowngood.decisions.transition import decide
from tests.decisions.pauses import (
    BREACHED,
    CLOSED,
    HEALTHY,
    NOT_SHOWN,
    RARE,
    SHOWN,
    UNSURE,
    Triggers,
    pausing,
    waits,
    went_on,
)
from tests.decisions.situations import BLIND, a_model, a_situation, a_trigger, programmed
from tests.decisions.states import NOW, STATES

MISSING = [
    pytest.param((SHOWN,), 4, 5000, WaitingFor.TIME, id="time"),
    pytest.param((SHOWN,), 6, 99, WaitingFor.SAMPLES, id="requests"),
    pytest.param((SHOWN,), 6, None, WaitingFor.SAMPLES, id="requests that nobody has counted"),
    pytest.param((NOT_SHOWN,), 6, 5000, WaitingFor.PROOF, id="proof"),
    pytest.param((a_trigger(HEALTHY, name="a"), NOT_SHOWN), 6, 5000, WaitingFor.PROOF, id="one of two"),
    pytest.param((CLOSED, SHOWN), 6, 5000, WaitingFor.VERDICT, id="a gate that is closed"),
]  # fmt: skip


@pytest.mark.parametrize(("triggers", "minutes", "samples", "what"), MISSING)
def test_a_pause_waits_and_says_for_what(
    triggers: Triggers, minutes: float, samples: int | None, what: WaitingFor
) -> None:
    plan = decide(pausing(*triggers, minutes=minutes, samples=samples))

    assert waits(plan) is what


def test_it_is_said_which_trigger_lacks_what_without_running_numbers() -> None:
    s = pausing(NOT_SHOWN)
    plan = decide(s)
    assert plan.rollout is not None

    (lack,) = plan.rollout.lacks
    assert lack == (
        "trigger errors of IncidentPolicy lending: not shown yet not to be worse by 5 points"
    )
    ready = next(c for c in status_of(s, plan).conditions if c.type == "Ready")
    assert lack in ready.message


@pytest.mark.parametrize("kind", BLIND)
def test_a_pause_does_not_end_unseen_although_all_was_shown_before(kind: VerdictKind) -> None:
    assert waits(decide(pausing(a_trigger(kind, shown=True)))) is WaitingFor.DATA


ENDS = [
    pytest.param((SHOWN,), id="all is shown"),
    pytest.param((a_trigger(UNSURE),), id="in doubt, but nothing is asked for"),
    pytest.param((a_trigger(UNSURE, shown=True),), id="shown before, in doubt for another reason"),
    pytest.param((RARE, SHOWN), id="only what is not waited for is unseen"),
]  # fmt: skip


@pytest.mark.parametrize("triggers", ENDS)
def test_a_pause_ends_when_everything_is_there(triggers: Triggers) -> None:
    assert went_on(decide(pausing(*triggers)))


@pytest.mark.parametrize("kind", BLIND)
def test_nothing_goes_on_while_no_trigger_sees_anything(kind: VerdictKind) -> None:
    """Each of them is too rare to wait for; all of them together are all that there is."""
    alone = a_trigger(kind, critical=False)

    assert waits(decide(pausing(alone, replace(alone, trigger="other")))) is WaitingFor.DATA


EARLY = {"endEarly": "WhenNonInferior", "minDuration": "2m"}


def test_a_pause_ends_early_when_all_is_shown() -> None:
    assert went_on(decide(pausing(SHOWN, minutes=2.1, rollout=EARLY)))


NOT_EARLY = [
    pytest.param((SHOWN,), 1.9, 5000, EARLY, id="not before minDuration"),
    pytest.param((SHOWN,), 4, 99, EARLY, id="not without the requests"),
    pytest.param((NOT_SHOWN,), 4, 5000, EARLY, id="not before it is shown"),
    pytest.param((SHOWN, a_trigger(UNSURE, name="b")), 4, 5000, EARLY, id="not while another is in doubt"),
    pytest.param((a_trigger(HEALTHY),), 4, 5000, EARLY, id="not where nothing is to be shown"),
    pytest.param((), 4, 5000, EARLY, id="not where nobody looks"),
    pytest.param((SHOWN,), 4, 5000, {}, id="not by itself"),
    pytest.param((SHOWN,), 4, 5000, {"endEarly": "Never"}, id="never"),
]  # fmt: skip


@pytest.mark.parametrize(("triggers", "minutes", "samples", "spec"), NOT_EARLY)
def test_a_pause_does_not_end_early(
    triggers: Triggers, minutes: float, samples: int, spec: dict[str, Any]
) -> None:
    s = pausing(*triggers, minutes=minutes, samples=samples, rollout=spec)

    assert waits(decide(s)) is WaitingFor.TIME


AT_THE_GATE = [
    pytest.param((NOT_SHOWN,), WaitingFor.PROOF, id="proof"),
    pytest.param((a_trigger(UNSURE, name="b"), NOT_SHOWN), WaitingFor.SAMPLES, id="requests, and proof"),
    pytest.param((CLOSED, NOT_SHOWN), WaitingFor.VERDICT, id="a gate that is closed"),
]  # fmt: skip


@pytest.mark.parametrize(("triggers", "what"), AT_THE_GATE)
def test_the_last_gate_says_what_it_waits_for(triggers: Triggers, what: WaitingFor) -> None:
    plan = decide(a_situation(STATES["at the gate"], triggers=triggers))

    assert plan.phase is Phase.PAUSED
    assert plan.rollout is not None
    assert plan.rollout.waiting_for is what
    assert plan.rollout.lacks


def test_what_is_not_waited_for_holds_no_promotion() -> None:
    rare = a_trigger(UNSURE, critical=False, name="rare")

    assert (
        decide(a_situation(STATES["at the gate"], triggers=(SHOWN, rare))).phase is Phase.PROMOTING
    )


def test_what_is_not_waited_for_still_takes_a_bad_version_back() -> None:
    rare = a_trigger(BREACHED, critical=False, name="rare")

    assert (
        decide(a_situation(STATES["at the gate"], triggers=(SHOWN, rare))).phase
        is Phase.ROLLING_BACK
    )


def test_a_gate_takes_nothing_back_and_a_person_needs_force_to_pass_it() -> None:
    command = f"promote 8 {NOW:%Y-%m-%dT%H:%M:%SZ}"
    model = a_model(STATES["at the gate"], command=command)
    refused = decide(a_situation(STATES["at the gate"], triggers=(CLOSED,), model=model))

    assert refused.phase is Phase.PAUSED
    assert refused.last_command is not None
    assert "is a gate and is breached" in (refused.last_command.message or "")
    forced = a_model(STATES["at the gate"], command=command.replace("promote", "force"))
    plan = decide(a_situation(STATES["at the gate"], triggers=(CLOSED,), model=forced))
    assert plan.phase is Phase.PROMOTING


def test_all_routes_follow() -> None:
    """What `pausing` builds is what the walk knows as a pause that is over."""
    assert went_on(decide(replace(pausing(), route=programmed({"7": 90, "8": 10}))))
