"""What serves turns bad, and the incident is looked into by itself: beside everything else, and once."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from knowngood.control.playbook.runner import DEADLINE
from knowngood.decisions.playbook.names import STEPS
from knowngood.decisions.playbook.objects import CronJobSeen, Edited
from knowngood.errors import Refused
from tests.control.looked_into import said, serves_beside, states, steps
from tests.control.manifests import Object
from tests.control.process import Killed, Process, until
from tests.control.process import played as told
from tests.control.stories import rolled_back
from tests.control.test_contained import incident
from tests.control.test_probation import played
from tests.control.world import World

HOLD: list[Object] = []


async def turns_bad(world: World, _: Process) -> None:
    await serves_beside(world)
    world.error_rates["8"] = 0.3


async def turns_bad_and_is_held(world: World, _: Process) -> None:
    await serves_beside(world, HOLD)
    world.error_rates["8"] = 0.3


def contained_after(world: World) -> timedelta:
    clocks = incident(world)["clocks"]
    return at(clocks["contained"]) - at(clocks["detected"])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def entries(world: World) -> list[str]:
    """What the timeline tells of steps."""
    texts = (entry["text"] for entry in incident(world)["timeline"])
    return [text for text in texts if text.split(":")[0] in STEPS]


def test_every_step_ends_and_is_told_once() -> None:
    world = World()

    played(world, 200, turns_bad)

    assert set(steps(world)) == set(STEPS)
    assert "Running" not in states(world).values()
    assert states(world)["fallback-ready"] == "Passed"
    assert "2 of its pods are ready" in said(world, "fallback-ready")
    assert sorted(text.split(":")[0] for text in entries(world)) == sorted(STEPS)


@pytest.mark.parametrize("kind", ["CronJob", "IncidentPolicy"])
def test_a_step_that_hangs_for_ever_delays_no_containment(kind: str) -> None:
    hanging, undisturbed = World(), World()
    hanging.objects.hangs.add(kind)
    undisturbed.looks_into_incidents = False

    for world in (hanging, undisturbed):
        played(world, 200, turns_bad)
        assert world.status()["phase"] == "Contained"

    late = contained_after(hanging) - contained_after(undisturbed)
    assert late < timedelta(seconds=1), "a pass that is overtaken is begun anew at once"
    assert contained_after(hanging) < timedelta(seconds=DEADLINE)
    assert states(hanging)["recent-changes"] == "Failed"
    assert said(hanging, "recent-changes") == "it did not end within 20 s"
    assert states(hanging)["fallback-ready"] == "Passed", "the others do not wait for it"
    assert steps(undisturbed) == {}


def test_a_source_that_is_dead_delays_no_containment_and_is_told() -> None:
    world = World()

    async def acts(world: World, process: Process) -> None:
        await turns_bad(world, process)
        await until(lambda: world.status().get("servingBreaches"))
        world.signals.problem = "it is away"

    played(world, 200, acts)

    assert "Running" not in states(world).values()


def test_what_ran_when_the_process_died_is_run_again_by_the_next_one() -> None:
    world = World()
    world.objects.hangs.add("CronJob")

    async def acts(world: World, process: Process) -> None:
        await turns_bad_and_is_held(world, process)
        await until(lambda: states(world).get("fallback-ready") == "Passed")
        process.line.broken = Killed()
        assert states(world)["recent-changes"] == "Running"
        begun = steps(world)["recent-changes"]["startedAt"]
        world.objects.hangs.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(Process(world).run(), 60)
        assert states(world)["recent-changes"] == "Found"
        assert steps(world)["recent-changes"]["startedAt"] == begun

    played(world, 300, acts)

    assert sorted(text.split(":")[0] for text in entries(world)) == sorted(STEPS)


def test_two_processes_that_both_believe_to_lead_tell_each_step_once() -> None:
    world = World()

    async def acts(world: World, process: Process) -> None:
        other = asyncio.create_task(Process(world).run())
        await turns_bad_and_is_held(world, process)
        await asyncio.sleep(60)
        other.cancel()
        await asyncio.gather(other, return_exceptions=True)

    played(world, 250, acts)

    assert sorted(text.split(":")[0] for text in entries(world)) == sorted(STEPS)


def test_what_may_not_be_read_is_told_in_words_and_the_rest_is_there() -> None:
    world = World()
    world.objects.refused["CronJob"] = Refused("cronjobs.batch is forbidden")

    played(world, 200, turns_bad_and_is_held)

    assert states(world)["recent-changes"] == "Found"
    text = said(world, "recent-changes")
    assert "not looked at: CronJobs (cronjobs.batch is forbidden)" in text
    assert {c["kind"] for c in incident(world)["changes"]} == {"AIModelDeployment"}


def test_what_was_changed_before_is_listed_the_nearest_to_the_harm_first() -> None:
    world = World()

    async def acts(world: World, _: Process) -> None:
        now = world.clock.now()
        early, late = now - timedelta(hours=23), now - timedelta(hours=25)
        failed = CronJobSeen("nightly", scheduled=early, succeeded=late)
        world.objects.jobs["lending"] = (failed, CronJobSeen("old", scheduled=late))
        policy = ("lending", "IncidentPolicy", "lending")
        await serves_beside(world, HOLD)
        world.objects.edits[policy] = Edited(world.clock.now(), "kubectl-edit")
        await asyncio.sleep(10)
        world.error_rates["8"] = 0.3

    played(world, 200, acts)

    changes = incident(world)["changes"]
    times = [c["time"] for c in changes]
    assert times == sorted(times, reverse=True)
    assert [(c["kind"], c["name"], c["text"]) for c in (changes[0], changes[-1])] == [
        ("IncidentPolicy", "lending", "it was written by kubectl-edit"),
        ("CronJob", "nightly", "it ran, and was not seen to succeed"),
    ]
    assert any("version 8 was promoted" in c["text"] for c in changes)
    assert not any(c["name"] == "old" for c in changes)
    assert not any("suspect" in c["text"] for c in changes), "what follows is no cause"


def test_a_config_map_that_a_feed_reads_is_looked_at_and_one_of_another_job_is_not() -> None:
    world = World()

    async def acts(world: World, _: Process) -> None:
        def feed(body: Object) -> None:
            body["spec"]["feeds"] = [{"cronJobRef": {"name": "nightly"}}]

        world.edit(feed)
        jobs = CronJobSeen("nightly", config_maps=("units",)), CronJobSeen("x", config_maps=("y",))
        world.objects.jobs["lending"] = jobs
        await serves_beside(world, HOLD)
        for name in ("units", "y"):
            edited = Edited(world.clock.now(), "kubectl-edit")
            world.objects.edits["lending", "ConfigMap", name] = edited
        await asyncio.sleep(10)
        world.error_rates["8"] = 0.3

    played(world, 200, acts)

    (changed,) = [c for c in incident(world)["changes"] if c["kind"] == "ConfigMap"]
    assert changed["name"] == "units"
    (step,) = [s for s in incident(world)["steps"] if s["name"] == "recent-changes"]
    assert "ConfigMap units (it was written by kubectl-edit, " in step["shared"]
    assert step["shared"].endswith("CronJob nightly")


def test_the_incident_of_a_canary_is_not_looked_into() -> None:
    world = told(rolled_back, seconds=100)

    assert incident(world)["subject"]["role"] == "Canary"
    assert steps(world) == {}
    assert world.objects.asked == []


def test_what_has_ended_is_written_no_more() -> None:
    counts: list[int] = []

    async def acts(world: World, process: Process) -> None:
        await turns_bad_and_is_held(world, process)
        await until(lambda: states(world) and "Running" not in states(world).values())
        for _ in range(2):
            await asyncio.sleep(30)
            counts.append(sum("Incident/" in write for write in world.server.writes))

    played(World(), 250, acts)

    assert counts[0] == counts[1]
