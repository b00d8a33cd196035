"""A status that was lost gives nobody requests that they did not have."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import Phase, Standing, Transition
from knowngood.decisions.naming import STANDING_LABEL
from knowngood.decisions.records import version_status
from knowngood.decisions.situation import RouteView, Situation, SpecProblem
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_record, a_situation, programmed
from tests.decisions.states import NOW, STATES

SERVED = {"7": Standing.PROBATION, "8": Standing.TRIAL}


def lost(
    weights: Mapping[str, int] | None,
    standings: Mapping[str, Standing | None] = SERVED,
    *,
    desired: str = "8",
    ready: Mapping[str, int] | None = None,
) -> Situation:
    state = STATES["status lost"]
    return a_situation(
        state,
        model=a_model(state, desired=desired),
        standings=standings,
        route=programmed(weights),
        ready=ready,
    )


def test_a_rollout_whose_state_is_lost_is_withdrawn_or_held() -> None:
    gone = a_situation(STATES["state lost"])

    back, held = decide(gone), decide(replace(gone, ready={"7": 0, "8": 2}))

    assert (back.phase, back.shares) == (Phase.ROLLING_BACK, {"7": 100, "8": 0})
    assert held.shares == {"7": 50, "8": 50}
    assert held.blocked is not None
    assert held.blocked.reason == "StateLost"


@pytest.mark.parametrize("desired", ["7", "8", "9"])
@pytest.mark.parametrize("weights", [{"7": 100}, {"7": 99, "8": 1}, {"7": 100, "8": 0}, None])
def test_the_version_that_answers_is_the_stable_one_whatever_is_wanted(
    desired: str, weights: Mapping[str, int] | None
) -> None:
    """Also a version that was never recorded, and one that is refused: neither is the first one."""
    s = lost(weights, desired=desired)
    for problem in (None, SpecProblem("TemplateInvalid", "no such field")):
        plan = decide(replace(s, problem=problem))

        assert (plan.phase, plan.stable) == (Phase.PROBATION, "7")
        assert {v: w for v, w in plan.shares.items() if w} == {"7": 100}
        assert {d.version for d in plan.draining} == set(weights or {}) - {"7"}
        assert "StateRebuilt" in {n.reason for n in plan.notices}


def test_a_model_without_a_route_of_ours_is_rebuilt_from_its_records() -> None:
    watched = replace(lost(None, desired="9"), route=None)

    assert decide(watched).stable == "7"


BAD = {"7": Standing.PROBATION, "8": Standing.REJECTED}
TWO = {"7": Standing.PROBATION, "8": Standing.PROBATION}
UNKNOWN = {"somebody-elses": 100}


@pytest.mark.parametrize(
    "s",
    [
        pytest.param(lost({"7": 50, "8": 50}), id="two answer"),
        pytest.param(lost({"7": 98, "8": 2}), id="nearly all is 99 percent"),
        pytest.param(lost({"7": 0, "8": 100}, BAD), id="a rejected one answers"),
        pytest.param(lost({"7": 100}, ready={"7": 0, "8": 2}), id="it is not ready"),
        pytest.param(lost(None, TWO), id="no route, and two that have answered"),
        pytest.param(lost(None, {"8": Standing.REJECTED}), id="no route, and none that has"),
        pytest.param(lost(UNKNOWN), id="somebody else's Service"),
    ],
)
def test_where_it_is_not_plain_who_answers_nothing_moves(s: Situation) -> None:
    plan = decide(s)

    assert (plan.phase, plan.weights, plan.standings) == (Phase.PENDING, None, ())
    assert plan.blocked is not None
    assert plan.blocked.reason == "StateLost"
    assert [n.reason for n in plan.notices] == ["StateLost"]


@pytest.mark.parametrize("standing", [None, *Standing])
def test_only_a_model_that_never_had_a_state_gets_a_first_version(
    standing: Standing | None,
) -> None:
    plan = decide(lost(None, {"8": standing}, ready={"8": 0}))

    first = standing in {None, Standing.CANDIDATE}
    assert plan.phase is (Phase.INITIALIZING if first else Phase.PENDING)


@pytest.mark.parametrize(
    "stood", [Standing.TRIAL, Standing.REJECTED, Standing.SUPERSEDED, Standing.RETIRED]
)
def test_a_version_that_is_tried_again_is_no_first_version(stood: Standing) -> None:
    s = lost(None, {"8": Standing.CANDIDATE}, ready={"8": 2})
    passed = tuple(
        Transition(standing=standing, time=NOW, reason="Because")
        for standing in (stood, Standing.CANDIDATE)
    )
    status = s.versions["8"].status
    assert status is not None
    record = s.versions["8"].model_copy(
        update={"status": status.model_copy(update={"transitions": passed})}
    )

    assert decide(replace(s, versions={"8": record})).phase is Phase.PENDING


@pytest.mark.parametrize(
    ("label", "stands"),
    [*((s.value, s) for s in Standing if s != "KnownGood"), ("KnownGood", Standing.PROBATION)],
)
def test_a_record_whose_status_was_lost_stands_where_its_label_says(
    label: str, stands: Standing
) -> None:
    """A label is no proof that a version is known to be good."""
    record = a_record("8")
    meta = record.metadata.model_copy(update={"labels": {STANDING_LABEL: label}})
    record = record.model_copy(update={"metadata": meta})
    s = replace(lost({"7": 100}), versions={"7": a_record("7", Standing.PROBATION), "8": record})

    assert s.standing_of("8") is stands
    assert version_status(s, decide(s), record).standing is stands


def test_a_label_that_nobody_knows_is_none() -> None:
    record = a_record("8")
    meta = record.metadata.model_copy(update={"labels": {STANDING_LABEL: "Splendid"}})
    s = replace(lost(None), versions={"8": record.model_copy(update={"metadata": meta})})

    assert s.standing_of("8") is None
    assert isinstance(s.route, RouteView)
