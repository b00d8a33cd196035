"""Which shares a canary was given: noted when asked for or found, and when seen; the next process reads it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from knowngood.api.v1alpha1 import DeploymentStatus, GivenWeight, RolloutStatus
from knowngood.decisions.giving import KEPT, with_given
from knowngood.decisions.planned import plan_of
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import RouteView, Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation, programmed
from tests.decisions.states import NOW, STATES

PAUSING = STATES["pausing"]
LATER = NOW + timedelta(seconds=3)


def given(s: Situation) -> tuple[GivenWeight, ...]:
    rollout = status_of(s, decide(s)).rollout
    assert rollout is not None
    return tuple(rollout.weights)


def having(s: Situation, *weights: GivenWeight) -> Situation:
    status = s.model.status
    assert status is not None
    assert status.rollout is not None
    return put(s, status, status.rollout.model_copy(update={"weights": weights}))


def put(s: Situation, status: DeploymentStatus, rollout: RolloutStatus) -> Situation:
    after = status.model_copy(update={"rollout": rollout})
    return replace(s, model=s.model.model_copy(update={"status": after}))


def unprogrammed(weights: Mapping[str, int]) -> RouteView:
    return replace(programmed(weights), programmed=False)


def test_a_share_is_noted_when_it_is_asked_for_and_again_when_it_is_seen() -> None:
    asked = a_situation(PAUSING, route=unprogrammed({"7": 100, "8": 0}))
    noted = given(asked)

    assert noted == (GivenWeight(weight=10, since=NOW),)

    seen = replace(having(a_situation(PAUSING), *noted), now=LATER)
    assert given(seen) == (GivenWeight(weight=10, since=NOW, verified_at=LATER),)


def test_nothing_is_written_while_the_share_stays() -> None:
    known = GivenWeight(weight=10, since=NOW, verified_at=NOW)
    s = replace(having(a_situation(PAUSING), known), now=NOW + timedelta(hours=1))

    assert given(s) == (known,)


def test_where_clients_stay_with_a_version_or_nobody_sees_the_split_nothing_is_known() -> None:
    known = GivenWeight(weight=10, since=NOW, verified_at=NOW)
    model = a_model(PAUSING)
    assert model.spec.traffic is not None
    sticks = model.spec.traffic.model_copy(update={"sticky": True})
    sticky = model.model_copy(update={"spec": model.spec.model_copy(update={"traffic": sticks})})

    assert given(having(a_situation(PAUSING, model=sticky), known)) == ()
    unrouted = replace(having(a_situation(PAUSING), known), route=None)
    assert given(unrouted) == ()


def test_a_share_that_somebody_else_has_put_there_is_noted_as_found() -> None:
    known = GivenWeight(weight=10, since=NOW, verified_at=NOW)
    s = having(a_situation(PAUSING, route=programmed({"7": 40, "8": 60})), known)
    status = s.model.status
    assert status is not None
    assert status.traffic is not None
    traffic = status.traffic.model_copy(update={"written": True, "verified_at": NOW})
    changed = status.model_copy(update={"traffic": traffic})
    s = replace(s, now=LATER, model=s.model.model_copy(update={"status": changed}))

    assert [(w.weight, w.since) for w in given(s)] == [(10, NOW), (60, LATER), (10, LATER)]


def test_the_newest_are_kept() -> None:
    old = tuple(
        GivenWeight(weight=w % 2, since=NOW + timedelta(seconds=w), verified_at=NOW)
        for w in range(KEPT)
    )
    s = having(a_situation(PAUSING), *old)

    kept = with_given(s, plan_of(s.model))

    assert kept is not None
    assert len(kept.weights) == KEPT
    assert kept.weights[0] == old[1]
