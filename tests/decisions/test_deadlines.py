"""A deadline runs from the beginning of the wait that it is about, and is asked after a look."""

from dataclasses import replace
from datetime import timedelta

from knowngood.api.v1alpha1 import Phase, Severity, VerdictKind, WaitingFor
from knowngood.decisions.records import template_problem
from knowngood.decisions.situation import RouteView, Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation, a_trigger
from tests.decisions.states import NOW, STATES, State

LONG = timedelta(hours=2)


def test_pods_that_came_while_nobody_looked_are_no_failure() -> None:
    late = replace(STATES["promoting"], age=LONG)

    plan = decide(a_situation(late, ready={"7": 2, "8": 2}))

    assert plan.phase is Phase.PROMOTING
    assert plan.shares == {"7": 0, "8": 100}


def test_a_promotion_that_was_programmed_while_nobody_looked_is_done() -> None:
    assert decide(a_situation(replace(STATES["promoted, not seen yet"], age=LONG))).stable == "8"


def test_hours_without_data_are_not_held_against_the_pods_that_are_awaited_next() -> None:
    state = State(
        Phase.PAUSED,
        canary="8",
        weights={"7": 90, "8": 10},
        step=2,
        waiting=WaitingFor.DATA,
        age=LONG,
    )
    model = a_model(state, replicas=20)

    plan = decide(a_situation(state, model=model, ready={"7": 20, "8": 2}))

    assert plan.phase is Phase.PROGRESSING
    assert plan.rollout is not None
    assert plan.rollout.waiting_for is WaitingFor.PODS
    assert plan.rollout.waiting_since == NOW


def test_another_wanted_version_late_in_a_pause_rejects_nothing() -> None:
    state = replace(STATES["waiting for a person"], age=LONG)
    wanted = a_model(state, desired="9")
    first = a_situation(state, model=wanted, route=RouteView({"7": 50, "8": 50}, programmed=True))

    asked = decide(first)
    told = wanted.status
    assert told is not None
    after = wanted.model_copy(update={"status": told.model_copy(update={"rollout": asked.rollout})})
    plan = decide(replace(first, model=after, now=NOW + timedelta(milliseconds=100)))

    assert asked.shares == {"7": 100, "8": 0}
    assert plan.phase is not Phase.ROLLING_BACK
    assert plan.rollout is not None
    assert plan.rollout.failure is None


def test_a_model_scaled_to_nothing_waits_and_rejects_nothing() -> None:
    state = replace(STATES["no share yet"], age=LONG)

    plan = decide(a_situation(state, model=a_model(state, replicas=0), ready={"7": 0, "8": 0}))

    assert plan.phase is Phase.PROGRESSING
    assert plan.rollout is not None
    assert plan.rollout.waiting_for is WaitingFor.NONE


def both_and_one() -> Situation:
    masks = a_trigger(
        VerdictKind.BREACHED, severity=Severity.CRITICAL, stable_breached=True, name="limit"
    )
    proves = a_trigger(VerdictKind.BREACHED, severity=Severity.LOW, name="compared")
    return a_situation(STATES["pausing"], triggers=(masks, proves))


def test_a_breach_that_both_versions_share_hides_none_that_only_the_canary_has() -> None:
    plan = decide(both_and_one())

    assert plan.phase is Phase.ROLLING_BACK
    assert plan.rollout is not None
    assert plan.rollout.failure is not None
    assert plan.rollout.failure.trigger == "compared"


def test_an_incident_of_an_earlier_model_keeps_its_number() -> None:
    s = a_situation(STATES["pausing"], triggers=(a_trigger(VerdictKind.BREACHED),))

    plan = decide(replace(s, incidents_taken=4))

    assert (plan.incidents, plan.incident) == (5, "loan-5")


def test_a_template_of_odd_shapes_is_a_problem_and_no_crash() -> None:
    for template in ({"metadata": "x"}, {"spec": ["x"]}, {"metadata": {"labels": "x"}}):
        problem = template_problem(template, 20)

        assert problem is not None
        assert problem.reason == "TemplateInvalid"


def test_all_pods_are_there_before_all_requests_are() -> None:
    """Promoted at once to one pod of two, half of the requests would wait in vain."""
    s = replace(a_situation(STATES["promoting"]), ready={"7": 2, "8": 1})

    plan = decide(s)

    assert plan.rollout is not None
    assert plan.rollout.waiting_for is WaitingFor.PODS
    assert (plan.phase, dict(plan.shares)) == (Phase.PROMOTING, {"7": 50, "8": 50})
