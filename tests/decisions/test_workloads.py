from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import CanaryReplicas, RouteOverride, Share
from knowngood.decisions.planned import plan_of
from knowngood.decisions.reporting import status_of
from knowngood.decisions.sizing import canary_pods
from knowngood.decisions.transition import decide
from knowngood.decisions.workloads import replicas_wanted
from tests.decisions.situations import a_model, a_situation, programmed
from tests.decisions.states import NOW, STATES

PROPORTIONAL, MATCH = CanaryReplicas.PROPORTIONAL, CanaryReplicas.MATCH


@pytest.mark.parametrize(
    ("replicas", "weight", "sizing", "pods"),
    [
        pytest.param(3, 5, PROPORTIONAL, 1, id="at least one"),
        pytest.param(10, 25, PROPORTIONAL, 3, id="rounded up"),
        pytest.param(4, 50, PROPORTIONAL, 2, id="half"),
        pytest.param(3, 100, PROPORTIONAL, 3, id="all"),
        pytest.param(3, 5, MATCH, 3, id="as many as stable"),
        pytest.param(3, 0, MATCH, 0, id="no share, no pods"),
        pytest.param(0, 50, PROPORTIONAL, 0, id="a model at zero"),
    ],
)
def test_pods_of_a_canary(replicas: int, weight: int, sizing: CanaryReplicas, pods: int) -> None:
    assert canary_pods(replicas, weight, sizing) == pods


@pytest.mark.parametrize(
    ("weights", "pods"), [({"7": 30, "8": 70}, 7), ({"7": 1, "8": 3}, 8), ({"7": 99, "8": 1}, 1)]
)
def test_a_canary_has_pods_for_the_share_that_a_person_gives_it(
    weights: dict[str, int], pods: int
) -> None:
    state = STATES["pausing"]  # 10 % of the requests, one pod of ten
    shares = tuple(Share(version=v, weight=w) for v, w in weights.items())
    s = a_situation(state, model=a_model(state, replicas=10))
    plan = replace(plan_of(s.model), override=RouteOverride(weights=shares, since=NOW))

    assert replicas_wanted(s, plan)["8"] == pods


@pytest.mark.parametrize(("seen", "pods"), [({"7": 90, "8": 10}, None), ({"7": 100, "8": 0}, 0)])
def test_a_canary_that_loses_its_share_keeps_its_pods_until_the_gateway_sends_nobody_there(
    seen: dict[str, int], pods: int | None
) -> None:
    """Another version is wanted at a pause."""
    state = STATES["pausing"]
    s = a_situation(state, model=a_model(state, desired="9"), route=programmed(seen))
    plan = decide(a_situation(state, model=a_model(state, desired="9")))
    assert plan.shares == {"7": 100, "8": 0}

    assert replicas_wanted(s, plan)["8"] == pods


@given(st.integers(1, 1000), st.integers(1, 100), st.sampled_from(CanaryReplicas))
def test_a_canary_has_pods_for_its_share_and_never_more_than_stable(
    replicas: int, weight: int, sizing: CanaryReplicas
) -> None:
    pods = canary_pods(replicas, weight, sizing)

    assert pods * 100 >= replicas * weight
    assert 1 <= pods <= replicas


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        pytest.param("new", {}, id="nothing runs yet"),
        pytest.param("first version starts", {"8": 4, "bad": 0}, id="the first one has all pods"),
        pytest.param("at rest", {"7": 4, "bad": 0}, id="only the stable one"),
        pytest.param(
            "at rest, draining", {"7": 4, "6": None, "bad": 0}, id="draining is left alone"
        ),
        pytest.param("no share yet", {"7": 4, "8": 1, "bad": 0}, id="pods before the first share"),
        pytest.param(
            "larger share wanted", {"7": 4, "6": None, "8": 2, "bad": 0}, id="pods before more"
        ),
        pytest.param("waiting for a person", {"7": 4, "8": 2, "bad": 0}, id="pods of a pause"),
        pytest.param("promoting", {"7": 4, "8": 4, "bad": 0}, id="all pods before all requests"),
        pytest.param(
            "rolling back", {"7": 4, "8": None, "bad": 0}, id="kept until the share is gone"
        ),
        pytest.param("rolled back", {"7": 4, "8": None, "bad": 0}, id="kept while it drains"),
    ],
)
def test_pods_by_version(state: str, wanted: dict[str, int | None]) -> None:
    given_state = STATES[state]
    s = a_situation(given_state, model=a_model(given_state, replicas=4))

    assert replicas_wanted(s, plan_of(s.model)) == wanted


def test_pods_are_never_taken_from_a_version_with_a_share() -> None:
    for state in STATES.values():
        s = a_situation(state, model=a_model(state, replicas=4))
        plan = plan_of(s.model)
        needed = {v: canary_pods(4, w, PROPORTIONAL) for v, w in plan.shares.items() if w}

        kept = replicas_wanted(s, plan)

        assert all(kept[v] is None or kept[v] >= n for v, n in needed.items()), state  # type: ignore[operator]  # None is sorted out before


def test_a_rejected_version_that_may_be_answering_keeps_its_pods() -> None:
    """Others route to it, or the status that told of its share was lost."""
    for s in (
        replace(a_situation(STATES["at rest"]), route=None),
        a_situation(STATES["status lost"], route=programmed({"bad": 100})),
    ):
        assert replicas_wanted(s, plan_of(s.model))["bad"] is None


def test_an_autoscaler_is_told_how_many_pods_of_the_stable_version_are_ready() -> None:
    """Those that were asked for and do not start share no work."""
    state = STATES["pausing"]
    s = a_situation(state, model=a_model(state, replicas=4), ready={"7": 1, "8": 2})

    assert status_of(s, decide(s)).replicas == 1
