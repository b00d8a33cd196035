"""Clients that stay with whom they met: with weight 0 a version would keep them, so it leaves the route."""

from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import Phase, VerdictKind
from knowngood.decisions.foreign import ForeignRule, ref_of, route_view
from knowngood.decisions.situation import RouteView, Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation, a_trigger, programmed
from tests.decisions.states import STATES, State

GATEWAY = {"parentRefs": [{"name": "public"}], "rules": [{"name": "all"}]}
PAUSING = STATES["pausing"]


def situation(
    state: State, route: RouteView | None = None, *, declared: bool = True, breached: bool = False
) -> Situation:
    model = a_model(state, traffic={"gatewayAPI": GATEWAY, "sticky": declared})
    triggers = (a_trigger(VerdictKind.BREACHED),) if breached else ()
    return replace(a_situation(state, route=route, triggers=triggers), model=model)


@pytest.mark.parametrize(
    ("declared", "seen", "weights"),
    [
        pytest.param(True, False, {"7": 100}, id="declared"),
        pytest.param(False, True, {"7": 100}, id="said by the rule"),
        pytest.param(False, False, {"7": 100, "8": 0}, id="not sticky"),
    ],
)
def test_a_bad_version_leaves_a_route_whose_clients_stay(
    *, declared: bool, seen: bool, weights: dict[str, int]
) -> None:
    route = replace(programmed(PAUSING.weights), sticky=seen)

    plan = decide(situation(PAUSING, route, declared=declared, breached=True))

    assert plan.phase is Phase.ROLLING_BACK
    assert plan.weights == weights


def test_it_is_back_only_once_it_is_not_named_any_more() -> None:
    going = replace(STATES["rolling back"], weights={"7": 100})

    still = decide(situation(going, programmed({"7": 100, "8": 0})))
    gone = decide(situation(going, programmed({"7": 100})))

    assert (still.phase, gone.phase) == (Phase.ROLLING_BACK, Phase.ROLLED_BACK)


def test_a_rule_of_somebody_else_says_so_itself() -> None:
    rule = ForeignRule("lending", 0, "predict", ({"name": "loan-7", "port": 80},), sticky=True)
    model = a_model(traffic={"routeRef": {"name": "edge"}})

    assert route_view((rule,), ref_of(model), {"7": "loan-7"}).sticky
