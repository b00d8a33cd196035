"""Incidents that SIEMs are told of."""

import asyncio
from collections.abc import Awaitable, Callable

from knowngood.adapters.memory.siem import MemorySink
from tests.control.manifests import Object
from tests.control.process import Process, during, until
from tests.control.stories import rolled_back
from tests.control.virtual_time import run
from tests.control.world import World

MINUTES = 60.0
Story = Callable[[World], Awaitable[None]]


def a_world(*sinks: str) -> World:
    world = World()
    world.sinks = {name: MemorySink() for name in sinks}
    return world


def lived(
    world: World, story: Story, *processes: Process, seconds: float = 100.0
) -> tuple[World, MemorySink]:
    """Let a story happen; returns the world and its first SIEM."""

    async def play() -> None:
        acting = asyncio.ensure_future(story(world))
        await during(world, *(processes or (Process(world),)), seconds=seconds)
        await acting

    run(play())
    return world, next(iter(world.sinks.values()), MemorySink())


def incident(world: World, name: str = "loan-1") -> Object:
    body = world.server.get("Incident", "lending", name)
    assert body is not None
    return body


def say(world: World, name: str = "loan-1", **words: object) -> None:
    world.server.patch("Incident", "lending", name, lambda body: body["spec"].update(words))


def close(world: World, name: str = "loan-1") -> None:
    say(world, name, close={"resolution": "Resolved", "by": "bob"})


def cursors(world: World, name: str = "loan-1") -> dict[str, int]:
    return {e["sink"]: e["seq"] for e in incident(world, name)["status"].get("exports") or []}


def numbers(world: World, name: str = "loan-1") -> list[int]:
    return [entry["seq"] for entry in incident(world, name)["status"]["timeline"]]


async def answered(world: World) -> None:
    """A bad version is taken back, somebody takes the incident, and it is closed."""
    await rolled_back(world)
    await until(lambda: world.status().get("phase") == "RolledBack")
    say(world, acknowledgement={"by": "alice"})
    await asyncio.sleep(5)
    close(world)


async def nothing_happens(_: World) -> None:
    """Somebody only looks."""


def an_incident(name: str) -> Object:
    """Opened by a person, and taken by her."""
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "Incident",
        "metadata": {"name": name, "namespace": "lending"},
        "spec": {
            "modelRef": {"name": "gone", "uid": "u9"},
            "origin": "Manual",
            "acknowledgement": {"by": "alice"},
        },
    }
