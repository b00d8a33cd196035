"""What other tools did to objects that Git owns, and to one another: each test names the report that it comes from."""

import asyncio
from typing import Final

import pytest

from tests.control.manifests import Object, a_model
from tests.control.process import Process, during, played, until
from tests.control.stories import STORIES
from tests.control.virtual_time import run
from tests.control.world import World

ADDED: Final = {"finalizers", "generation", "resourceVersion", "uid"}
"""Metadata that are in no manifest."""


def declared(world: World, kind: str, name: str) -> Object:
    """What somebody has declared of an object."""
    body = world.server.get(kind, "lending", name)
    assert body is not None
    metadata = {k: v for k, v in body["metadata"].items() if k not in ADDED}
    return {"metadata": metadata, "spec": body["spec"]}


@pytest.mark.parametrize("story", ["promoted", "rolled_back"])
def test_nothing_that_is_declared_is_ever_written(story: str) -> None:
    """Flagger 1504, Argo CD 25284: what was written into objects of Git was set back, in turns for ever."""
    untouched = World()
    untouched.want("8")

    world = played(STORIES[story], seconds=60)

    for kind, name in (("AIModelDeployment", "loan"), ("IncidentPolicy", "lending")):
        assert declared(world, kind, name) == declared(untouched, kind, name)


def test_two_models_never_share_their_users() -> None:
    """Flagger's own documentation of two canaries with one target: bad things will happen."""
    shared: Object = {
        "gatewayAPI": {
            "parentRefs": [{"name": "public"}],
            "hostnames": ["loan.example.com"],
            "rules": [{"name": "all"}],
        }
    }
    world = World()

    async def story() -> None:
        await until(lambda: world.status().get("phase") == "Probation")
        world.add(a_model("second", traffic=shared))

    async def play() -> None:
        told = asyncio.create_task(story())
        await during(world, Process(world), seconds=30)
        await told

    run(play())

    assert [key.name for key in world.gateway.asked] == ["loan"]
    stalled = [c for c in world.status("second")["conditions"] if c["type"] == "Stalled"]
    assert stalled[0]["reason"] == "Claimed"
    assert "lending/loan" in stalled[0]["message"]
