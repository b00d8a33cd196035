"""No copy is left behind: claims about the version that stands by, held against every way in which it can be found."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import pytest

from knowngood.api.v1alpha1 import Phase, Standing
from knowngood.decisions.gateways import GatewaySupport, Support
from knowngood.decisions.phases import RESTING
from knowngood.decisions.plan import Plan
from knowngood.decisions.planned import plan_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from knowngood.decisions.workloads import replicas_wanted
from tests.decisions.situations import programmed
from tests.decisions.states import STATES
from tests.decisions.test_copying import CAN, COPIED, NAMED, SHADOW, WAITS, situation

pytestmark = pytest.mark.xdist_group("walk")  # so that no more than one process walks


COMMANDS = tuple(f"{verb} 8 2026-03-01T11:59:30Z" for verb in ("undo", "rollback", "retry"))


def seen() -> Iterator[Situation]:
    """A standby that gets copies, or is to, in every way that it can be found."""
    rolled = STATES["rolled back to a known good version"]
    states = (
        WAITS, NAMED, COPIED, replace(COPIED, phase=Phase.PROBATION),
        replace(COPIED, phase=Phase.ROLLED_BACK), replace(COPIED, shadow=""),
        replace(rolled, shadow="6", stands={"6": Standing.KNOWN_GOOD}),
        replace(STATES["pausing"], shadow="6", stands={"6": Standing.KNOWN_GOOD}),
    )  # fmt: skip
    shadows = (SHADOW, {"standby": "Warm"}, {**SHADOW, "standby": "Cold"}, {"standby": "None"})
    for state, shadow, desired, command in itertools.product(
        states, shadows, ("7", "8", "9", "bad"), ("", *COMMANDS)
    ):
        base = situation(state, shadow=shadow, desired=desired, command=command)
        for ready, route, gateway in itertools.product(
            ({"6": 1, "7": 2, "8": 2}, {"6": 0, "7": 2, "8": 0}, {"6": 1, "7": 0, "8": 2}),
            (programmed(state.weights, state.mirror), programmed({"7": 100}), None),
            (CAN, GatewaySupport(Support.NO)),
        ):
            yield replace(base, ready=ready, route=route, gateway=gateway)


@cache
def walked() -> tuple[tuple[Situation, Plan], ...]:
    """Every situation with its decision."""
    return tuple((s, decide(s)) for s in seen())


def offenders(claim: Callable[[Situation, Plan], bool]) -> list[str]:
    found = [(s, plan) for s, plan in walked() if not claim(s, plan)]
    return [
        f"{s.model.status and s.model.status.phase} -> {plan.phase} {dict(plan.shares)} {plan.copies}: {s.ready}, "
        f"{s.route}, {s.desired}, {dict(s.model.metadata.annotations)}, {s.model.spec.shadow}"
        for s, plan in found[:3]
    ]


def test_copies_go_to_one_ready_known_good_standby_at_rest_and_to_nobody_else() -> None:
    def fine(s: Situation, plan: Plan) -> bool:
        if not plan.copies:
            return True
        alone = {v for v in plan.shares if v not in plan.copies} == {plan.stable}
        at_rest = plan.phase in RESTING and list(plan.copies) == [plan.shadow] and alone
        good = s.standing_of(plan.shadow) is Standing.KNOWN_GOOD and s.ready_of(plan.shadow) > 0
        return at_rest and good and plan.shares[plan.shadow] == 0

    assert any(plan.copies for _, plan in walked())
    assert offenders(fine) == []


def test_nobody_is_named_for_copies_that_it_does_not_get() -> None:
    def owned(s: Situation, plan: Plan) -> bool:
        before = plan_of(s.model)
        rollout = plan.rollout
        owners = {plan.stable, plan.canary, *(d.version for d in plan.draining), *plan.copies}
        owners |= {rollout.version, rollout.returning or ""} if rollout else set()
        begins = plan.shadow if s.gateway is CAN and plan.phase in RESTING else ""
        idle = {v for v, w in plan.shares.items() if w == 0} - owners - {begins}
        return idle & {before.shadow, plan.shadow} == set()

    assert offenders(owned) == []


def test_pods_stay_while_the_gateway_sends_copies() -> None:
    def kept(s: Situation, plan: Plan) -> bool:
        if s.route is None or not s.route.copies.get("8") or plan.shadow != "8":
            return True
        pods = replicas_wanted(s, plan).get("8", 0)
        return pods is None or pods > 0

    assert offenders(kept) == []
