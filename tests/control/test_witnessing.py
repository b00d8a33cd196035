"""Counted after it was taken back: the incident says when the last request was answered, and whether any still is."""

import asyncio
from datetime import datetime
from typing import Any

from knowngood.control.ports import Key
from knowngood.decisions.naming import child_name
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


def given(world: World, version: str) -> float:
    """How many answers the pods of a version gave, as the world itself knows."""
    start = child_name("loan", version)
    counted = world._counters.items()  # noqa: SLF001  - the truth is not scraped
    return sum(n for labels, n in counted if dict(labels)["pod"].startswith(start))


def test_the_answers_that_are_in_doubt_are_counted_once_it_is_silent() -> None:
    known: list[tuple[datetime, float]] = []

    async def watched(world: World) -> None:
        acting = asyncio.ensure_future(taken_back(world))
        while not acting.done():
            known.append((world.clock.now(), given(world, "8")))
            await asyncio.sleep(0.1)

    world = played(watched, seconds=120)

    affected = incident(world)["affected"]
    since = datetime.fromisoformat(affected["from"]).replace(microsecond=0)
    before = max((n for at, n in known if at < since), default=0)
    counted = given(world, "8") - before
    assert affected["decisions"] == {"atLeast": counted}
    assert world.status()["rollout"]["answered"] == counted > 0
    (business,) = [t for t in incident(world)["tasks"] if t["role"] == "BusinessOwner"]
    assert f"({counted:.0f} answers at least)" in business["text"]


def test_answers_to_copies_are_not_counted_as_answers_to_users() -> None:
    async def copied(world: World) -> None:
        def change(body: Any) -> None:
            body["spec"]["mirror"] = {"sideEffects": "None"}
            body["spec"]["rollout"]["steps"].insert(0, {"setMirror": 100})

        await asyncio.sleep(5)
        world.edit(change)
        await taken_back(world)

    world = played(copied, seconds=120)

    assert "silentAt" in world.status()["rollout"]
    assert "decisions" not in incident(world)["affected"]


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
