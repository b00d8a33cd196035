"""Frozen rollouts neither start nor go on, and a bad canary goes all the same."""

from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import Phase, VerdictKind, WaitingFor
from knowngood.decisions.freezing import why_frozen
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation, a_trigger
from tests.decisions.states import NOW, ROLLING_STATES, STATES
from tests.decisions.walking import before

WHY = "rollouts of every model are frozen: the audit runs"
STAMP = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"


def frozen(state: str, **model: str) -> Situation:
    return a_situation(STATES[state], model=a_model(STATES[state], **model), frozen=WHY)  # type: ignore[arg-type]  # keywords of a model


@pytest.mark.parametrize(
    ("model", "namespace", "everything", "says"),
    [
        ("", "", "", ""),
        ("  ", "", "", ""),
        ("bob", "", "", "rollouts of this model are frozen: bob"),
        ("bob", "audit", "", "rollouts of this namespace are frozen: audit"),
        ("bob", "audit", "x" * 900, f"rollouts of every model are frozen: {'x' * 200}"),
    ],
)
def test_the_widest_freeze_is_named(model: str, namespace: str, everything: str, says: str) -> None:
    assert why_frozen(model, namespace, everything) == says


@pytest.mark.parametrize("state", ["at rest", "rolled back"])
def test_no_rollout_starts(state: str) -> None:
    plan = decide(frozen(state, desired="9"))

    assert plan.phase is STATES[state].phase
    assert plan.canary == ""
    assert [n.reason for n in plan.notices] == ["RolloutFrozen"]


@pytest.mark.parametrize(
    "state",
    sorted(s for s, written in ROLLING_STATES.items() if written.phase is not Phase.PROMOTING),
)
@pytest.mark.parametrize("desired", ["8", "9"])
def test_no_rollout_goes_on(state: str, desired: str) -> None:
    s = frozen(state, desired=desired)
    plan = decide(s)

    assert (plan.phase, plan.shares) == (Phase.PAUSED, before(s).shares)
    assert plan.rollout is not None
    assert plan.rollout.step == STATES[state].step
    assert plan.rollout.waiting_for is WaitingFor.THAW
    said = {c.type: c.message for c in status_of(s, plan).conditions}
    assert said["RolloutsFrozen"] == WHY
    assert "frozen" in said["Reconciling"]


@pytest.mark.parametrize("state", ROLLING_STATES)
def test_a_bad_canary_goes_all_the_same(state: str) -> None:
    s = replace(frozen(state), triggers=(a_trigger(VerdictKind.BREACHED),))

    assert decide(s).phase is Phase.ROLLING_BACK
    assert decide(frozen(state, command=f"abort 8 {STAMP}")).phase is Phase.ROLLING_BACK
    assert decide(frozen(state, desired="7")).phase is Phase.ROLLING_BACK


def test_a_promotion_that_has_begun_is_brought_to_its_end() -> None:
    assert decide(frozen("promoted, not seen yet")).phase is Phase.PROBATION


@pytest.mark.parametrize(
    ("state", "command"), [("waiting for a person", "promote 8"), ("at rest", "retry bad")]
)
def test_a_command_that_would_go_on_is_refused_and_told_why(state: str, command: str) -> None:
    desired = command.split()[1]
    plan = decide(frozen(state, desired=desired, command=f"{command} {STAMP}"))

    assert plan.last_command is not None
    assert (plan.last_command.result, plan.last_command.message) == ("Refused", WHY)


def test_it_goes_on_where_it_was() -> None:
    s = frozen("pause is over")
    thawed = replace(
        s, frozen="", model=s.model.model_copy(update={"status": status_of(s, decide(s))})
    )
    plan = decide(thawed)

    assert plan.rollout is not None
    assert plan.rollout.step == 2
    assert "RolloutsFrozen" not in {c.type for c in status_of(thawed, plan).conditions}
