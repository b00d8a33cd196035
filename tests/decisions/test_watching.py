"""A rollout whose policy is taken away, or edited into one that does less, asks a person before it goes on."""

from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import (
    DeploymentStatus,
    Phase,
    VerdictKind,
    WaitingFor,
    Watch,
    WatchedBy,
)
from knowngood.decisions.plan import Plan
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation, a_trigger, programmed
from tests.decisions.states import NOW, STATES
from tests.decisions.walking import before

PROMOTE = f"promote 8 {NOW:%Y-%m-%dT%H:%M:%SZ}"
LESS = [
    pytest.param(Watch.PROMOTION, None, id="deleted"),
    pytest.param(Watch.BREACHES, None, id="a value, deleted"),
    pytest.param(Watch.PROMOTION, Watch.BREACHES, id="only a value is left"),
    pytest.param(Watch.PROMOTION, Watch.GATE, id="it takes nothing back any more"),
    pytest.param(Watch.PROOF, Watch.PROMOTION, id="it asks for no proof any more"),
    pytest.param(Watch.PROOF, Watch.GATE_PROOF, id="a gate with proof is left"),
]


TRIGGER = "IncidentPolicy/lending/lending/errors"


def by(does: Watch | None) -> tuple[WatchedBy, ...]:
    return () if does is None else (WatchedBy(trigger=TRIGGER, does=does),)


def now_by(does: Watch | None) -> dict[str, Watch | None]:
    return {} if does is None else {TRIGGER: does}


def a_rollout(
    state: str, was: Watch | None, now: Watch | None, *, command: str = "", desired: str = "8"
) -> Situation:
    """Policies did `was` for it and do `now`; what is left of them has found nothing."""
    model = a_model(STATES[state], command=command, desired=desired)
    status = (model.status or DeploymentStatus()).model_copy(update={"watch": by(was)})
    found = () if now is None else (a_trigger(VerdictKind.HEALTHY),)
    model = model.model_copy(update={"status": status})
    return a_situation(STATES[state], model=model, watch=now_by(now), triggers=found)


def afterwards(s: Situation, plan: Plan) -> Situation:
    """The next look: the plan is written down, the gateway has followed, and the command is still there."""
    model = s.model.model_copy(update={"status": status_of(s, plan)})
    return replace(s, model=model, route=programmed(plan.weights))


@pytest.mark.parametrize(("was", "now"), LESS)
@pytest.mark.parametrize("state", ["pause is over", "at the gate", "larger share wanted"])
def test_a_version_that_is_watched_less_than_before_waits_for_a_person(
    state: str, was: Watch, now: Watch | None
) -> None:
    s = a_rollout(state, was, now)
    plan = decide(s)

    assert plan.rollout is not None
    assert (plan.phase, plan.rollout.step) == (Phase.PAUSED, before(s).rollout.step)  # type: ignore[union-attr]  # it is rolled out
    assert plan.rollout.waiting_for is WaitingFor.PERSON
    assert [n.reason for n in plan.notices] == ["LeftAlone"]
    assert plan.shares == before(s).shares
    said = {c.type: c for c in status_of(s, plan).conditions}
    assert said["Reconciling"].reason == "AwaitingPromotion"
    assert "waits for a person" in said["Ready"].message
    assert f"does less now ({before(s).watch[0].trigger})" in said["Ready"].message


@pytest.mark.parametrize(("was", "now"), LESS)
@pytest.mark.parametrize("state", ["pause is over", "at the gate", "larger share wanted"])
def test_a_person_may_let_it_go_on_and_is_not_asked_again(
    state: str, was: Watch, now: Watch | None
) -> None:
    s = a_rollout(state, was, now, command=PROMOTE)
    seen = []
    for _ in range(4):
        plan = decide(s)
        seen.append(plan)
        s = afterwards(s, plan)

    assert seen[0].watch == by(now)
    assert seen[-1].last_command is not None
    assert seen[-1].last_command.result == "Done"
    assert "LeftAlone" not in {n.reason for plan in seen for n in plan.notices}
    assert seen[-1].phase is not Phase.PAUSED or seen[-1].shares["8"] == 50


@pytest.mark.parametrize("watch", [None, *Watch])
@pytest.mark.parametrize("state", ["pause is over", "at the gate", "larger share wanted"])
def test_a_version_that_is_watched_as_before_goes_on(state: str, watch: Watch | None) -> None:
    notices = {n.reason for n in decide(a_rollout(state, watch, watch)).notices}

    assert "LeftAlone" not in notices
    assert "LeftAlone" not in {n.reason for n in decide(a_rollout(state, None, watch)).notices}


def test_a_policy_that_is_taken_away_before_the_first_request_is_remembered() -> None:
    """No verdict has been there yet: what counts is that the policy selected the model."""
    started = decide(a_situation(STATES["at rest"], watch=now_by(Watch.PROMOTION)))
    assert (started.phase, started.watch) == (Phase.PROGRESSING, by(Watch.PROMOTION))

    left = decide(a_rollout("no share yet", Watch.PROMOTION, None))
    assert left.rollout is not None
    assert left.shares["8"] == 0
    assert left.rollout.waiting_for is WaitingFor.PERSON


def test_another_version_and_back_is_no_way_around_the_person() -> None:
    s = a_rollout("at the gate", Watch.PROMOTION, None, desired="9")
    watches = []
    for desired in ("9", "9", "7", "7", "8", "8"):
        spec = s.model.spec.model_copy(
            update={"model": s.model.spec.model.model_copy(update={"version": desired})}
        )
        s = replace(s, model=s.model.model_copy(update={"spec": spec}))
        plan = decide(s)
        watches.append(plan.watch)
        s = afterwards(s, plan)

    assert watches == [by(Watch.PROMOTION)] * 6


def test_a_promotion_ends_what_is_remembered() -> None:
    s = a_rollout("promoted, not seen yet", Watch.PROMOTION, Watch.PROMOTION)

    assert (decide(s).phase, decide(s).watch) == (Phase.PROBATION, ())


def test_a_rollout_remembers_the_most_that_policies_did() -> None:
    for was, now, most in (
        (None, Watch.BREACHES, Watch.BREACHES),
        (Watch.BREACHES, Watch.PROMOTION, Watch.PROMOTION),
        (Watch.PROMOTION, Watch.BREACHES, Watch.PROMOTION),
        (Watch.PROMOTION, None, Watch.PROMOTION),
        (Watch.BREACHES, Watch.GATE_PROOF, Watch.PROOF),
        (Watch.GATE, Watch.BREACHES, Watch.PROMOTION),
    ):
        assert decide(a_rollout("pausing", was, now)).watch == by(most)


OTHER = "ClusterIncidentPolicy//everything/latency"


def test_another_policy_that_still_watches_hides_no_one_that_is_gone() -> None:
    s = a_rollout("at the gate", Watch.PROMOTION, None)
    left = replace(
        s,
        watch={OTHER: Watch.PROMOTION},
        triggers=(a_trigger(VerdictKind.HEALTHY, name="latency"),),
    )

    assert "LeftAlone" in {n.reason for n in decide(left).notices}


def test_a_signal_that_is_away_for_a_while_is_no_policy_that_is_gone() -> None:
    """Its trigger is blind, and that holds the rollout already; it is not remembered for what nobody knows."""
    s = a_rollout("at the gate", Watch.BREACHES, None)
    away = replace(s, watch={TRIGGER: None})

    assert "LeftAlone" not in {n.reason for n in decide(away).notices}
    assert decide(away).watch == by(Watch.BREACHES)
    assert decide(replace(away, model=a_rollout("at the gate", None, None).model)).watch == ()
