"""What a running operator writes into incidents is a chain that holds, and its heads are in the log."""

import asyncio
import logging
from collections.abc import Awaitable

import pytest

from knowngood.api.v1alpha1 import Incident
from knowngood.decisions.chaining import Fault, first_fault
from tests.control.manifests import Object
from tests.control.process import Process, during, until
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
    run(_acted(world, Process(world), STORIES[story](world)))

    assert len(heads) > 1
    assert faults(world) == {}
    logged = [r.getMessage() for r in caplog.records if r.name == "knowngood.control.incidents"]
    assert {message.rsplit(" ", 1)[-1] for message in logged} == heads
    assert len(logged) == len(heads), "once each"


async def _acted(world: World, process: Process, acts: Awaitable[None]) -> None:
    acting = asyncio.ensure_future(acts)
    await during(world, process, seconds=200)
    await acting


def test_an_earlier_incident_is_kept_up_when_another_one_is_acted_on() -> None:
    world = World()
    process = Process(world)

    async def acts() -> None:
        world.error_rates |= {"8": 0.5, "9": 0.5}
        await STORIES["rolled_back"](world)
        await until(lambda: world.status()["phase"] == "RolledBack")
        await asyncio.sleep(5)
        assert told(world, "loan-1")["undo"]["command"] == (
            "knowngood undo loan --version 8 -n lending"
        )
        world.want("9")
        await until(lambda: world.status()["phase"] == "Progressing")
        await until(lambda: world.status()["phase"] == "RolledBack")
        await asyncio.sleep(5)
        assert told(world, "loan-1")["nextForHuman"].startswith("say that you have it")
        taken = {"acknowledgement": {"by": "alice"}}
        world.server.patch("Incident", "lending", "loan-1", lambda body: body["spec"].update(taken))

    run(_acted(world, process, acts()))

    assert "undo" not in told(world, "loan-1")
    assert told(world, "loan-1")["nextForHuman"] == (
        "find out what is wrong with version 8: users are safe with version 7; then close the incident loan-1"
    )
    assert told(world, "loan-2")["undo"]["command"].startswith("knowngood undo loan --version 9")
    assert "the spec still asks for 9" in told(world, "loan-2")["nextForHuman"]
    incidents = [w for w in process.line.sent if "Incident" in w]
    assert len(incidents) < 16, "nothing is written while nothing changes"


def told(world: World, name: str) -> Object:
    body = world.server.get("Incident", "lending", name)
    assert body is not None
    status: Object = body["status"]
    return status
