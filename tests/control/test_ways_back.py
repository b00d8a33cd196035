"""Ways back that something comes between."""

import asyncio
from collections.abc import Callable

from tests.control.manifests import Object
from tests.control.process import played, until
from tests.control.test_routes_by_hand import EIGHT, serves
from tests.control.world import World


def told(world: World) -> list[str]:
    """What people were told last, for whoever reads a failure."""
    return [f"{notice.reason}: {notice.message}" for notice in world.events.told.values()][-8:]


def test_promote_while_a_known_good_version_comes_back_makes_no_incident_of_it() -> None:
    async def story(world: World) -> None:
        world.stand_by("Cold")
        await until(lambda: world.record("7").get("standing") == "Probation")
        world.attest("7")
        await asyncio.sleep(5)
        world.want("8")
        await serves(world, "8")
        await asyncio.sleep(40)
        world.running = False
        world.want("7")
        await until(lambda: (world.status().get("versions") or {}).get("canary") == "7")
        world.command("promote 7")
        await asyncio.sleep(3)
        world.running = True

    world = played(story, seconds=120)

    assert world.status()["versions"]["stable"] == "7", told(world)
    assert world.record("7")["standing"] == "KnownGood"
    assert not world.server.list("Incident")


def test_a_version_that_a_person_took_back_is_not_tried_again_where_its_record_was_lost() -> None:
    async def story(world: World) -> None:
        await serves(world)
        world.want("8")
        await serves(world, "8")
        await asyncio.sleep(40)
        world.server.delete("AIModelVersion", "lending", EIGHT, "")
        world.running = False  # or its record would be written anew
        world.command("rollback 8")
        await until(lambda: world.status()["phase"] == "RollingBack")
        world.server.delete("AIModelVersion", "lending", EIGHT, "")
        world.running = True
        await serves(world)

    world = played(story, seconds=120)

    assert world.status()["versions"]["stable"] == "7", told(world)


def test_what_was_awaited_before_a_suspension_is_awaited_anew_on_the_way_back() -> None:
    async def story(world: World) -> None:
        await serves(world)
        world.want("8")
        await serves(world, "8")
        await asyncio.sleep(40)
        world.running = False  # 8 goes on answering: only new pods do not come up
        world.command("undo 8")
        await until(lambda: world.status()["phase"] == "RollingBack")
        world.edit(lambda body: body["spec"].update(suspend=True))
        await asyncio.sleep(320)
        world.edit(lambda body: body["spec"].update(suspend=False))
        await asyncio.sleep(3)
        world.running = True

    world = played(story, seconds=450)

    assert world.status()["versions"]["stable"] == "7", told(world)


def test_a_version_that_drains_keeps_its_place_when_the_next_one_is_taken_back() -> None:
    times: list[float] = []

    async def story(world: World) -> None:
        now = asyncio.get_running_loop().time
        await serves(world)
        world.want("8")
        await until(lambda: world.canary_weight)
        await asyncio.sleep(1)
        world.want("9")
        await until(lambda: (world.status().get("versions") or {}).get("canary") == "9")
        times.append(now())
        await asyncio.sleep(1)
        world.command("abort 9")
        await until(lambda: EIGHT not in world.led)
        times.append(now())

    played(story, seconds=100)

    began, gone = times
    assert gone - began > 29


def test_a_version_that_is_scaled_to_nothing_while_it_is_promoted_is_not_rejected_for_it() -> None:
    def replicas(count: int) -> Callable[[Object], None]:
        def change(body: Object) -> None:
            body["spec"]["rollout"]["steps"] = [{"pause": {}}]
            body["spec"]["serving"]["deployment"]["replicas"] = count

        return change

    async def story(world: World) -> None:
        await serves(world)
        world.edit(replicas(2))
        world.want("8")
        await until(lambda: world.status()["phase"] == "Paused")
        await asyncio.sleep(5)
        world.edit(replicas(0))
        await asyncio.sleep(5)
        world.command("promote 8")

    world = played(story, seconds=500)

    assert world.record("8").get("standing") != "Rejected", told(world)
    assert not world.server.list("Incident")
