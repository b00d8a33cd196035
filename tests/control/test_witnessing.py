"""Counted after it was taken back: the incident says when the last request was answered, and whether any still is."""

import asyncio
from typing import Any

from knowngood.control.ports import Key
from tests.control.process import played, until
from tests.control.world import World


async def taken_back(world: World) -> None:
    await until(lambda: world.status().get("phase") == "Probation")
    world.error_rates["8"] = 0.5
    world.want("8")
    await until(lambda: world.status()["phase"] == "RolledBack")


def incident(world: World) -> Any:
    (found,) = world.server.list("Incident")
    return found["status"]


def condition(world: World, kind: str) -> Any:
    return next(c for c in world.status()["conditions"] if c["type"] == kind)


def test_the_incident_is_contained_when_the_counters_stand_still() -> None:
    world = played(taken_back, seconds=120)

    texts = [entry["text"] for entry in incident(world)["timeline"]]
    assert texts[-1] == "version 8 was counted to answer nobody since"
    assert incident(world)["containment"] == "Verified"
    assert incident(world)["clocks"]["contained"] == world.status()["rollout"]["silentAt"]
    assert condition(world, "Available")["status"] == "True"


def test_a_version_that_is_called_past_the_gateway_is_told_of_until_nobody_calls_it() -> None:
    seen: list[tuple[str, str, str]] = []

    async def story(world: World) -> None:
        await taken_back(world)
        service = next(b for b in world.status()["traffic"]["backends"] if b["version"] == "8")
        ends = world.clock.monotonic() + 26
        while world.clock.monotonic() < ends:
            world._answer(Key("lending", "loan"), service["service"], 50)  # noqa: SLF001  - past its gateway
            await asyncio.sleep(1)
        available = condition(world, "Available")
        seen.append((available["status"], available["reason"], incident(world)["containment"]))

    world = played(story, seconds=120)

    assert seen == [("False", "StillAnswering", "Failed")]
    assert world.events.reasons.count("StillAnswering") == 1
    assert incident(world)["containment"] == "Verified"
    assert condition(world, "Available")["status"] == "True"
