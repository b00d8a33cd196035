"""Several models turn bad at once, under a running operator: none of them is moved, and all of them say why."""

import asyncio
from typing import Any

import pytest

from knowngood.decisions.naming import child_name
from tests.control.manifests import Object, a_model, a_policy
from tests.control.process import Process, until
from tests.control.test_contained import COPIES, SHIFT, answered
from tests.control.test_probation import played
from tests.control.world import World

ABOVE = {"threshold": {"above": "0.05", "window": "1m", "minSamples": 50}}


def stand_by(world: World, name: str) -> None:
    """Attest the first version of a model, as a person does."""

    def change(body: Object) -> None:
        body["status"]["standing"] = "KnownGood"

    world.server.patch("AIModelVersion", "lending", child_name(name, "7"), change)


def standing(world: World, name: str) -> str:
    body = world.server.get("AIModelVersion", "lending", child_name(name, "7"))
    return str(((body or {}).get("status") or {}).get("standing", ""))


async def serving(world: World, names: list[str]) -> None:
    """Version 8 of each model serves, and version 7 stands by and answers copies."""
    world.edit(lambda body: body["spec"].update(COPIES))
    for name in names[1:]:
        model = a_model(name)
        model["spec"] |= COPIES
        world.add(model)
    await until(lambda: all(standing(world, name) == "Probation" for name in names))
    for name in names:
        stand_by(world, name)
    await asyncio.sleep(5)
    for name in names:
        world.want("8", name)
    await until(lambda: all(world.status(n)["versions"]["stable"] == "8" for n in names))
    answered(world, ABOVE, SHIFT)
    await asyncio.sleep(120)
    assert not world.server.list("Incident")


def story(names: list[str]) -> Any:
    async def acts(world: World, _: Process) -> None:
        await serving(world, names)
        world.error_rates["8"] = 0.3

    return acts


def incidents(world: World) -> dict[str, Any]:
    return {
        o["metadata"]["labels"]["knowngood.dev/model"]: o for o in world.server.list("Incident")
    }


@pytest.mark.parametrize("count", [1, 2])
def test_a_few_are_answered_one_by_one(count: int) -> None:
    names = ["loan", "fraud"][:count]
    world = World()

    played(world, 600, story(names))

    assert [world.status(name)["phase"] for name in names] == ["Contained"] * count


def test_many_are_moved_by_nobody_and_each_says_whose_cause_it_has() -> None:
    names = ["loan", "fraud", "churn", "price"]
    world = World()

    played(world, 600, story(names))

    assert [world.status(name)["versions"]["stable"] for name in names] == ["8"] * len(names)
    told = incidents(world)
    assert set(told) == set(names)
    words = [[e["text"] for e in one["status"]["timeline"]] for one in told.values()]
    assert all(any("turned bad within 10 minutes" in text for text in texts) for texts in words)
    parents = {one["status"].get("parent") for one in told.values()}
    first = parents - {None}
    assert len(first) == 1
    assert first < {f"lending/{one['metadata']['name']}" for one in told.values()}


def test_a_person_moves_one_of_many_and_the_others_stay() -> None:
    names = ["loan", "fraud", "churn"]

    async def acts(world: World, process: Process) -> None:
        await story(names)(world, process)
        await until(lambda: len(incidents(world)) == len(names))
        await asyncio.sleep(60)
        world.command("rollback 8")
        await until(lambda: world.status("loan")["phase"] == "RolledBack")
        await asyncio.sleep(60)

    world = World()

    played(world, 900, acts)

    assert [world.status(name)["versions"]["stable"] for name in names] == ["7", "8", "8"]


def test_a_canary_of_one_of_many_is_still_taken_back() -> None:
    names = ["loan", "fraud", "churn"]

    async def acts(world: World, process: Process) -> None:
        await story(names)(world, process)
        await until(lambda: len(incidents(world)) == len(names))
        world.add(a_policy("canaries"))
        world.error_rates["9"] = 0.9
        world.want("9", "fraud")
        await until(lambda: world.status("fraud")["phase"] == "RolledBack")

    world = World()

    played(world, 900, acts)

    assert world.status("fraud")["versions"]["stable"] == "8"
