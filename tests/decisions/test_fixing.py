"""What is fixed when a rollout begins: it is written once, and belongs to that rollout."""

from datetime import timedelta
from typing import Any

from knowngood.api.v1alpha1 import Basis, FixedEffect, RolloutStatus, Use
from knowngood.decisions.fixing import with_fixed
from knowngood.decisions.plan import Plan
from knowngood.decisions.planned import plan_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.spending import Spending, Spendings
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation
from tests.decisions.states import NOW, STATES

LONGER = [{"setWeight": 10}, {"pause": {"duration": "99999s"}}, {"pause": {"duration": "500ms"}}]


def effect(signal: str, value: str = "2") -> FixedEffect:
    return FixedEffect(signal=signal, value=value, basis=Basis.PODS)


def acting(*keys: str, per_rollout: str = "1%") -> Spendings:
    return Spendings((Spending(Use.ACT, keys, per_rollout),))


def rolling(*written: FixedEffect, **more: Any) -> tuple[Situation, Plan]:
    situation = a_situation(STATES["pausing"], **more)
    plan = plan_of(situation.model)
    assert plan.rollout is not None
    update = {"design_effects": written}
    return situation, Plan(phase=plan.phase, rollout=plan.rollout.model_copy(update=update))


def fixed(situation: Situation, plan: Plan) -> RolloutStatus:
    found = with_fixed(situation, plan).rollout
    assert found is not None
    return found


def test_what_is_written_of_a_signal_never_changes_and_others_are_added() -> None:
    situation, plan = rolling(
        effect("errors", "3"), effects=(effect("errors", "9"), effect("late"))
    )

    assert fixed(situation, plan).design_effects == (effect("errors", "3"), effect("late"))


def test_effects_stand_by_name_whichever_was_measured_first() -> None:
    situation, plan = rolling(effect("late"), effects=(effect("errors"),))

    assert fixed(situation, plan).design_effects == (effect("errors"), effect("late"))


def test_what_was_measured_for_another_rollout_is_not_of_this_one() -> None:
    situation, plan = rolling(effects=(effect("errors"),))
    assert plan.rollout is not None
    begun = plan.rollout.model_copy(update={"started_at": NOW + timedelta(seconds=1)})

    assert fixed(situation, Plan(phase=plan.phase, rollout=begun)).design_effects == ()


def test_however_many_signals_there_are_what_is_written_is_bounded() -> None:
    situation, plan = rolling(effects=tuple(effect(f"s{n}") for n in range(100)))

    assert len(fixed(situation, plan).design_effects) == 64


def test_the_planned_length_is_that_of_the_steps_with_which_it_began() -> None:
    situation, plan = rolling()
    assert plan.rollout is not None
    begun = fixed(situation, plan)
    edited, _ = rolling(model=a_model(STATES["pausing"], rollout={"steps": LONGER}))

    assert begun.planned == "0h5m0s"
    assert fixed(edited, Plan(phase=plan.phase, rollout=begun)).planned == begun.planned
    assert fixed(edited, plan).planned == "27h46m40s", "of an older operator: what it judged by"


def test_a_rollout_that_begins_shares_its_budget_in_the_write_that_begins_it() -> None:
    plan = decide(a_situation(STATES["at rest"], spending=acting("b", "a")))

    assert plan.rollout is not None
    (shares,) = plan.rollout.shares
    assert (shares.first, shares.later, shares.per_rollout) == (("a", "b"), (), "1%")


def test_a_budget_that_is_changed_later_is_not_of_this_rollout() -> None:
    situation, plan = rolling(spending=acting("a"))
    begun = Plan(phase=plan.phase, rollout=fixed(situation, plan))
    later, _ = rolling(spending=acting("a", "b", per_rollout="0.1%"))

    (shares,) = fixed(later, begun).shares

    assert (shares.first, shares.later, shares.per_rollout) == (("a",), ("b",), "1%")
