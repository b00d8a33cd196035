"""A canary without a ready pod answers nobody, and not for ever."""

from dataclasses import replace
from datetime import timedelta

from knowngood.api.v1alpha1 import FailureReason, Phase, VerdictKind
from knowngood.decisions.leaving import WITHDRAWALS
from knowngood.decisions.plan import Plan
from knowngood.decisions.reporting import status_of
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_situation, a_trigger, programmed
from tests.decisions.states import NOW, STATES

GONE = {"7": 2, "8": 0}
BACK = {"7": 2, "8": 2}


def a_flapping_canary() -> list[Plan]:
    """All pods of a canary go and come, ten times; the plans of the moments at which they are gone."""
    s = a_situation(STATES["pausing"])
    taken = []
    for second in range(1, 200):
        ready = GONE if second % 20 == 0 else BACK
        s = replace(s, ready=ready, now=NOW + timedelta(seconds=second))
        plan = decide(s)
        if ready is GONE and plan.shares.get("8", 0) == 0:
            taken.append(plan)
        model = s.model.model_copy(update={"status": status_of(s, plan)})
        s = replace(s, model=model, route=programmed(plan.weights))
    return taken


def test_a_canary_whose_pods_come_and_go_is_taken_back_after_three_times() -> None:
    plans = a_flapping_canary()
    phases = [plan.phase for plan in plans]

    assert phases[: WITHDRAWALS + 1] == [*[Phase.PROGRESSING] * WITHDRAWALS, Phase.ROLLING_BACK]
    rollout = plans[WITHDRAWALS].rollout
    assert rollout is not None
    assert rollout.failure is not None
    assert rollout.failure.reason is FailureReason.ENDPOINTS_LOST
    assert "had no ready pod 4 times" in rollout.failure.message
    assert plans[WITHDRAWALS].incident


def test_what_happened_in_an_earlier_rollout_does_not_count() -> None:
    s = a_situation(STATES["at rest"])

    assert decide(s).rollout.withdrawals == 0  # type: ignore[union-attr]  # it has just begun


def test_a_canary_without_a_pod_loses_its_requests_also_where_both_versions_are_breached() -> None:
    """Going back is no remedy for what both fail at; but nobody is sent to where nobody answers."""
    trigger = a_trigger(VerdictKind.BREACHED, stable_breached=True)
    s = replace(a_situation(STATES["pausing"], triggers=(trigger,)), ready=GONE)

    plan = decide(s)

    assert plan.shares == {"7": 100, "8": 0}
    assert plan.phase is Phase.PROGRESSING
