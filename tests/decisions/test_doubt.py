"""Claims about pauses that end on proof or in doubt, held against the walk."""

from datetime import timedelta

import pytest

from knowngood.api.v1alpha1 import FailureReason, OnInconclusive
from knowngood.decisions.phases import ROLLING
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import ActionKind
from tests.decisions.walking import before, chosen, is_bad_or_unseen, offenders, phase_of, walked

pytestmark = pytest.mark.xdist_group("walk")  # so that no more than one process walks


MOST = timedelta(minutes=30)


def test_doubt_goes_on_or_back_only_where_the_spec_says_so() -> None:
    """And never before the pause is as long as it may be, nor over what is breached or unseen."""

    def said(s: Situation, plan: Plan) -> bool:
        told = {n.reason for n in plan.notices}
        failure = plan.rollout.failure if plan.rollout else None
        back = failure is not None and failure.reason is FailureReason.INCONCLUSIVE
        on = "WentOnUnproved" in told
        late = before(s).rollout is not None and s.now - before(s).rollout.step_started_at > MOST  # type: ignore[union-attr]  # asked just before
        wanted = (not on or chosen(s) is OnInconclusive.PROMOTE) and (
            not back or chosen(s) is OnInconclusive.ABORT
        )
        return wanted and (late or not (on or back)) and not (on and is_bad_or_unseen(s))

    assert offenders(said) == []
    told = [n.reason for _, plan in walked() for n in plan.notices]
    assert {"WentOnUnproved", "PauseOverdue"} <= set(told)


def test_a_gate_never_takes_a_version_back() -> None:
    def kept(s: Situation, plan: Plan) -> bool:
        failure = plan.rollout.failure if plan.rollout else None
        gates = all(t.action is ActionKind.GATE for t in s.triggers)
        breached = failure is not None and failure.reason is FailureReason.BREACHED
        return not (gates and breached and phase_of(s) in ROLLING)

    assert offenders(kept) == []


def test_no_pause_ends_without_the_proof_that_is_asked_for() -> None:
    def proved(s: Situation, plan: Plan) -> bool:
        rollout = before(s).rollout
        if rollout is None or rollout.step != 1 or plan.rollout is None or plan.rollout.step <= 1:
            return True
        doubted = any(n.reason == "WentOnUnproved" for n in plan.notices)
        missing = any(t.acts and t.critical and t.unproved for t in s.triggers)
        return doubted or not missing or bool(s.model.metadata.annotations)

    assert offenders(proved) == []
