"""A suspended model is not touched, and goes on where it was."""

from dataclasses import replace
from datetime import timedelta

import pytest

from knowngood.api.v1alpha1 import Phase, VerdictKind
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation, a_trigger
from tests.decisions.states import NOW, ROLLING_STATES, STATES

HOUR = timedelta(hours=1)


def suspended(state: str, **rest: object) -> Situation:
    model = a_model(STATES[state], suspend=True, **rest)  # type: ignore[arg-type]  # keywords of a model
    return a_situation(
        STATES[state], model=model, triggers=(a_trigger(VerdictKind.BREACHED),), ready={"7": 2}
    )


@pytest.mark.parametrize("state", sorted(set(STATES) - {"going"}))
def test_nothing_moves_whatever_happens(state: str) -> None:
    stamp = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    s = suspended(state, desired="9", command=f"abort 8 {stamp}")
    plan = decide(s)
    before = s.model.status

    assert plan.phase is Phase.SUSPENDED
    assert plan.weights == (
        {b.version: b.weight for b in before.traffic.backends}
        if before and before.traffic
        else None
    )
    assert (plan.standings, plan.last_command) == ((), None)
    assert plan.rollout == (before.rollout if before else None)


def test_it_says_so() -> None:
    s = suspended("pausing")
    plan = decide(s)
    said = {c.type: f"{c.status} {c.reason}" for c in status_of(s, plan).conditions}

    assert [n.reason for n in plan.notices] == ["Suspended"]
    assert said["Ready"] == said["Guarded"] == "False Suspended"
    assert said["Reconciling"] == "True Suspended"
    assert "Stalled" not in said


@pytest.mark.parametrize("state", ROLLING_STATES)
def test_it_goes_on_where_it_was(state: str) -> None:
    s = suspended(state)
    stopped = s.model.model_copy(update={"status": status_of(s, decide(s))})
    spec = stopped.spec.model_copy(update={"suspend": False})
    later = replace(
        s,
        now=NOW + timedelta(hours=9),
        model=stopped.model_copy(update={"spec": spec}),
        triggers=(),
    )

    plan = decide(later)

    assert (plan.phase, plan.resume) == (STATES[state].phase, None)
    assert [n.reason for n in plan.notices] == ["Resumed"]


def test_hours_of_suspension_are_no_delay_of_the_pods() -> None:
    """The deadline runs anew, or the version would be rejected for having been suspended."""
    waiting = replace(
        STATES["no share yet"], phase=Phase.SUSPENDED, resume=Phase.PROGRESSING, age=9 * HOUR
    )
    s = replace(a_situation(waiting), ready={"7": 2, "8": 0})
    model = s.model.model_copy(update={"status": status_of(s, decide(s))})
    after = replace(s, now=NOW + timedelta(seconds=1), model=model)

    assert decide(after).phase is Phase.PROGRESSING
    assert decide(replace(after, now=NOW + HOUR)).phase is Phase.ROLLING_BACK
