"""Requests by which people try a canary: when they go to it, and when they do not any more."""

from dataclasses import replace
from typing import Any

import pytest

from knowngood.api.v1alpha1 import Phase, VerdictKind
from knowngood.decisions.edits import steps_digest
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation, a_trigger, programmed
from tests.decisions.states import State

STEPS = [{"pause": {}}, {"setWeight": 50}]
TRIAL = {"header": "X-Preview", "value": "canary", "metrics": "Excluded"}
WAITS = State(Phase.PAUSED, canary="8", weights={"7": 100, "8": 0}, step=0)
TRIED = replace(programmed(WAITS.weights), tested=frozenset({"8"}))


def situation(
    state: State = WAITS,
    *,
    tested: bool = False,
    trial: Any = TRIAL,
    desired: str = "8",
    **rest: Any,
) -> Situation:
    model = a_model(state, desired=desired, rollout={"steps": STEPS})
    spec = model.spec.model_dump(by_alias=True, exclude_none=True)
    if trial is not None:
        spec["traffic"]["testTraffic"] = trial
    status = model.status
    assert status is not None
    assert status.rollout is not None
    s = a_situation(state, **rest)
    done = steps_digest(s.steps[: status.rollout.step])
    rollout = status.rollout.model_copy(update={"done": done, "tested": tested or None})
    body = {
        **model.model_dump(by_alias=True, exclude_none=True),
        "spec": spec,
        "status": status.model_copy(update={"rollout": rollout}).wire(),
    }
    return replace(s, model=type(model).model_validate(body))


def test_a_canary_can_be_tried_before_its_first_share() -> None:
    plan = decide(situation())

    assert plan.tested == "8"
    assert plan.shares == {"7": 100, "8": 0}
    assert [n.reason for n in plan.notices if n.reason == "TrialBegun"] == ["TrialBegun"]


def test_it_is_no_evidence_and_no_trial_by_users() -> None:
    plan = decide(situation())

    assert plan.rollout is not None
    assert plan.rollout.evidence_since is None
    assert plan.standings == ()


@pytest.mark.parametrize(
    "s",
    [
        pytest.param(situation(trial=None), id="nobody asked for it"),
        pytest.param(situation(ready={"7": 2, "8": 0}), id="no pod is ready"),
        pytest.param(situation(route=programmed({"7": 100})), id="the gateway does not know it"),
    ],
)
def test_nothing_is_sent_to_a_canary_that_can_not_answer(s: Situation) -> None:
    assert decide(s).tested == ""


@pytest.mark.parametrize(
    "s",
    [
        pytest.param(
            situation(tested=True, route=TRIED, trial=None), id="nobody wants it any more"
        ),
        pytest.param(
            situation(tested=True, route=TRIED, ready={"7": 2, "8": 0}), id="its pods are gone"
        ),
        pytest.param(situation(tested=True, route=TRIED, desired="9"), id="another one is wanted"),
        pytest.param(
            situation(tested=True, route=TRIED, triggers=(a_trigger(VerdictKind.BREACHED),)),
            id="it is breached",
        ),
    ],
)
def test_it_ends_in_the_write_that_takes_the_version_away(s: Situation) -> None:
    plan = decide(s)

    assert plan.tested == ""
    assert all(not b.tested for b in (status_of(s, plan).traffic or _none()).backends)


def _none() -> Any:
    raise AssertionError("there is no traffic")


def test_back_is_only_reached_once_nobody_can_try_it_any_more() -> None:
    going = replace(WAITS, phase=Phase.ROLLING_BACK)

    assert decide(situation(going, tested=True, route=TRIED)).phase is Phase.ROLLING_BACK
    assert decide(situation(going, tested=True)).phase is Phase.ROLLED_BACK


def test_the_status_tells_who_is_tried() -> None:
    s = situation()
    status = status_of(s, decide(s))

    assert status.traffic is not None
    assert {b.version: b.tested for b in status.traffic.backends} == {"7": None, "8": True}
    assert [c.status for c in status.conditions if c.type == "RouteProgrammed"] == ["False"]


def test_a_rule_that_somebody_takes_out_is_put_back() -> None:
    s = situation()
    begun = replace(s, model=s.model.model_copy(update={"status": status_of(s, decide(s))}))
    seen = replace(begun, route=TRIED)
    written = replace(
        seen, model=s.model.model_copy(update={"status": status_of(seen, decide(seen))})
    )

    plan = decide(replace(written, route=programmed(WAITS.weights)))

    assert [n.reason for n in plan.notices] == ["RouteDrifted"]
    assert "it gives 100 % to 7; asked for was 100 % to 7, trial requests to 8" in (
        plan.notices[0].message
    )
    assert plan.tested == "8"
