"""Events without a denominator, and requests that are not split as asked, through the whole operator."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from knowngood.api.v1alpha1 import AIModelDeployment, VerdictKind
from knowngood.decisions.trigger_views import TriggerView
from tests.control.manifests import Object, a_policy, a_template, a_trigger
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World

FAILURES = 'requests_total{code="500"}'
KINDS = ("AIModelDeployment", "AIModelVersion", "IncidentPolicy", "ClusterSignalTemplate")
PAUSE = [{"setWeight": 50}, {"pause": {"duration": "4m"}}]


def judged_by(**test: Any) -> World:
    """Version 8 gets half of the requests for minutes; failures are counted without the requests they belong to."""
    world = World()
    world.server.delete("IncidentPolicy", "lending", "lending", "")
    world.add(a_template("failures", ratio={"events": FAILURES, "total": FAILURES}))
    world.add(a_policy(triggers=[a_trigger(signal="failures", **test)]))
    return slowly(world)


def slowly(world: World) -> World:
    def change(body: Object) -> None:
        body["spec"]["rollout"]["steps"] = PAUSE

    world.server.patch("AIModelDeployment", "lending", "loan", change)
    return world


def rolled_out(
    world: World, seconds: float, then: Callable[[], Awaitable[None]] | None = None
) -> Process:
    process = Process(world)

    async def act() -> None:
        await asyncio.sleep(10)
        world.want("8")
        await until(lambda: world.canary_weight == 50)
        if then:
            await then()

    async def play() -> None:
        acting = asyncio.create_task(act())
        await during(world, process, seconds=seconds)
        await acting

    run(play())
    return process


def triggers(process: Process) -> tuple[TriggerView, ...]:
    model: AIModelDeployment | None = process.store.get("AIModelDeployment", "lending", "loan")
    assert model is not None
    return process.judge.triggers(model)


def test_a_version_with_more_than_its_share_of_the_events_is_taken_back() -> None:
    world = judged_by(rate={"comparedTo": "Share"})
    world.error_rates = {"7": 0.02, "8": 0.2}

    rolled_out(world, 200)

    failure = world.status()["rollout"]["failure"]
    assert (world.status()["phase"], failure["trigger"]) == ("RolledBack", "errors-rise")
    assert "by its share of the requests" in failure["message"]


def test_a_version_with_its_share_of_the_events_is_promoted() -> None:
    world = judged_by(rate={"comparedTo": "Share"})
    world.error_rates = {"7": 0.1, "8": 0.1}

    rolled_out(world, 330)

    assert world.status()["versions"]["stable"] == "8"


def test_a_version_with_too_many_events_is_taken_back_also_where_both_have_them() -> None:
    world = judged_by(rate={"comparedTo": "Limit", "above": "60", "per": "1h"})
    world.error_rates = {"7": 0.1, "8": 0.1}

    rolled_out(world, 120)

    assert world.status()["rollout"]["failure"]["trigger"] == "errors-rise"


def test_a_successor_knows_the_shares_and_comes_to_the_same_verdict() -> None:
    world = judged_by(rate={"comparedTo": "Share"})
    world.server.patch(
        "IncidentPolicy", "lending", "lending", lambda b: b["spec"].update(mode="Observe")
    )
    world.error_rates = {"7": 0.02, "8": 0.1}
    second, rebuilt = Process(world), list[TriggerView]()

    async def succeed() -> None:
        await asyncio.sleep(130)
        for kind in KINDS:
            for body in world.server.list(kind):
                second.store.put(kind, body)
        for _ in range(3):
            await second.judge.look(world.clock.now())
        rebuilt.extend(triggers(second))

    first = rolled_out(world, 160, succeed)

    (given,) = world.status()["rollout"]["weights"]
    assert (given["weight"], given["since"] < given["verifiedAt"]) == (50, True)
    (kept,) = triggers(first)
    assert kept.verdict.kind is VerdictKind.BREACHED
    assert rebuilt[0].verdict.evidence == kept.verdict.evidence


def test_where_clients_stay_with_a_version_its_share_of_events_proves_nothing() -> None:
    world = judged_by(rate={"comparedTo": "Share"})

    def stick(body: Object) -> None:
        body["spec"]["traffic"]["sticky"] = True

    world.server.patch("AIModelDeployment", "lending", "loan", stick)
    world.error_rates = {"7": 0.02, "8": 0.3}

    process = rolled_out(world, 150)

    (seen,) = triggers(process)
    assert (seen.verdict.kind, seen.verdict.reason) == (VerdictKind.INCONCLUSIVE, "ShareNotKnown")
    assert "weights" not in world.status()["rollout"] or not world.status()["rollout"]["weights"]


def test_requests_past_the_gateway_hold_the_promotion_and_nothing_is_written_any_more() -> None:
    world = slowly(World())
    world.besides["8"] = 90
    held: list[Object] = []

    async def look() -> None:
        for _ in range(2):
            await asyncio.sleep(150)
            held.append(world.status())

    rolled_out(world, 350, look)

    conditions = {c["type"]: c for c in held[1]["conditions"]}
    assert (held[1]["phase"], world.canary_weight) == ("Paused", 50)
    assert conditions["Stalled"]["reason"] == conditions["Ready"]["reason"] == "ShareMismatch"
    assert "where 50 % is asked for" in conditions["Stalled"]["message"]
    assert world.status() == held[1]


def test_requests_that_are_split_as_asked_hold_nothing_up() -> None:
    world = slowly(World())

    rolled_out(world, 330)

    assert world.status()["versions"]["stable"] == "8"
    assert "ShareMismatch" not in world.events.reasons


def test_what_the_triggers_see_is_in_the_status_and_written_once() -> None:
    world = slowly(World())
    seen: list[object] = []

    async def collect() -> None:
        await asyncio.sleep(130)
        seen.append(world.status()["rollout"]["power"])
        await asyncio.sleep(60)
        seen.append(world.status()["rollout"]["power"])

    rolled_out(world, 220, collect)

    assert seen[0] == seen[1]
    (power,) = world.status()["rollout"]["power"]
    assert power["trigger"] == "IncidentPolicy/lending/lending/errors-rise"
    assert 100_000 <= power["perHour"] <= 110_000
    assert "an hour: " in power["sees"]
