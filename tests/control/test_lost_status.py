"""A status that is emptied under a running operator: nobody gets requests that they did not have."""

import asyncio

from tests.control.manifests import Object
from tests.control.process import played, until
from tests.control.world import World


def lose_status(world: World) -> None:
    """What a replace of the status with that of a saved manifest does."""

    def change(body: Object) -> None:
        body["status"] = {}

    world.server.patch("AIModelDeployment", "lending", "loan", change)


async def wants(world: World, version: str) -> None:
    await until(lambda: world.status().get("phase") == "Probation")
    world.want(version)


def conditions(world: World) -> dict[str, Object]:
    return {c["type"]: c for c in world.status()["conditions"]}


def test_a_rejected_version_stays_rejected_and_the_stable_one_serves() -> None:
    async def rejected(world: World) -> None:
        world.error_rates["8"] = 0.5
        await wants(world, "8")
        await until(lambda: world.status()["phase"] == "RolledBack")
        await asyncio.sleep(5)
        lose_status(world)

    world = played(rejected, seconds=90)

    assert (world.status()["phase"], world.status()["versions"]["stable"]) == ("Probation", "7")
    assert conditions(world)["Ready"]["reason"] == "VersionRejected"
    (weights,) = world.gateway.taken.values()
    assert list(weights.values()) == [100]
    assert "StateRebuilt" in {n.reason for n in world.events.told.values()}
    assert world.lost == 0


def test_a_version_that_was_never_recorded_is_rolled_out_in_steps() -> None:
    shares: set[int] = set()

    async def replaced(world: World) -> None:
        await wants(world, "9")
        lose_status(world)
        while world.canary_weight == 0:
            shares.add(world.canary_weight)
            await asyncio.sleep(0.01)
        shares.add(world.canary_weight)

    world = played(replaced)

    assert shares == {0, 50}
    assert world.status()["versions"]["stable"] == "9"
    assert world.lost == 0


def test_in_the_middle_of_a_rollout_nothing_moves_and_a_person_is_called() -> None:
    async def halved(world: World) -> None:
        await wants(world, "8")
        await until(lambda: world.canary_weight == 50)
        await asyncio.sleep(1)
        lose_status(world)

    world = played(halved)

    (weights,) = world.gateway.taken.values()
    assert list(weights.values()) == [50, 50]
    stalled = conditions(world)["Stalled"]
    assert stalled["reason"] == "StateLost"
    assert "version 7: 50 %, version 8: 50 %" in stalled["message"]
    assert world.lost == 0
