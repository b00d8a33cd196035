"""What lies between those who tell of an incident and what else happens to it."""

import asyncio

from knowngood.adapters.memory.people import MemoryFence
from knowngood.adapters.memory.siem import MemorySink
from knowngood.exporting.records import Activity
from tests.control.exported import close, lived, say
from tests.control.looked_into import states
from tests.control.process import Process, until
from tests.control.test_playbook import turns_bad_and_is_held
from tests.control.test_probation import played
from tests.control.told import a_world, left_open, notes, receiver
from tests.control.world import World


def test_a_leader_that_comes_back_does_not_write_down_less_than_was_told_meanwhile() -> None:
    world = a_world()
    left_open(world, "other-1")
    mine, theirs = MemoryFence(1), MemoryFence(2, leads=False)

    def depose(_: object) -> None:
        mine.leads = False  # what was sent just now can not be written down

    receiver(world).then = depose

    async def story(world: World) -> None:
        await until(lambda: not mine.leads)
        receiver(world).then = lambda _: None
        theirs.leads = True
        await until(lambda: notes(world, "other-1"))
        say(world, "other-1", severity="Critical")
        await until(lambda: notes(world, "other-1")["oncall"]["sent"] == 2)
        theirs.leads = False
        mine.leads, mine.number = True, 3
        await asyncio.sleep(20)

    lived(world, story, Process(world, mine), Process(world, theirs))

    assert receiver(world).why("other-1") == ["Opened", "Opened", "SeverityRaised"]
    assert len({each.key for each in receiver(world).taken}) == 2
    assert notes(world, "other-1")["oncall"]["sent"] == 2


def test_what_is_closed_while_it_is_looked_into_ends_once_for_a_siem() -> None:
    world = World()
    world.sinks = {"siem": MemorySink()}
    world.objects.hangs.add("CronJob")

    async def acts(world: World, process: Process) -> None:
        await turns_bad_and_is_held(world, process)
        await until(lambda: states(world).get("fallback-ready") == "Passed")
        (found,) = world.server.list("Incident")
        close(world, found["metadata"]["name"])
        await asyncio.sleep(40)

    played(world, 300, acts)

    ends = [r.entry.text for r in world.sinks["siem"].taken if r.activity is Activity.CLOSE]
    assert len(ends) == 1
    assert ends[0].startswith("closed as Resolved by bob")
    assert states(world)["recent-changes"] == "Failed", "what came of it stands in the incident"
