"""What people delete and edit under a rollout gives no version requests that it would not have had."""

from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import FailureReason, Phase, PolicyMode, VerdictKind, WaitingFor
from knowngood.decisions.situation import Situation, TriggerView
from knowngood.decisions.transition import decide
from tests.decisions.situations import NOW, STANDINGS, STATES, a_model, a_situation, a_trigger
from tests.decisions.walking import before


def a_rejection(version: str = "8", reason: FailureReason = FailureReason.BREACHED) -> Situation:
    """Version 8 went back, and then somebody deleted its record."""
    back = replace(STATES["rolled back"], failed=reason)
    without = {v: standing for v, standing in STANDINGS.items() if v != "8"}
    return a_situation(back, standings=without, model=a_model(back, desired=version))


def test_a_rejected_version_whose_record_was_deleted_is_not_tried_again_by_itself() -> None:
    s = a_rejection()
    again = a_model(STATES["rolled back"], command=f"retry 8 {NOW:%Y-%m-%dT%H:%M:%SZ}")

    assert decide(s).phase is Phase.ROLLED_BACK
    assert decide(replace(s, digest="v1:sha256:" + "1" * 64)).canary == "8"
    assert decide(a_rejection(reason=FailureReason.SUPERSEDED)).canary == "8"
    assert decide(a_rejection("9")).canary == "9"
    assert decide(replace(s, model=again)).canary == "8"


def test_steps_that_were_edited_promote_no_version_that_answered_nobody() -> None:
    shorter = [{"setWeight": 10}]
    state = replace(STATES["no share yet"], step=2, phase=Phase.PAUSED)
    s = a_situation(state, model=a_model(state, rollout={"steps": shorter}))

    plan = decide(s)

    assert (plan.phase, plan.shares) == (Phase.PROGRESSING, {"7": 100, "8": 0})
    assert plan.rollout is not None
    assert plan.rollout.step == 0


def a_watched_rollout(state: str, *triggers: TriggerView, command: str = "") -> Situation:
    """A policy in mode Act watched it; `triggers` are those that are left."""
    s = a_situation(STATES[state], triggers=triggers, model=a_model(STATES[state], command=command))
    status = s.model.status
    assert status is not None
    assert status.rollout is not None
    rollout = status.rollout.model_copy(update={"guarded": True})
    model = s.model.model_copy(update={"status": status.model_copy(update={"rollout": rollout})})
    return replace(s, model=model)


@pytest.mark.parametrize("state", ["pause is over", "at the gate"])
def test_a_version_whose_policy_was_taken_away_waits_for_a_person(state: str) -> None:
    observed = a_trigger(VerdictKind.HEALTHY, mode=PolicyMode.OBSERVE)
    step = before(a_watched_rollout(state)).rollout.step  # type: ignore[union-attr]  # it is rolled out

    for left in ((), (observed,)):
        plan = decide(a_watched_rollout(state, *left))
        assert plan.rollout is not None
        assert (plan.phase, plan.rollout.step) == (Phase.PAUSED, step)
        assert plan.rollout.waiting_for is WaitingFor.PERSON
        assert [n.reason for n in plan.notices] == ["LeftAlone"]

    on = [
        decide(a_watched_rollout(state, a_trigger(VerdictKind.HEALTHY))),
        decide(a_watched_rollout(state, command=f"promote 8 {NOW:%Y-%m-%dT%H:%M:%SZ}")),
        decide(a_situation(STATES[state])),
    ]
    assert all(
        (p.rollout is not None and p.rollout.step == step + 1) or p.phase is Phase.PROMOTING
        for p in on
    )


def test_a_rollout_remembers_that_a_policy_watched_it() -> None:
    watched = decide(
        a_situation(STATES["pausing"], triggers=(a_trigger(VerdictKind.INCONCLUSIVE),))
    )
    observed = a_trigger(VerdictKind.INCONCLUSIVE, mode=PolicyMode.OBSERVE)

    assert watched.rollout is not None
    assert watched.rollout.guarded
    unwatched = decide(a_situation(STATES["pausing"], triggers=(observed,)))
    assert unwatched.rollout is not None
    assert not unwatched.rollout.guarded
