"""A leader whose view is old: what another one has written since stays, and is known from then on."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from knowngood.control.ports import Key
from tests.control.process import Process, during
from tests.control.virtual_time import run
from tests.control.world import World

LOAN = Key("lending", "loan")
KINDS = ("AIModelDeployment", "AIModelVersion")
TOLD = ("phase", "versions", "rollout", "traffic", "incidents", "incidentRef")
Snapshot = dict[str, list[dict[str, Any]]]


async def rolled_back(world: World) -> list[Snapshot]:
    """Play a rollback; what was there after each of its writes is returned."""
    world.error_rates["8"] = 0.5
    process, seen = Process(world), list[Snapshot]()
    process.line.after = lambda _: seen.append({kind: world.server.list(kind) for kind in KINDS})
    acting = asyncio.ensure_future(wants_8(world))
    await during(world, process, seconds=17)  # the pods of 8 are there still
    await acting
    assert world.status()["phase"] == "RolledBack"
    return seen


def shown(process: Process, objects: Snapshot) -> None:
    for kind, bodies in objects.items():
        for body in bodies:
            process.feed.event(kind, None, body)


@pytest.mark.parametrize("restored", [False, True])
def test_a_stale_leader_never_overwrites_what_is_newer(restored: bool) -> None:  # noqa: FBT001  - a case
    """Above all not that a version was rejected: it would be rolled out again.

    After a restore from a backup, what is newer has lower numbers.
    """

    async def play() -> None:
        world = World()
        views = await rolled_back(world)
        if restored:
            world.server.restore("AIModelDeployment", "lending", "loan", version="7")
        status, route = world.status(), dict(world.gateway.taken)

        for view in views:
            stale = Process(world)
            shown(stale, view)
            for _ in range(3):
                await stale.reconciler.run(LOAN)

            standing = {
                v["spec"]["model"]["version"]: v["status"]["standing"]
                for v in world.server.list("AIModelVersion")
            }
            assert standing == {"7": "Probation", "8": "Rejected"}
            assert [world.status()[part] for part in TOLD] == [status[part] for part in TOLD]
            assert world.gateway.taken == route

    run(play())


@pytest.mark.parametrize("lag", [0.02, 0.3, 1.0])
def test_somebody_who_writes_all_the_time_puts_no_rollback_off(
    lag: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowngood.rehearsal.process.WATCH_DELAY", lag)
    world = World()
    world.error_rates["8"] = 0.5

    async def annotated() -> None:
        for number in itertools.count():
            await asyncio.sleep(0.2)
            world.server.patch("AIModelDeployment", "lending", "loan", noted(number))

    async def play() -> None:
        people = asyncio.create_task(annotated())
        acting = asyncio.ensure_future(wants_8(world))
        await during(world, Process(world), seconds=60)
        await acting
        people.cancel()

    run(play())

    assert (world.status()["phase"], world.lost) == ("RolledBack", 0)


def noted(number: int) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        body["metadata"]["annotations"] = {"note": str(number)}

    return change


async def wants_8(world: World) -> None:
    await asyncio.sleep(10)
    world.want("8")
