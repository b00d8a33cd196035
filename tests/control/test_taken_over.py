"""A process that takes over says nothing that it has not seen: where all goes on as before, it writes nothing."""

import asyncio
from typing import Any

import pytest

from tests.control.manifests import Object
from tests.control.process import Killed, Process, until
from tests.control.safe_paths import on_safe_path
from tests.control.stories import (
    Story,
    contained,
    held_back,
    promoted,
    rolled_back,
    turns_bad,
)
from tests.control.virtual_time import run
from tests.control.world import World

RESTS = 90.0
"""Seconds until everything that follows from a story is written."""

GOES_ON = 20.0

LATE = 2.0
"""Seconds after which Prometheus answers: passes come before the first look is over."""


async def everything_fails(world: World) -> None:
    """Both versions fail, so that nothing is shifted, and the incident stays open."""
    await turns_bad(world)
    world.error_rates["7"] = 0.3
    await until(lambda: bool(world.server.list("Incident")))


def changes(before: list[Object], after: list[Object]) -> list[str]:
    """Conditions and fields of a status that are not what they were."""
    pairs = zip(before, after, strict=True)
    return [
        f"{name}: {old.get('status', {}).get(name)} became {new['status'].get(name)}"
        for old, new in pairs
        for name in (new.get("status") or {})
        if old.get("status", {}).get(name) != new["status"].get(name)
    ]


def objects(world: World) -> list[Object]:
    kinds = ("AIModelDeployment", "AIModelVersion", "Incident", "IncidentPolicy")
    return [body for kind in kinds for body in world.server.list(kind)]


@pytest.mark.parametrize(
    "story",
    [promoted, rolled_back, held_back, contained, everything_fails, on_safe_path],
    ids=lambda story: story.__name__,
)
def test_who_takes_over_while_nothing_happens_writes_nothing(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> list[str]:
        world = World()
        read = world.signals.read
        living = asyncio.create_task(world.live())
        first = Process(world)
        running = asyncio.create_task(first.run())
        await story(world)
        await asyncio.sleep(RESTS)
        first.line.broken = Killed()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        before, count = objects(world), len(world.server.writes)

        async def late(*asked: Any) -> Any:
            await asyncio.sleep(LATE)
            return await read(*asked)

        monkeypatch.setattr(world.signals, "read", late)
        second = asyncio.create_task(Process(world).run())
        seen: list[str] = []
        for _ in range(int(GOES_ON / 0.5)):
            await asyncio.sleep(0.5)
            if len(world.server.writes) > count:
                now = objects(world)
                seen += [f"{len(seen)}: {line}" for line in changes(before, now)]
                before, count = now, len(world.server.writes)
        for task in (second, living):
            task.cancel()
        await asyncio.gather(second, living, return_exceptions=True)
        return seen

    said = run(play())
    assert said == [], "\n".join(said)
