"""A process dies while it tells a SIEM of an incident."""

import asyncio

import pytest

from tests.control.exported import Story, a_world, answered, cursors, incident, lived, numbers
from tests.control.manifests import Object
from tests.control.process import Killed, Process, until
from tests.control.stories import contained
from tests.control.world import World


@pytest.mark.parametrize("sent", [1, 2, 3])
def test_killed_between_sending_and_writing_that_down_it_is_sent_twice_and_never_lost(
    sent: int,
) -> None:
    world = a_world("soc")
    sink, first, seen = world.sinks["soc"], Process(world), []

    def die(records: object) -> None:
        seen.append(records)
        if len(seen) == sent:
            first.line.broken = Killed()
            raise first.line.broken

    sink.then = die

    async def and_another_one(world: World) -> None:
        next_one = asyncio.create_task(successor())
        await answered(world)
        await asyncio.sleep(20)
        next_one.cancel()
        await asyncio.gather(next_one, return_exceptions=True)

    async def successor() -> None:
        await until(lambda: first.line.broken)
        await asyncio.sleep(2)
        await Process(world).run()

    lived(world, and_another_one, first)

    found = sink.entries("loan-1")
    assert list(dict.fromkeys(found)) == numbers(world)
    twice = [r.uid for r in sink.taken]
    assert len(twice) > len(set(twice))
    for record in sink.taken:
        alike = [r for r in sink.taken if r.uid == record.uid]
        assert {(r.entry, r.evidence, r.activity, r.progress) for r in alike} == {
            (record.entry, record.evidence, record.activity, record.progress)
        }
    assert cursors(world) == {"soc": numbers(world)[-1]}


@pytest.mark.parametrize("story", [answered, contained])
def test_killed_after_any_write_all_is_told_and_the_incident_ends_the_same(story: Story) -> None:
    def played(killed_after: int | None) -> tuple[Object, World, Process]:
        world = a_world("soc")
        first = Process(world)
        if killed_after is not None:
            first.kill_after(killed_after)

        async def both(world: World) -> None:
            next_one = asyncio.create_task(successor())
            await story(world)
            await asyncio.sleep(10)
            next_one.cancel()
            await asyncio.gather(next_one, return_exceptions=True)

        async def successor() -> None:
            await until(lambda: first.line.broken)
            await asyncio.sleep(2)
            await Process(world).run()

        lived(world, both, first)
        return incident(world)["status"], world, first

    want, _, undisturbed = played(None)
    notes = [n for n, w in enumerate(undisturbed.line.sent, 1) if w == "status of Incident loan-1"]
    assert len(notes) > 4

    for number in notes:
        got, world, _ = played(number)
        assert list(dict.fromkeys(world.sinks["soc"].entries("loan-1"))) == numbers(world)
        assert got["exports"] == [{"sink": "soc", "seq": numbers(world)[-1]}]
        assert [t["text"] for t in got["timeline"]] == [t["text"] for t in want["timeline"]]
        assert {got["phase"], got["containment"]} == {want["phase"], want["containment"]}
