"""Copies of requests for a canary: when they begin, what they wait for, and when they end."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import Phase, Standing, VerdictKind, WaitingFor
from knowngood.decisions.edits import steps_digest
from knowngood.decisions.gateways import GatewaySupport, Parent, Support, of_all, parents_wanted
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation, a_trigger, programmed
from tests.decisions.states import NOW, State

STEPS = [{"setMirror": 40}, {"pause": {"duration": "5m"}}, {"setWeight": 50}]
CAN = GatewaySupport(Support.YES, Support.YES)
NAMED = State(Phase.PROGRESSING, canary="8", weights={"7": 100, "8": 0}, step=0)
COPIED = State(Phase.PAUSED, canary="8", weights={"7": 100, "8": 0}, step=1, mirror=40)
SENT = programmed(COPIED.weights, 40)


def situation(state: State = NAMED, steps: Any = STEPS, **rest: Any) -> Situation:
    spec = rest.pop("spec", {})
    model = a_model(state, rollout={"steps": steps}, **spec)
    begun = a_situation(state, gateway=rest.pop("gateway", CAN), **rest)
    return _marked(replace(begun, model=model))


def _marked(s: Situation, **changes: Any) -> Situation:
    """Note the steps that are done, as an earlier pass would have, and change the rollout."""
    status = s.model.status
    assert status is not None
    assert status.rollout is not None
    done = steps_digest(s.steps[: status.rollout.step])
    rollout = status.rollout.model_copy(update={"done": done, **changes})
    status = status.model_copy(update={"rollout": rollout})
    return replace(s, model=s.model.model_copy(update={"status": status}))


def test_copies_are_written_down_with_the_instant_from_which_evidence_counts() -> None:
    plan = decide(situation())

    assert plan.copies == {"8": 40}
    assert plan.rollout is not None
    assert plan.rollout.evidence_since == NOW
    assert plan.rollout.step == 0, "the gateway was not seen to copy"
    assert plan.rollout.waiting_for is WaitingFor.ROUTE
    assert [(c.version, c.standing, c.reason) for c in plan.standings] == [
        ("8", Standing.TRIAL, "FirstMirror")
    ]
    assert plan.shares == {"7": 100, "8": 0}


def test_the_step_is_done_once_the_gateway_was_seen_to_copy() -> None:
    asked = replace(NAMED, mirror=40)

    before = decide(situation(asked, route=programmed(asked.weights)))
    after = decide(situation(asked, route=programmed(asked.weights, 40)))

    assert before.rollout is not None
    assert after.rollout is not None
    assert (before.rollout.step, after.rollout.step) == (0, 1)
    assert [n.reason for n in after.notices] == ["MirrorSet"]


def test_pods_come_before_copies_as_many_as_they_need() -> None:
    plan = decide(situation(steps=[{"setMirror": 100}, *STEPS[1:]], ready={"7": 2, "8": 1}))

    assert plan.copies == {}
    assert plan.rollout is not None
    assert plan.rollout.waiting_for is WaitingFor.PODS


def test_while_nobody_knows_what_the_gateway_does_nothing_is_asked_of_it() -> None:
    plan = decide(situation(gateway=None))

    assert plan.copies == {}
    assert plan.rollout is not None
    assert plan.rollout.waiting_for is WaitingFor.GATEWAY


def test_finding_out_for_ever_ends_at_the_progress_deadline() -> None:
    since = NOW - timedelta(minutes=11)
    waited = replace(NAMED, waiting=WaitingFor.GATEWAY, age=timedelta(minutes=12))

    plan = decide(_marked(situation(waited, gateway=None), waiting_since=since))

    assert plan.phase is Phase.ROLLING_BACK
    assert plan.rollout is not None
    assert plan.rollout.failure is not None
    assert "gateway can mirror" in plan.rollout.failure.message


@pytest.mark.parametrize(
    ("gateway", "percent", "reason"),
    [
        (GatewaySupport(Support.NO, Support.NO, message="no"), 40, "MirrorUnsupported"),
        (GatewaySupport(Support.NO, Support.NO, message="no"), 100, "MirrorUnsupported"),
        (GatewaySupport(Support.YES, Support.NO, message="all"), 40, "MirrorUnsupported"),
        (GatewaySupport(Support.YES, message="all"), 40, "MirrorUnsupported"),
        (GatewaySupport(Support.UNKNOWN, message="?"), 100, "MirrorNotProved"),
        (GatewaySupport(Support.YES, Support.NO, message="all"), 100, None),
        (CAN, 40, None),
    ],
)
def test_only_what_the_gateway_was_found_to_do_is_asked_of_it(
    gateway: GatewaySupport, percent: int, reason: str | None
) -> None:
    plan = decide(situation(steps=[{"setMirror": percent}, *STEPS[1:]], gateway=gateway))

    assert (plan.blocked.reason if plan.blocked else None) == reason
    assert plan.copies == ({} if reason else {"8": percent})
    if plan.blocked is not None:
        assert "spec.rollout.steps[0].setMirror" in plan.blocked.message
        assert gateway.message in plan.blocked.message


def test_copies_that_run_do_not_end_because_a_gateway_can_not_be_tried_any_more() -> None:
    asked = replace(NAMED, mirror=40)
    unknown = GatewaySupport(Support.UNKNOWN, message="it is gone")

    plan = decide(situation(asked, gateway=unknown, route=programmed(asked.weights, 40)))

    assert plan.blocked is None
    assert plan.copies == {"8": 40}


def test_a_breach_by_copies_takes_the_version_back_and_ends_them() -> None:
    plan = decide(situation(COPIED, triggers=(a_trigger(VerdictKind.BREACHED),)))

    assert plan.phase is Phase.ROLLING_BACK
    assert plan.copies == {}
    assert plan.incidents == 1


def test_back_is_only_reached_once_no_copies_are_sent_any_more() -> None:
    going = replace(COPIED, phase=Phase.ROLLING_BACK, mirror=0)
    still = programmed(going.weights, 40)

    assert decide(situation(going, route=still)).phase is Phase.ROLLING_BACK
    assert decide(situation(going)).phase is Phase.ROLLED_BACK


def test_copies_end_in_the_write_that_gives_the_first_share() -> None:
    due = replace(COPIED, step=2)

    plan = decide(situation(due))

    assert plan.shares == {"7": 50, "8": 50}
    assert plan.copies == {}
    assert plan.rollout is not None
    assert plan.rollout.step == 2, "the gateway was not seen to do that"


def test_no_share_for_a_version_whose_copies_nobody_can_see() -> None:
    due = replace(COPIED, step=2)

    plan = decide(situation(due, triggers=(a_trigger(VerdictKind.NO_DATA),)))

    assert plan.shares == {"7": 100, "8": 0}
    assert plan.rollout is not None
    assert plan.rollout.waiting_for is WaitingFor.DATA


@pytest.mark.parametrize("stable_ready", [0, 2])
def test_copies_end_when_the_canary_has_no_pod(stable_ready: int) -> None:
    plan = decide(situation(COPIED, ready={"7": stable_ready, "8": 0}))

    assert plan.copies == {}
    assert plan.rollout is not None
    assert plan.rollout.step == 0, "the step that sends copies is taken again"


def test_copies_end_at_once_when_they_are_not_declared_harmless_any_more() -> None:
    plan = decide(situation(COPIED, spec={"mirror": {"sideEffects": "Unknown"}}))

    assert plan.copies == {}


def test_copies_go_on_at_the_gateway_that_was_tried() -> None:
    wanted = parents_wanted(situation(COPIED).model)
    assert wanted

    plan = decide(situation(COPIED, route=replace(SENT, parents=wanted)))

    assert plan.copies == {"8": 40}


def test_copies_end_in_the_write_that_gives_the_route_to_another_gateway() -> None:
    plan = decide(situation(COPIED, route=replace(SENT, parents=(Parent("gateways", "old"),))))

    assert plan.copies == {}
    assert plan.phase is Phase.PROGRESSING
    assert plan.rollout is not None
    assert plan.rollout.step == 0, "the step that sends copies is taken again"
    assert [n.reason for n in plan.notices] == ["MirrorEnded"]


@pytest.mark.parametrize(
    "found", [GatewaySupport(Support.NO, Support.NO), GatewaySupport(Support.YES, Support.NO)]
)
def test_copies_end_where_the_gateway_is_found_not_to_send_them(found: GatewaySupport) -> None:
    plan = decide(situation(COPIED, route=SENT, gateway=found))

    assert plan.copies == {}
    assert plan.rollout is not None
    assert plan.rollout.step == 0


def test_a_new_version_takes_no_copies_over() -> None:
    s = situation(COPIED)
    model = s.model.model_copy(
        update={"spec": a_model(COPIED, desired="9", rollout={"steps": STEPS}).spec}
    )

    plan = decide(replace(s, model=model, route=programmed(COPIED.weights, 40)))

    assert plan.copies == {}
    assert plan.rollout is not None
    assert plan.rollout.version == "8", "the gateway still sends copies to it"


def test_the_status_tells_who_gets_copies() -> None:
    s = situation()
    status = status_of(s, decide(s))

    assert status.traffic is not None
    assert {b.version: b.mirror_percent for b in status.traffic.backends} == {"7": None, "8": 40}
    programmed_now = [c for c in status.conditions if c.type == "RouteProgrammed"]
    assert [c.status for c in programmed_now] == ["False"]


def test_a_route_can_rely_on_what_all_of_its_gateways_do() -> None:
    no = GatewaySupport(Support.NO, Support.NO, message="b can not")
    unknown = GatewaySupport(Support.UNKNOWN, message="c is unknown")

    assert of_all((CAN, unknown)).mirror is Support.UNKNOWN
    assert of_all((CAN, unknown, no)) == GatewaySupport(
        Support.NO, Support.NO, message="c is unknown; b can not"
    )
    assert of_all(()).mirror is Support.UNKNOWN
