"""What was shown is written down once, and what triggers said when a step was passed."""

from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import PolicyMode, RolloutStatus, VerdictKind
from knowngood.decisions.plan import Plan
from knowngood.decisions.records import version_status
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from knowngood.decisions.trigger_views import TriggerView
from tests.decisions.situations import BLIND, a_record, a_situation, a_trigger
from tests.decisions.states import NOW, STATES

SHOWN = a_trigger(VerdictKind.HEALTHY, shown=True)
NOT_SHOWN = a_trigger(VerdictKind.INCONCLUSIVE, shown=False)


def rollout_of(plan: Plan) -> RolloutStatus:
    assert plan.rollout is not None
    return plan.rollout


def afterwards(s: Situation, plan: Plan, *triggers: TriggerView) -> Situation:
    model = s.model.model_copy(update={"status": status_of(s, plan)})
    return replace(s, model=model, triggers=triggers)


def test_proof_is_written_down_and_told_when_it_is_there() -> None:
    s = a_situation(STATES["pausing"], triggers=(SHOWN,))
    plan = decide(s)

    (proof,) = rollout_of(plan).proofs
    assert (proof.trigger, proof.policy, proof.shown_at) == ("errors", "lending", NOW)
    assert proof.evidence is not None
    assert (proof.evidence.statistic, proof.evidence.limit) == ("30", "20")
    assert proof.evidence.guarantee == "5 %"
    assert [n.reason for n in plan.notices] == ["NonInferior"]


def test_it_is_written_once_whatever_the_numbers_are_later() -> None:
    s = a_situation(STATES["pausing"], triggers=(SHOWN,))
    first = decide(s)
    more = replace(SHOWN, verdict=replace(SHOWN.verdict, message="other numbers"))
    second = decide(afterwards(s, first, more))

    assert rollout_of(second).proofs == rollout_of(first).proofs
    assert second.notices == ()


STAYS = [
    *(pytest.param((a_trigger(kind),), id=kind) for kind in BLIND),
    pytest.param((a_trigger(VerdictKind.INCONCLUSIVE, reason="Replaying"),), id="a new leader"),
    pytest.param((), id="nobody looks"),
]


@pytest.mark.parametrize("triggers", STAYS)
def test_it_stays_while_nothing_can_be_said(triggers: tuple[TriggerView, ...]) -> None:
    s = a_situation(STATES["pausing"], triggers=(SHOWN,))
    first = decide(s)
    asking = tuple(replace(t, asks=True) for t in triggers)

    assert rollout_of(decide(afterwards(s, first, *asking))).proofs == rollout_of(first).proofs


def test_it_goes_when_another_test_has_shown_nothing() -> None:
    s = a_situation(STATES["pausing"], triggers=(SHOWN,))

    assert rollout_of(decide(afterwards(s, decide(s), NOT_SHOWN))).proofs == ()


@pytest.mark.parametrize("kind", [k for k in VerdictKind if k is not VerdictKind.HEALTHY])
def test_only_a_healthy_version_is_told_to_be_shown(kind: VerdictKind) -> None:
    plan = decide(a_situation(STATES["pausing"], triggers=(a_trigger(kind, shown=True),)))

    assert rollout_of(plan).proofs == ()


def test_what_triggers_said_is_written_down_when_a_step_is_passed() -> None:
    s = a_situation(STATES["pause is over"], triggers=(SHOWN,))

    (said,) = rollout_of(decide(s)).passed
    assert (said.trigger, said.verdict, said.at) == ("errors", VerdictKind.HEALTHY, NOW)
    assert said.message == "the verdict is Healthy"


def test_what_a_policy_that_observes_would_have_done_is_written_down_beside_what_acts() -> None:
    observing = (
        a_trigger(VerdictKind.BREACHED, mode=PolicyMode.OBSERVE, name="approvals"),
        a_trigger(VerdictKind.HEALTHY, mode=PolicyMode.OBSERVE, name="latency"),
    )
    s = a_situation(STATES["pause is over"], triggers=(*observing, SHOWN))

    said = rollout_of(decide(s)).passed
    assert [(p.trigger, p.verdict) for p in said] == [
        ("errors", VerdictKind.HEALTHY),
        ("approvals", VerdictKind.BREACHED),
        ("latency", VerdictKind.HEALTHY),
    ]
    assert said[1].message == "it only observes, and would act: the verdict is Breached"
    assert said[2].message == "it only observes, and holds nothing up: the verdict is Healthy"


def test_the_record_of_a_promoted_version_says_on_what_it_was_promoted() -> None:
    gate = a_situation(STATES["at the gate"], triggers=(SHOWN,))
    promoting = decide(gate)
    assert [p.trigger for p in rollout_of(promoting).passed] == ["errors"]

    seen = a_situation(STATES["promoted, not seen yet"])
    model = seen.model
    assert model.status is not None
    assert model.status.rollout is not None
    passed = rollout_of(promoting).passed
    rollout = model.status.rollout.model_copy(update={"passed": passed})
    status = model.status.model_copy(update={"rollout": rollout})
    s = replace(seen, model=model.model_copy(update={"status": status}))
    plan = decide(s)

    assert version_status(s, plan, a_record("8")).promoted_on == passed
