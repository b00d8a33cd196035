"""A leader whose view is old: what another one has written since stays, and is known from then on."""

import asyncio
from typing import Any

import pytest

from knowngood.control.ports import Key
from knowngood.errors import Changed
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World

LOAN = Key("lending", "loan")
KINDS = ("AIModelDeployment", "AIModelVersion")
Snapshot = dict[str, list[dict[str, Any]]]


async def rolled_back(world: World) -> Snapshot:
    """Play a rollback; what was there while the canary was answering is returned."""
    world.error_rates["8"] = 0.5
    seen: Snapshot = {}

    async def people() -> None:
        await asyncio.sleep(10)
        world.want("8")
        await until(lambda: world.canary_weight)
        seen.update({kind: world.server.list(kind) for kind in KINDS})

    acting = asyncio.ensure_future(people())
    await during(world, Process(world), seconds=60)
    await acting
    assert world.status()["phase"] == "RolledBack"
    return seen


def shown(process: Process, objects: Snapshot) -> None:
    for kind, bodies in objects.items():
        for body in bodies:
            process.feed.event(kind, None, body)


async def passes(process: Process) -> int:
    """Run passes until one goes through; how many were refused before."""
    for refused in range(10):
        try:
            await process.reconciler.run(LOAN)
        except Changed:
            continue
        return refused
    raise AssertionError("no pass goes through")


def test_a_stale_leader_never_overwrites_a_newer_status() -> None:
    async def play() -> None:
        world = World()
        old = await rolled_back(world)
        model = world.server.get("AIModelDeployment", "lending", "loan")
        stale = Process(world)
        shown(stale, old)

        with pytest.raises(Changed):
            await stale.reconciler.run(LOAN)

        assert world.server.get("AIModelDeployment", "lending", "loan") == model
        assert stale.line.sent == []

    run(play())


def test_a_stale_leader_knows_better_once_it_was_refused() -> None:
    async def play() -> None:
        world = World()
        old = await rolled_back(world)
        route = dict(world.gateway.taken)
        stale = Process(world)
        shown(stale, old)

        assert await passes(stale) > 0

        rejected = {
            v["spec"]["model"]["version"]: v["status"]["standing"]
            for v in world.server.list("AIModelVersion")
        }
        assert world.status()["phase"] == "RolledBack"
        assert rejected == {"7": "Probation", "8": "Rejected"}
        assert world.gateway.taken == route

    run(play())
