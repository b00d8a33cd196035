"""The first version takes over from a Service that answered before, and gives back what it took."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import Phase, TrafficStatus
from knowngood.decisions.adopting import DRAIN, SETTLE
from knowngood.decisions.parting import RESTORE_WITHIN, is_left_as_it_is, is_overdue, is_too_early
from knowngood.decisions.plan import Plan
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import RouteView, Situation, SpecProblem
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation, programmed
from tests.decisions.states import NOW, ROLLING_STATES, STATES

REF = {"routeRef": {"name": "edge", "adopt": "old"}}
READY = {"8": 2}


def adopting(
    weights: Mapping[str, int], *, adopted: bool = True, state: str = "first version starts"
) -> Situation:
    route = RouteView(weights, programmed=True, adopted=adopted)
    model = a_model(STATES[state], traffic=REF)
    services = {"8": "loan-8", "7": "loan-7"}
    return a_situation(STATES[state], model=model, route=route, ready=READY, services=services)


def after(s: Situation, plan: Plan, seconds: float, weights: Mapping[str, int]) -> Situation:
    model = s.model.model_copy(update={"status": status_of(s, plan)})
    route = RouteView(weights, programmed=True, adopted=True)
    return replace(s, now=s.now + timedelta(seconds=seconds), model=model, route=route)


def test_a_version_is_named_then_settles_then_answers_and_then_the_old_one_goes() -> None:
    named = {"old": 5, "8": 0}
    s = adopting({"old": 5})
    seen = []
    for seconds, weights in (
        (1.0, named),
        (SETTLE.seconds - 0.5, named),
        (0.5, named),
        (1.0, {"8": 100}),
        (DRAIN.seconds - 1, {"8": 100}),
        (1.0, {"8": 100}),
    ):
        plan = decide(s)
        seen.append((plan.phase, dict(plan.shares)))
        s = after(s, plan, seconds, weights)
    seen.append((decide(s).phase, dict(decide(s).shares)))

    waits, serves = (Phase.INITIALIZING, {"8": 0}), (Phase.INITIALIZING, {"8": 100})
    assert seen == [waits, waits, waits, serves, serves, serves, (Phase.PROBATION, {"8": 100})]


def test_a_version_that_the_gateway_does_not_know_yet_gets_nothing() -> None:
    s = adopting({"old": 5, "8": 0})
    assert s.route is not None
    plan = decide(replace(s, route=replace(s.route, programmed=False)))

    assert plan.shares == {"8": 0}
    assert plan.rollout is not None
    assert plan.rollout.step == 0


def test_where_nobody_answered_before_the_first_version_starts_at_once() -> None:
    assert decide(adopting({}, adopted=False)).shares == {"8": 100}
    assert decide(adopting({"8": 100}, adopted=False)).phase is Phase.PROBATION


def test_a_route_to_another_version_is_not_turned_unseen() -> None:
    """Nobody has compared the two."""
    for weights in ({"7": 100}, {"7": 90, "8": 10}):
        plan = decide(adopting(weights, adopted=False, state="new"))

        assert (plan.phase, plan.weights) == (Phase.PENDING, None)
        assert plan.blocked is not None
        assert plan.blocked.reason == "RouteAmbiguous"
    assert decide(adopting({"8": 100}, adopted=False, state="new")).phase is Phase.INITIALIZING


@pytest.mark.parametrize("state", ROLLING_STATES)
def test_a_route_that_somebody_has_changed_stops_the_rollout_but_no_rollback(state: str) -> None:
    s = a_situation(ROLLING_STATES[state])
    assert s.route is not None
    problem = SpecProblem("ForeignBackend", "rule predict leads to Service stranger")
    odd = replace(s, route=replace(s.route, problem=problem), problem=problem)

    plan = decide(odd)
    assert plan.shares == s.route.weights
    assert plan.blocked is not None
    assert plan.blocked.reason == "ForeignBackend"
    stamp = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    aborted = decide(replace(odd, model=a_model(ROLLING_STATES[state], command=f"abort 8 {stamp}")))
    assert aborted.phase is Phase.ROLLING_BACK


def test_where_the_requests_went_before_is_kept_from_the_first_write_on() -> None:
    s = adopting({"old": 5})
    assert s.route is not None
    original = ({"rule": "predict", "backendRefs": [{"name": "old", "port": 80}]},)
    kept = TrafficStatus.model_validate({"original": original}).original
    s = replace(s, route=replace(s.route, original=kept))

    first = status_of(s, decide(s))
    changed = after(s, decide(s), 1.0, {"8": 100})
    later = status_of(changed, decide(changed))
    gone = replace(changed, model=_deleted(changed))

    assert first.traffic is not None
    assert later.traffic is not None
    assert first.traffic.original == later.traffic.original == kept
    ending = status_of(gone, decide(gone)).traffic
    assert ending is not None
    assert ending.original == kept


@pytest.mark.parametrize(
    ("ready", "waited", "early", "overdue"),
    [
        (1, timedelta(0), False, False),
        (0, timedelta(0), True, False),
        (0, RESTORE_WITHIN, False, True),
        (None, timedelta(0), False, False),
    ],
)
def test_a_deletion_waits_for_the_adopted_service_but_not_for_ever(
    ready: int | None,
    waited: timedelta,
    early: bool,  # noqa: FBT001  - a table's column
    overdue: bool,  # noqa: FBT001  - likewise
) -> None:
    s = _gone(ready, waited)

    assert (is_too_early(s), is_overdue(s)) == (early, overdue)
    assert [n.reason for n in decide(s).notices] == (["RestoreWaits"] if early else [])


def test_a_deletion_of_a_model_that_took_nothing_waits_for_nobody() -> None:
    assert not is_too_early(_gone(0, timedelta(0), took=False))


def test_a_person_may_skip_the_giving_back() -> None:
    s = _gone(0, timedelta(0))
    meta = s.model.metadata.model_copy(
        update={"annotations": {"knowngood.dev/skip-restore": "true"}}
    )

    assert not is_left_as_it_is(s)
    assert is_left_as_it_is(replace(s, model=s.model.model_copy(update={"metadata": meta})))


def _gone(ready: int | None, waited: timedelta, *, took: bool = True) -> Situation:
    state = STATES["at rest"]
    s = a_situation(state, model=a_model(state, traffic=REF), route=programmed(state.weights))
    kept = TrafficStatus.model_validate({"original": [{"rule": "predict"}] if took else []})
    status = s.model.status.model_copy(update={"traffic": kept})  # type: ignore[union-attr]  # it has one
    s = replace(s, now=NOW + waited, adopted_ready=ready)
    return replace(s, model=_deleted(s).model_copy(update={"status": status}))


def _deleted(s: Situation) -> Any:
    meta = s.model.metadata.model_copy(update={"deletion_timestamp": NOW})
    return s.model.model_copy(update={"metadata": meta})


def test_a_first_version_that_answers_is_not_replaced_unjudged_while_a_gateway_is_awaited() -> None:
    """One of two gateways never takes the route over, and users are answered through the other one."""
    state = STATES["first version gets the traffic"]
    route = replace(programmed({"8": 100}), programmed=False)
    s = replace(
        a_situation(state, model=a_model(state, desired="9"), route=route), ready={"8": 2, "9": 2}
    )

    plan = decide(s)

    assert plan.phase is Phase.INITIALIZING
    assert plan.rollout is not None
    assert (plan.rollout.version, plan.shares) == ("8", {"8": 100})


def test_a_first_version_without_a_pod_is_replaced_by_the_next_one() -> None:
    state = STATES["first version gets the traffic"]
    s = replace(a_situation(state, model=a_model(state, desired="9")), ready={"8": 0, "9": 2})

    plan = decide(s)

    assert plan.rollout is not None
    assert plan.rollout.version == "9"
