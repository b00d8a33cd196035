"""Long timelines move to ConfigMaps while the operator runs, and while it dies."""

import asyncio
import json

import pytest

from knowngood.api.v1alpha1 import Incident, IncidentStatus
from knowngood.decisions.archiving import KEY, parts_of
from knowngood.decisions.chaining import Older, first_fault
from knowngood.decisions.timeline import extend_timeline
from tests.control.exported import MINUTES, a_world, an_incident, cursors, lived, nothing_happens
from tests.control.manifests import Object
from tests.control.process import Killed, Process, until
from tests.control.virtual_time import EPOCH
from tests.control.world import World

NAME = "other-1"


def seen(world: World) -> Incident:
    return Incident.model_validate(world.server.get("Incident", "lending", NAME))


def tell(world: World, count: int) -> None:
    """Let that much happen in an incident at once."""
    incident = seen(world)
    entries = [(EPOCH, "DE.AE", f"event {n}") for n in range(count)]
    status = extend_timeline(incident, incident.status or IncidentStatus(), *entries)
    world.server.patch("Incident", "lending", NAME, lambda b: b.update(status=status.wire()))


def a_long_one(*sinks: str, count: int = 160) -> World:
    world = a_world(*sinks)
    world.add(an_incident(NAME))
    tell(world, count)
    return world


def config_maps(world: World) -> dict[str, Object]:
    return {b["metadata"]["name"]: b for b in world.server.list("ConfigMap")}


def whole(world: World) -> list[int]:
    """Numbers of all entries, wherever they are; the chain holds from the first to the last one."""
    incident, kept = seen(world), config_maps(world)
    assert incident.status is not None
    assert incident.status.chain is not None
    names = parts_of(incident, incident.status.chain)
    moved = [e for n in names for e in json.loads(kept[n]["data"][KEY])["entries"]]
    timeline = incident.status.wire()["timeline"]
    older = Older(1, "", moved) if moved else None
    assert first_fault(incident.metadata, timeline, incident.status.chain, older) is None
    return [e["seq"] for e in (*moved, *timeline)]


def test_the_oldest_entries_move_and_nothing_is_lost() -> None:
    world, _ = lived(a_long_one(), nothing_happens)

    assert whole(world) == list(range(1, len(whole(world)) + 1))
    (kept,) = config_maps(world).values()
    assert kept["immutable"] is True
    assert len((seen(world).status or IncidentStatus()).timeline) < 150


@pytest.mark.parametrize("kind", ["create ConfigMap", "status of Incident"])
def test_killed_right_after_any_write_nothing_is_lost_and_nothing_is_there_twice(kind: str) -> None:
    world = a_long_one()
    first = Process(world)

    def die(number: int) -> None:
        if first.line.sent[number - 1].startswith(kind) and config_maps(world):
            first.line.broken = Killed()
            raise first.line.broken

    first.line.after = die

    async def and_another_one(world: World) -> None:
        await until(lambda: first.line.broken)
        assert whole(world) == list(range(1, len(whole(world)) + 1))
        await asyncio.sleep(2)
        next_one = asyncio.create_task(Process(world).run())
        await asyncio.sleep(30)
        next_one.cancel()
        await asyncio.gather(next_one, return_exceptions=True)

    lived(world, and_another_one, first)

    assert whole(world) == list(range(1, len(whole(world)) + 1))
    assert len(config_maps(world)) == 1


def test_where_no_config_map_may_be_created_the_incident_says_so_and_keeps_what_it_can() -> None:
    world = a_long_one()
    world.archives_forbidden = "configmaps is forbidden"

    async def story(world: World) -> None:
        await asyncio.sleep(MINUTES)
        before = len(world.server.writes)
        await asyncio.sleep(30 * MINUTES)
        assert len(world.server.writes) == before

    lived(world, story, seconds=32 * MINUTES)

    chain = (seen(world).status or IncidentStatus()).chain
    assert chain is not None
    assert chain.not_archived == "configmaps is forbidden"
    assert (chain.archived, config_maps(world)) == (0, {})
    assert whole(world) == list(range(1, len(whole(world)) + 1))

    world.archives_forbidden = ""
    lived(world, nothing_happens)

    chain = (seen(world).status or IncidentStatus()).chain
    assert chain is not None
    assert (chain.not_archived, chain.archived) == (None, 50)
    assert whole(world) == list(range(1, len(whole(world)) + 1))


def test_a_right_that_is_missing_is_asked_for_again_after_minutes_and_not_at_every_entry() -> None:
    world = a_long_one()
    world.archives_forbidden = "configmaps is forbidden"
    process = Process(world)

    async def story(world: World) -> None:
        for _ in range(5):
            await asyncio.sleep(MINUTES)
            tell(world, 1)

    lived(world, story, process, seconds=6 * MINUTES)

    assert process.archives.asked == 1


def test_what_somebody_has_put_in_the_place_of_a_part_is_never_taken_for_it() -> None:
    world = a_long_one()
    uid = seen(world).metadata.uid
    meta = {"name": f"incident-{uid}-1-50", "namespace": "lending"}
    forged = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {KEY: "{}"}}
    world.add(forged)

    lived(world, nothing_happens)

    chain = (seen(world).status or IncidentStatus()).chain
    assert chain is not None
    assert "has other contents" in (chain.not_archived or "")
    assert chain.archived == 0


def test_entries_wait_for_a_siem_while_there_is_room() -> None:
    world = a_long_one("soc")
    world.sinks["soc"].away = True
    lived(world, nothing_happens)
    assert config_maps(world) == {}

    world.sinks["soc"].away = False
    lived(world, nothing_happens)

    assert len(config_maps(world)) == 1
    assert world.sinks["soc"].entries(NAME) == whole(world)
    assert cursors(world, NAME) == {"soc": whole(world)[-1]}
