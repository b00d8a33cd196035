"""Golden requests under a running operator: who is asked, when, and what follows where nobody may be sent copies."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.control.process import Killed, Process, during, until
from tests.control.test_contained import SHIFT, answered, incident
from tests.control.test_copied_standbys import stands_by
from tests.control.test_probation import played
from tests.control.test_routes_by_hand import EIGHT, SEVEN
from tests.control.virtual_time import run
from tests.control.world import World

SMOKE = {"smoke": [{"name": "typical", "request": {"path": "/predict"}}], "metrics": "Excluded"}
ABOVE = {"threshold": {"above": "0.05", "window": "1m", "minSamples": 50}}


def fallback(world: World) -> Any:
    return world.status().get("fallback") or {}


def story(turns: Callable[[World], None], standby: str = "Warm") -> Callable[[World, Process], Any]:
    """Version 8 serves, version 7 stands by and answers golden requests; after a minute something turns."""

    async def acts(world: World, _: Process) -> None:
        await stands_by(world, 0)
        shadow = {"standby": standby, "replicas": 1}
        world.edit(lambda body: body["spec"].update(fallback=SMOKE, shadow=shadow))
        answered(world, ABOVE, SHIFT)
        await asyncio.sleep(120)
        assert not world.server.list("Incident")
        turns(world)

    return acts


def eight_fails(world: World) -> None:
    world.error_rates["8"] = 0.3
    world.asker.wrong.add(EIGHT)


def its_input_changes(world: World) -> None:
    world.error_rates |= {"8": 0.3, "7": 0.3}


def both_fail(world: World) -> None:
    eight_fails(world)
    world.asker.wrong.add(SEVEN)


@pytest.mark.parametrize("standby", ["Warm", "Cold"])
def test_the_version_that_answers_right_takes_over_from_one_that_does_not(standby: str) -> None:
    world = World()

    played(world, 500, story(eight_fails, standby))

    assert world.status()["phase"] == "Contained"
    assert world.led == {SEVEN: 100}
    assert world.lost == 0
    assert incident(world)["containment"] == "Verified"


def eight_has_too_much_to_do(world: World) -> None:
    world.error_rates["8"] = 0.3
    world.asker.busy.add(EIGHT)


@pytest.mark.parametrize("turns", [its_input_changes, both_fail, eight_has_too_much_to_do])
@pytest.mark.parametrize("standby", ["Warm", "Cold"])
def test_nobody_is_sent_to_a_version_that_would_do_no_better(
    turns: Callable[[World], None], standby: str
) -> None:
    world = World()

    played(world, 700, story(turns, standby))

    assert world.led[EIGHT] == 100
    assert incident(world)["containment"] != "Verified"


def test_at_rest_only_the_version_that_stands_by_is_asked_once_a_minute() -> None:
    world = World()

    played(world, 400, story(lambda _: None))

    assert all(pod.startswith(SEVEN) for pod in world.asker.asked)
    assert 3 <= len(world.asker.asked) <= 8
    assert (fallback(world)["state"], fallback(world)["by"]) == ("Right", "GoldenRequests")
    assert world.condition("KnownGoodAvailable") == "True StandsBy"


def test_a_standby_that_answers_wrong_is_told_before_it_is_needed() -> None:
    world = World()

    played(world, 400, story(lambda world: world.asker.wrong.add(SEVEN)))

    assert fallback(world)["state"] == "Wrong"
    assert "its status is 500, not 200" in fallback(world)["message"]
    assert world.condition("KnownGoodAvailable") == "False GoldenRequestWrong"
    assert not world.server.list("Incident")


def test_a_wrong_answer_is_asked_again_at_once_so_that_a_moment_stays_one() -> None:
    states: list[str] = []

    async def acts(world: World, process: Process) -> None:
        await story(lambda world: world.asker.wrong.add(SEVEN))(world, process)
        await until(lambda: fallback(world)["state"] == "Wrong")
        world.asker.wrong.clear()
        await asyncio.sleep(6)
        states.append(fallback(world)["state"])

    played(World(), 600, acts)

    assert states == ["Right"]


def test_what_is_known_is_written_when_it_changes_and_not_otherwise() -> None:
    writes: list[int] = []

    async def acts(world: World, process: Process) -> None:
        await story(lambda _: None)(world, process)
        writes.append(len(world.server.writes))
        await asyncio.sleep(600)
        writes.append(len(world.server.writes))

    world = World()

    played(world, 1200, acts)

    assert len(world.asker.asked) > 10
    assert len(set(writes)) == 1


def test_a_pod_that_hangs_keeps_no_other_model_waiting() -> None:
    async def play() -> World:
        world = World()

        async def hang(pod: str) -> None:
            if pod.startswith("loan-"):
                await asyncio.sleep(3600)

        world.asker.before = hang
        acting = asyncio.ensure_future(story(lambda _: None)(world, Process(world)))
        await during(world, Process(world), seconds=300)
        await acting
        return world

    world = run(play())

    assert fallback(world)["state"] == "Untried"
    assert world.status()["phase"] in {"Guarding", "Probation"}


def test_another_leader_asks_anew() -> None:
    async def acts(world: World, process: Process) -> None:
        await story(lambda _: None)(world, process)
        process.line.broken = Killed()
        world.asker.asked.clear()
        await during(world, Process(world), seconds=30)

    world = World()

    played(world, 900, acts)

    assert world.asker.asked
    assert fallback(world)["state"] == "Right"


def test_who_may_not_write_asks_nobody() -> None:
    async def acts(world: World, process: Process) -> None:
        await story(lambda _: None)(world, process)
        process.fence.leads = False
        await asyncio.sleep(5)
        world.asker.asked.clear()
        await asyncio.sleep(300)

    world = World()

    played(world, 900, acts)

    assert not world.asker.asked
