"""What was contained gets users again, under a running operator: the incident tells it at once, and what follows."""

import asyncio
from typing import Any

from tests.control.process import Process, until
from tests.control.test_contained import eight_turns_bad, incident, story
from tests.control.test_probation import played
from tests.control.world import World


def texts(world: World) -> list[str]:
    return [entry["text"] for entry in incident(world)["timeline"]]


async def serves_again(world: World, process: Process) -> None:
    """Version 8 is contained, and a person has it tried once more until it answers everybody."""
    await story(eight_turns_bad)(world, process)
    await until(lambda: world.status()["phase"] == "Contained")
    await until(lambda: incident(world)["containment"] == "Verified")
    await asyncio.sleep(60)
    world.error_rates["8"] = 0.0
    world.command("undo 8")
    await until(lambda: world.status()["versions"]["stable"] == "8")
    await asyncio.sleep(5)


def test_the_all_clear_is_withdrawn_with_the_first_share_and_by_name() -> None:
    world, then = World(), dict[str, Any]()

    async def acts(world: World, process: Process) -> None:
        await serves_again(world, process)
        then.update(incident(world))

    played(world, 500, acts)

    assert then["containment"] == "Undone"
    assert then["nextForHuman"].count("version 8 answers 100 % of the users again") == 1
    (told,) = [text for text in texts(world) if "answers users again" in text]
    assert "gave the command undo 8" in told
    assert "it is contained no more" in told


def test_a_version_that_turns_bad_again_after_that_opens_the_same_incident_again() -> None:
    world = World()

    async def acts(world: World, process: Process) -> None:
        await serves_again(world, process)
        eight_turns_bad(world)
        await until(lambda: incident(world)["reopened"] == 1)

    played(world, 800, acts)

    status = incident(world)
    assert status["reopened"] == 1
    assert "the incident is opened again: version 8 is bad again" in texts(world)
    assert not status["summary"].startswith("version 8 answers users again")
