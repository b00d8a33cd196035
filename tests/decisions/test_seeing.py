"""What triggers see is said once, and not another way at every look."""

from dataclasses import replace

import pytest

from knowngood.analysis.proportion import ProportionRule
from knowngood.analysis.seeing import Measured
from knowngood.api.v1alpha1 import Direction, PolicyMode, Power, VerdictKind
from knowngood.decisions.conditions import conditions
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_situation, a_trigger
from tests.decisions.states import STATES

RULE = ProportionRule(Direction.DECREASE, 0.05, 0.01, 3600.0, 500, 3)


def seeing(per_hour: float, base: float = 0.7, *powers: Power, known: bool = True) -> Situation:
    measured = Measured(RULE, per_hour, base) if known else None
    trigger = replace(a_trigger(VerdictKind.HEALTHY), measured=measured)
    s = a_situation(STATES["pausing"], triggers=(trigger,))
    status = s.model.status
    assert status is not None
    assert status.rollout is not None
    rollout = status.rollout.model_copy(update={"power": powers})
    after = status.model_copy(update={"rollout": rollout})
    return replace(s, model=s.model.model_copy(update={"status": after}))


def power(s: Situation) -> tuple[Power, ...]:
    rollout = status_of(s, decide(s)).rollout
    assert rollout is not None
    return tuple(rollout.power)


def guarded(s: Situation) -> tuple[str, str]:
    (found,) = [c for c in conditions(s, decide(s)) if c.type == "Guarded"]
    return found.status, found.reason


def test_it_is_said_for_the_traffic_that_was_measured() -> None:
    (said,) = power(seeing(483.3))

    assert said.trigger == "IncidentPolicy/lending/lending/errors"
    assert (said.per_hour, said.base) == (480, "0.7")
    assert said.sees.startswith("at 480 an hour: ")


@pytest.mark.parametrize("per_hour", [250.0, 479.0, 700.0, 900.0])
def test_it_stays_as_it_is_while_the_traffic_is_about_the_same(per_hour: float) -> None:
    (said,) = power(seeing(480.0))

    assert power(seeing(per_hour, 0.75, said)) == (said,)


@pytest.mark.parametrize("per_hour", [100.0, 2000.0])
def test_it_is_worked_out_anew_for_quite_another_traffic(per_hour: float) -> None:
    (said,) = power(seeing(480.0))

    (anew,) = power(seeing(per_hour, 0.7, said))

    assert (anew.per_hour, anew.sees == said.sees) == (round(per_hour), False)


def test_what_was_said_is_kept_while_nothing_is_measured() -> None:
    (said,) = power(seeing(480.0))

    assert power(seeing(0, 0.7, said, known=False)) == (said,)


def test_a_trigger_that_would_see_nothing_makes_the_model_unguarded() -> None:
    assert guarded(seeing(480.0)) == ("True", "CanaryOnly")
    assert guarded(seeing(1.0)) == ("False", "Blind")
    assert guarded(seeing(0.0)) == ("False", "Blind")


def test_traffic_around_the_edge_does_not_make_it_flap() -> None:
    """One that was said to see stays so down to half of its traffic, and the other way round."""
    edge = next(n for n in range(1, 100) if guarded(seeing(float(n)))[1] == "CanaryOnly")
    (seen,) = power(seeing(float(edge)))
    (blind,) = power(seeing(float(edge - 1)))

    assert guarded(seeing(edge - 1.0, 0.7, seen)) == ("True", "CanaryOnly")
    assert guarded(seeing(float(edge), 0.7, blind)) == ("False", "Blind")


def test_a_policy_that_only_observes_is_not_said_to_be_blind() -> None:
    s = seeing(1.0)
    watching = replace(s, triggers=(replace(s.triggers[0], mode=PolicyMode.OBSERVE),))

    assert power(watching) == ()
    assert guarded(watching) == ("True", "CanaryOnly")
