"""A version that was promoted earns to be called known good by what is seen of it, and by nothing else."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tests.control.manifests import Object, a_policy, a_trigger
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World

MINUTES = 60.0


def proving(world: World, duration: str = "3m", decisions: int = 500) -> None:
    """Ask for a short probation."""

    def change(body: Object) -> None:
        probation = {"duration": duration, "minDecisions": decisions}
        body["spec"]["rollout"]["probation"] = probation

    world.edit(change)


def played(
    world: World,
    seconds: float,
    acts: Callable[[World, Process], Coroutine[Any, Any, None]] | None = None,
) -> Process:
    async def play() -> Process:
        process = Process(world)
        acting = asyncio.create_task(acts(world, process)) if acts else None
        await during(world, process, seconds=seconds)
        if acting is not None:
            await acting
        return process

    return run(play())


def told(world: World, reason: str) -> list[str]:
    return [key for _, said, key in world.events.told if said == reason]


def test_a_version_that_was_seen_for_long_enough_is_known_good_and_guarded() -> None:
    world = World()
    proving(world)

    played(world, 5 * MINUTES)

    assert world.record("7")["standing"] == "KnownGood"
    assert world.record("7")["transitions"][-1]["reason"] == "Proved"
    assert world.status()["phase"] == "Guarding"
    assert len(told(world, "KnownGood")) == 1


def test_time_in_which_nobody_could_see_it_does_not_count() -> None:
    world = World()
    proving(world)

    async def hide(world: World, _: Process) -> None:
        await asyncio.sleep(60)
        world.signals.problem = "cannot be reached"
        world.silent.add("7")
        await asyncio.sleep(180)
        assert world.record("7")["standing"] == "Probation"
        world.silent.clear()
        world.signals.problem = ""
        await asyncio.sleep(60)
        assert world.record("7")["standing"] == "Probation"

    played(world, 9 * MINUTES, hide)

    assert world.record("7")["standing"] == "KnownGood"


def test_a_version_that_nobody_asks_stays_in_probation_and_it_is_said_what_it_lacks() -> None:
    world = World()
    proving(world, decisions=10_000_000)

    played(world, 6 * MINUTES)

    assert world.record("7")["standing"] == "Probation"
    (known,) = (c for c in world.record("7")["conditions"] if c["type"] == "KnownGood")
    assert known["message"] == (
        "probation judged against Baseline only: it made 0 % of 10000000 decisions"
    )


def test_no_policy_that_acts_makes_no_version_known_good() -> None:
    world = World()
    proving(world)
    world.server.patch(
        "IncidentPolicy", "lending", "lending", lambda body: body["spec"].update(mode="Observe")
    )

    played(world, 5 * MINUTES)

    assert world.record("7")["standing"] == "Probation"


def limited(world: World) -> None:
    """Judge the version that serves by a limit."""
    threshold = {"above": "0.2", "window": "30s", "minSamples": 50}
    trigger = {**a_trigger("too-many-errors", threshold=threshold), "roles": ["Stable"]}
    spec = a_policy(triggers=[trigger])["spec"]
    world.server.patch("IncidentPolicy", "lending", "lending", lambda body: body.update(spec=spec))


def test_a_version_that_is_breached_in_its_probation_is_suspect_and_moves_no_traffic() -> None:
    world = World()
    proving(world)
    limited(world)

    async def fail(world: World, _: Process) -> None:
        await asyncio.sleep(60)
        world.error_rates["7"] = 0.5
        await until(lambda: world.record("7")["standing"] == "Suspect")
        world.error_rates["7"] = 0.0

    played(world, 8 * MINUTES, fail)

    assert world.record("7")["standing"] == "Suspect"
    assert world.status()["phase"] == "Probation"
    assert len(told(world, "ProbationFailed")) == 1
    assert world.lost == 0


def test_a_trigger_for_the_version_that_serves_judges_no_canary() -> None:
    world = World()
    limited(world)
    world.error_rates["8"] = 0.5

    async def want(world: World, _: Process) -> None:
        await asyncio.sleep(10)
        world.want("8")

    played(world, 1.5 * MINUTES, want)

    assert world.status()["versions"]["stable"] == "8"


def test_another_leader_goes_on_with_a_probation_where_the_first_one_stood() -> None:
    world = World()
    proving(world, "4m")

    async def play() -> str:
        await during(world, Process(world), seconds=3 * MINUTES)
        assert world.record("7")["standing"] == "Probation"
        await during(world, Process(world), seconds=1.5 * MINUTES)
        return str(world.record("7")["standing"])

    assert run(play()) == "KnownGood"
