"""What a running operator writes into incidents is a chain that holds, and its heads are in the log."""

import asyncio
import logging

import pytest

from knowngood.api.v1alpha1 import Incident
from knowngood.decisions.chaining import Fault, first_fault
from tests.control.process import Process, during
from tests.control.stories import STORIES
from tests.control.virtual_time import run
from tests.control.world import World


def faults(world: World) -> dict[str, Fault]:
    """The first fault of each incident whose chain does not hold."""
    found: dict[str, Fault | None] = {}
    for body in world.server.list("Incident"):
        incident = Incident.model_validate(body)
        if incident.status is not None:
            timeline = body["status"]["timeline"]
            name = incident.metadata.name
            found[name] = first_fault(incident.metadata, timeline, incident.status.chain)
    return {name: fault for name, fault in found.items() if fault}


@pytest.mark.parametrize("story", ["forced", "rolled_back_and_deleted", "contained"])
def test_every_chain_holds_and_every_head_is_in_the_log(
    story: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world = World()
    heads: set[str] = set()

    def note(kind: str, _: str, body: dict[str, object]) -> None:
        if kind == "Incident" and "status" in body:
            found = Incident.model_validate(body).status
            assert found is not None
            assert found.chain is not None
            heads.add(found.chain.head)

    world.server.watch(note)
    run(_played(world, story))

    assert len(heads) > 1
    assert faults(world) == {}
    logged = [r.getMessage() for r in caplog.records if r.name == "knowngood.control.incidents"]
    assert {message.rsplit(" ", 1)[-1] for message in logged} == heads
    assert len(logged) == len(heads), "once each"


async def _played(world: World, story: str) -> None:
    acting = asyncio.ensure_future(STORIES[story](world))
    await during(world, Process(world), seconds=100)
    await acting
