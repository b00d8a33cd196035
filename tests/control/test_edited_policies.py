"""Policies and templates that are edited during a rollout: what they asked before answers nothing."""

import asyncio
from typing import Any

from tests.control.manifests import Object, a_policy, a_trigger
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World


def above(limit: str) -> Object:
    """A trigger by an error rate of the last ten seconds."""
    test = {"above": limit, "window": "10s", "for": "2s", "minSamples": 20, "confidence": "None"}
    return a_trigger(threshold=test)


def edit(world: World, **spec: Any) -> None:
    world.server.patch("IncidentPolicy", "lending", "lending", lambda b: b["spec"].update(**spec))


def rolled_out(world: World, pause: str, edits: Any, process: Process | None = None) -> None:
    """Give version 8 half of the requests, and then let somebody edit."""
    rollout = {
        "steps": [{"setWeight": 50}, {"pause": {"duration": pause}}],
        "canaryReplicas": "Match",
    }
    world.server.patch(
        "AIModelDeployment", "lending", "loan", lambda b: b["spec"].update(rollout=rollout)
    )

    async def act() -> None:
        await asyncio.sleep(10)
        world.want("8")
        await until(lambda: world.canary_weight == 50)
        await edits()

    async def play() -> None:
        acting = asyncio.create_task(act())
        await during(world, process or Process(world), seconds=150)
        await acting

    run(play())


def test_a_limit_that_was_mended_does_not_act_on_what_the_old_one_found() -> None:
    world = World()
    world.error_rates = {"7": 0.0, "8": 0.03}
    edit(world, mode="Observe", triggers=[above("0.01")])

    async def mend() -> None:
        await asyncio.sleep(30.35)
        edit(world, mode="Act", triggers=[above("0.3")])

    rolled_out(world, "10m", mend)

    assert "WouldAct" in world.events.reasons
    assert "RollingBack" not in world.events.reasons
    assert world.status()["phase"] == "Paused"


def test_a_policy_that_comes_back_does_not_promote_on_what_it_found_before() -> None:
    world = World()

    async def away_and_back() -> None:
        await asyncio.sleep(20)
        world.server.delete("IncidentPolicy", "lending", "lending", "x")
        await asyncio.sleep(20)
        world.error_rates["8"] = 0.5
        await asyncio.sleep(60.3)
        world.add(a_policy())

    rolled_out(world, "30s", away_and_back)

    assert "LeftAlone" in world.events.reasons
    assert "Promoted" not in world.events.reasons
    assert world.status()["phase"] == "RolledBack"


def test_an_incident_outlives_the_policy_that_opened_it() -> None:
    """And what was contained stays contained: nobody is sent to the version again because nothing watches it now."""
    world = World()
    world.error_rates = {"7": 0.0, "8": 0.5}
    kept: list[Object | None] = []

    async def delete() -> None:
        await until(lambda: world.status()["phase"] == "RolledBack")
        await asyncio.sleep(15)
        kept.append(world.server.get("Incident", "lending", "loan-1"))
        world.server.delete("IncidentPolicy", "lending", "lending", at="2026-03-01T12:05:00Z")

    rolled_out(world, "10m", delete)

    assert world.server.list("IncidentPolicy") == []
    assert kept == [world.server.get("Incident", "lending", "loan-1")]
    assert kept[0] is not None
    assert world.status()["phase"] == "RolledBack"
    assert world.status()["versions"]["stable"] == "7"
    assert world.canary_weight == 0


def test_what_a_person_overrules_is_the_test_that_has_failed() -> None:
    world = World()
    world.error_rates["8"] = 0.5
    edit(world, triggers=[above("0.1")])
    tests: list[str] = []

    async def force() -> None:
        await until(lambda: world.status()["phase"] == "RolledBack")
        tests.append(world.status()["rollout"]["failure"]["test"])
        world.command("force 8")
        await until(lambda: world.status()["phase"] != "RolledBack")
        tests.extend(world.status()["rollout"]["overruled"])

    rolled_out(world, "10m", force)

    assert tests == [tests[0], f"IncidentPolicy/lending/errors-rise/{tests[0]}"]


def test_steps_that_are_edited_in_the_middle_of_a_rollout_leave_its_evidence_as_it_is() -> None:
    """Another planned length is another test over the same requests: both together break the promise of one."""
    world = World()
    process = Process(world)
    evidence: list[Any] = []

    def note() -> None:
        (known,) = process.judge._evidence.values()  # noqa: SLF001  - evidence that begins anew looks the same outside
        evidence.append(known.states["IncidentPolicy", "lending", "lending", "errors-rise"])

    async def lengthen() -> None:
        await asyncio.sleep(20)
        note()
        longer = [{"setWeight": 50}, {"pause": {"duration": "5h"}}]
        world.edit(lambda body: body["spec"]["rollout"].update(steps=longer))
        await asyncio.sleep(20)
        note()

    rolled_out(world, "10m", lengthen, process)

    assert evidence[0].subject == evidence[1].subject
    assert evidence[1].evidence.sums.n_c > evidence[0].evidence.sums.n_c
