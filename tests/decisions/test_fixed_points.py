"""A world that does not change is left alone after a few passes, whatever state it was found in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from knowngood.api.v1alpha1 import AIModelVersion, VerdictKind
from knowngood.decisions.plan import Plan
from knowngood.decisions.records import version_status
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import RouteView, Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_record, a_situation, a_trigger, programmed
from tests.decisions.states import STATES

PASSES = 16
NO_ROUTE = RouteView({}, programmed=False, message="there is no route yet")
Gateway = Callable[[Plan], RouteView | None]
GATEWAYS: dict[str, Gateway] = {
    "a gateway that follows": lambda plan: (
        programmed(plan.weights, plan.copies.get("8", 0)) if plan.shares else NO_ROUTE
    ),
    "a gateway that is down": lambda _: NO_ROUTE,
    "traffic of somebody else": lambda _: None,
}
WORLDS = {
    "all ready": {"ready": {"6": 1, "7": 2, "8": 2, "9": 2}},
    "nothing ready": {"ready": {}},
    "stable not ready": {"ready": {"8": 2}},
    "canary breached": {"triggers": (a_trigger(VerdictKind.BREACHED),)},
    "both breached": {"triggers": (a_trigger(VerdictKind.BREACHED, stable_breached=True),)},
    "blind": {"triggers": (a_trigger(VerdictKind.OBSERVER_ERROR),)},
}


def acted(s: Situation, plan: Plan, gateway: Gateway) -> Situation:
    """The world after everything that a plan says was done."""
    records: dict[str, AIModelVersion] = {}
    for version, record in s.versions.items():
        status = version_status(s, plan, record)
        records[version] = record.model_copy(update={"status": status})
    if plan.rollout is not None:
        records.setdefault(plan.rollout.version, a_record(plan.rollout.version))
    model = s.model.model_copy(update={"status": status_of(s, plan)})
    return replace(s, model=model, versions=records, route=gateway(plan))


def written(s: Situation) -> object:
    statuses = {v: r.status.wire() for v, r in s.versions.items() if r.status}
    return s.model.status and s.model.status.wire(), statuses


def settled(s: Situation, gateway: Gateway) -> tuple[Situation, Plan]:
    for _ in range(PASSES):
        plan = decide(s)
        after = acted(s, plan, gateway)
        if written(after) == written(s) and after.route == s.route:
            return s, plan
        s = after
    raise AssertionError(f"still changing after {PASSES} passes")


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("desired", ["7", "8", "9", "bad"])
def test_an_unchanged_world_is_left_alone_after_a_few_passes(
    world: str, gateway: str, desired: str
) -> None:
    for state in STATES.values():
        s = a_situation(state, model=a_model(state, desired=desired), **WORLDS[world])  # type: ignore[arg-type]  # keywords of a situation

        s, plan = settled(s, GATEWAYS[gateway])

        # Time alone changes nothing either, until the plan says so.
        later = replace(s, now=s.now + timedelta(milliseconds=900))
        if plan.wake_at is None or later.now < plan.wake_at:
            assert written(acted(later, decide(later), GATEWAYS[gateway])) == written(s)


def test_no_status_carries_the_time_of_the_pass() -> None:
    """One that did would be written every second."""
    gateway = GATEWAYS["a gateway that follows"]
    s, _ = settled(a_situation(STATES["waiting for a person"]), gateway)

    for minutes in (1, 60, 6000):
        later = replace(s, now=s.now + timedelta(minutes=minutes))
        assert written(acted(later, decide(later), gateway)) == written(s)
