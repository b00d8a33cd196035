"""Copies for the version that stands by: when they begin, what ends them, and that none is ever left behind."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import Phase, RouteOverride, Share, Standing
from knowngood.decisions.copying import asks_for_copies
from knowngood.decisions.gateways import GatewaySupport, Parent, Support
from knowngood.decisions.golden import Tried
from knowngood.decisions.phases import GONE_BACK, RESTING
from knowngood.decisions.planned import plan_of
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import RouteView, Situation
from knowngood.decisions.transition import decide
from knowngood.decisions.workloads import replicas_wanted
from tests.decisions.situations import STANDINGS, a_model, a_situation, programmed
from tests.decisions.states import NOW, STATES, STEPS, State

CAN = GatewaySupport(Support.YES, Support.YES)
COPIED = STATES["guarding, with a standby that gets copies"]
WAITS = replace(COPIED, weights={"7": 100}, mirror=0)
NAMED = replace(WAITS, weights={"7": 100, "8": 0})
GOOD = STANDINGS | dict(COPIED.stands)
SHADOW = {"standby": "Warm", "replicas": 1, "mirrorPercent": 40}


def situation(state: State, *, shadow: Any = SHADOW, **rest: Any) -> Situation:
    spec = {"shadow": shadow, **rest.pop("spec", {})}
    named = {k: rest.pop(k) for k in ("desired", "command", "deleted", "replicas") if k in rest}
    model = a_model(state, **{"desired": "7", **named}, **spec)
    return a_situation(state, model=model, gateway=rest.pop("gateway", CAN), **rest)


def test_copies_begin_once_the_gateway_knows_the_version() -> None:
    first = decide(situation(WAITS))
    assert (dict(first.shares), first.copies) == ({"7": 100, "8": 0}, {})

    then = decide(situation(NAMED))

    assert then.copies == {"8": 40}
    assert dict(then.shares) == {"7": 100, "8": 0}
    assert [n.reason for n in then.notices] == ["MirrorSet"]


def test_they_are_read_back_from_what_was_written_down() -> None:
    s = situation(NAMED)
    model = s.model.model_copy(update={"status": status_of(s, decide(s))})

    again = decide(replace(s, model=model, route=programmed(NAMED.weights, 40)))

    assert plan_of(model).copies == {"8": 40}
    assert again.copies == {"8": 40}
    assert again.notices == ()


@pytest.mark.parametrize(
    "phase", [p for p in sorted(RESTING) if p is not Phase.GUARDING], ids=lambda p: p.value
)
def test_they_are_sent_in_every_phase_at_rest(phase: Phase) -> None:
    desired = "bad" if phase in GONE_BACK else "7"
    stands = {"7": Standing.PROBATION, "8": Standing.KNOWN_GOOD}
    s = situation(replace(NAMED, phase=phase, stands=stands), desired=desired)

    plan = decide(s)

    assert (plan.phase, plan.copies) == (phase, {"8": 40})


PODS = {"7": 3, "8": 1}
ELSEWHERE = RouteView(NAMED.weights or {}, programmed=True, parents=(Parent("gateways", "old"),))
NOT_NOW: dict[str, dict[str, Any]] = {
    "too few pods": {"replicas": 5, "ready": PODS},
    "nobody knows the gateway": {"gateway": None},
    "the gateway can not": {"gateway": GatewaySupport(Support.NO, message="no")},
    "it is not known whether it can": {"gateway": GatewaySupport(Support.UNKNOWN, message="?")},
    "it copies all or nothing": {"gateway": GatewaySupport(Support.YES, Support.NO)},
    "frozen": {"frozen": "ask alice"},
    "the owner of the route has a mirror": {
        "route": replace(programmed(NAMED.weights), copied_elsewhere=True)
    },
    "not programmed": {"route": replace(programmed(NAMED.weights), programmed=False)},
    "another gateway": {"route": ELSEWHERE},
}
NEVER: dict[str, dict[str, Any]] = {
    "no pod": {"ready": {"7": 2, "8": 0}},
    "not declared harmless": {"spec": {"mirror": {"sideEffects": "Unknown"}}},
    "nothing is declared": {"spec": {"mirror": None}},
    "cold": {"shadow": {**SHADOW, "standby": "Cold"}},
    "no copies are asked for": {"shadow": {"standby": "Warm"}},
    "nobody stands by": {"shadow": None},
    "suspect": {"standings": {**GOOD, "8": Standing.SUSPECT}},
    "what it needs is gone": {"missing": {"8": ("ConfigMap rules",)}},
    "another gateway": {
        "route": replace(programmed(COPIED.weights, 40), parents=ELSEWHERE.parents)
    },
    "the gateway was found not to": {"gateway": GatewaySupport(Support.NO)},
    "another version is wanted": {"desired": "9"},
    "it is wanted itself": {"desired": "8"},
    "deleted": {"deleted": True},
    "suspended": {"spec": {"suspend": True}},
}


@pytest.mark.parametrize("what", NOT_NOW)
def test_what_copies_wait_for_does_not_end_those_that_are_sent(what: str) -> None:
    found = dict(NOT_NOW[what])
    assert decide(situation(NAMED, **found)).copies == {}

    if what in {"the gateway can not", "it copies all or nothing", "another gateway"}:
        return  # these end them
    if "route" in found:
        found["route"] = replace(found["route"], copies={"8": 40})
    assert decide(situation(COPIED, **found)).copies == {"8": 40}


@pytest.mark.parametrize("what", NEVER)
def test_copies_do_not_begin_and_those_that_are_sent_end_at_once(what: str) -> None:
    found = dict(NEVER[what])

    ended = decide(situation(COPIED, **found))

    assert ended.copies == {}
    if "route" in found:
        found["route"] = replace(found["route"], copies={})
    assert decide(situation(NAMED, **found)).copies == {}


def test_a_standby_that_answers_golden_requests_wrong_goes_on_getting_copies() -> None:
    wrong = {
        "8": Tried(1, 3, NOW, "golden request typical to pod a: field /approved is false, not true")
    }
    ended = decide(situation(COPIED, missing={"8": ("ConfigMap rules",)}, tried=wrong))

    assert decide(situation(COPIED, tried=wrong)).copies == {"8": 40}
    assert decide(situation(NAMED, tried=wrong)).copies == {"8": 40}
    assert ended.copies == {}, "what it lacks besides ends them"


def test_why_no_copies_are_had_is_told_once_and_names_the_field() -> None:
    plan = decide(situation(NAMED, gateway=GatewaySupport(Support.NO, message="it answered 500")))

    assert [n.reason for n in plan.notices] == ["MirrorUnsupported"]
    assert plan.notices[0].message.startswith("spec.shadow.mirrorPercent: it answered 500")
    assert plan.blocked is None, "who serves is as fine as before"


def test_it_is_told_why_copies_ended() -> None:
    plan = decide(situation(COPIED, ready={"7": 2, "8": 0}))

    assert [n.reason for n in plan.notices] == ["MirrorEnded"]
    assert "no ready endpoint" in plan.notices[0].message
    assert dict(plan.shares) == {"7": 100}


def test_a_larger_share_waits_for_pods_and_a_smaller_one_for_nothing() -> None:
    more = situation(COPIED, shadow={**SHADOW, "mirrorPercent": 100}, ready={"7": 2, "8": 1})
    less = situation(COPIED, shadow={**SHADOW, "mirrorPercent": 10}, frozen="ask alice")

    assert decide(more).copies == {"8": 40}
    assert decide(replace(more, ready={"7": 2, "8": 2})).copies == {"8": 100}
    assert decide(less).copies == {"8": 10}


def test_nobody_else_is_in_the_route_while_copies_are_sent() -> None:
    """A version that drains, or that is held back, comes first."""
    state = replace(COPIED, weights={"7": 100, "8": 0, "6": 0}, draining=("6",))

    assert decide(situation(state)).copies == {}
    assert decide(situation(replace(NAMED, draining=("8",)))).copies == {}


@pytest.mark.parametrize("name", ["held back", "held back, without a share"])
def test_an_older_standby_gets_no_copies_while_a_version_is_held_back(name: str) -> None:
    """A share comes and goes by a wait for a gateway that sends no copies."""
    state = replace(STATES[name], shadow="6", stands={"6": Standing.KNOWN_GOOD})
    rollout = {"steps": STEPS, "probation": {"holdback": 5}}
    s = situation(
        state, desired="8", spec={"rollout": rollout}, ready={"6": 1, "7": 1, "8": 2},
        route=programmed({**(state.weights or {}), "6": 0}),
    )  # fmt: skip

    plan = decide(s)

    assert plan.holdback is not None
    assert plan.copies == {}
    assert "6" not in plan.shares


def test_nor_while_one_that_was_held_back_still_has_clients_that_stay() -> None:
    stands = {"6": Standing.KNOWN_GOOD}
    state = replace(
        STATES["held back for nothing"], shadow="6", stands=stands, weights={"8": 100, "6": 0}
    )
    route = replace(programmed({"8": 100, "7": 0, "6": 0}), sticky=True)

    plan = decide(situation(state, desired="8", route=route))

    assert plan.holdback is not None
    assert plan.copies == {}


def test_pods_come_before_copies_and_go_after_them() -> None:
    asked = situation(WAITS, replicas=10)
    assert replicas_wanted(asked, decide(asked))["8"] == 4

    sent = situation(COPIED, replicas=20, route=programmed(COPIED.weights, 40))
    assert replicas_wanted(sent, decide(sent))["8"] == 8
    ends = replace(sent, model=a_model(COPIED, desired="7", shadow={"standby": "Warm"}))
    assert replicas_wanted(ends, decide(ends))["8"] is None
    over = replace(ends, route=programmed({"7": 100}))
    assert replicas_wanted(over, decide(over))["8"] == 1


def test_no_pods_are_kept_for_copies_that_can_not_be_had() -> None:
    s = situation(WAITS, replicas=10, gateway=GatewaySupport(Support.NO))
    unknown = situation(WAITS, replicas=10, gateway=None)

    assert replicas_wanted(s, decide(s))["8"] == 1
    assert replicas_wanted(unknown, decide(unknown))["8"] is None


def test_a_person_who_holds_the_route_does_not_keep_copies_that_must_end() -> None:
    s = situation(COPIED, route=programmed({"7": 50, "8": 50}, 40), frozen="ask alice")
    status = s.model.status
    assert status is not None
    assert status.traffic is not None
    held = RouteOverride(
        weights=(Share(version="7", weight=50), Share(version="8", weight=50)),
        since=NOW - timedelta(minutes=5),
    )
    traffic = status.traffic.model_copy(update={"override": held, "written": True})
    held_model = s.model.model_copy(
        update={"status": status.model_copy(update={"traffic": traffic})}
    )
    assert decide(replace(s, model=held_model)).override is not None

    spec = held_model.spec.model_copy(update={"mirror": None})
    plan = decide(replace(s, model=held_model.model_copy(update={"spec": spec})))

    assert (plan.copies, plan.override) == ({}, None)


def test_a_gateway_is_asked_only_where_copies_are_to_begin() -> None:
    route = programmed(NAMED.weights)
    asked = {
        "waits": asks_for_copies(situation(WAITS).model, route),
        "sent": asks_for_copies(situation(COPIED).model, programmed(COPIED.weights, 40)),
        "none": asks_for_copies(situation(WAITS, shadow=None).model, route),
        "harm": asks_for_copies(situation(WAITS, spec={"mirror": None}).model, route),
    }

    assert asked == {"waits": True, "sent": False, "none": False, "harm": False}
