"""A model without traffic of ours is watched: nothing of it is taken away that may be answering."""

import asyncio

from tests.control.manifests import a_model
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World


def pods(world: World) -> dict[str, int]:
    return {seen.version: seen.replicas for _, seen in world.cluster.deployments.values()}


def test_an_earlier_version_stays_until_the_gateway_was_seen_to_split_the_traffic() -> None:
    """Somebody else's route may lead to the earlier version when traffic is given to Knowngood."""
    world, found = World(), list[dict[str, int]]()
    world.server.delete("IncidentPolicy", "lending", "lending", "")
    world.server.patch(
        "AIModelDeployment", "lending", "loan", lambda body: body["spec"].pop("traffic")
    )

    async def given() -> None:
        await asyncio.sleep(10)
        world.want("8")
        await until(lambda: world.status()["versions"]["stable"] == "8")
        await asyncio.sleep(60)
        found.append(pods(world))
        world.routed = False
        traffic = a_model()["spec"]["traffic"]
        world.server.patch(
            "AIModelDeployment",
            "lending",
            "loan",
            lambda body: body["spec"].update(traffic=traffic),
        )
        await asyncio.sleep(60)
        found.append(pods(world))
        world.routed = True
        await asyncio.sleep(60)
        found.append(pods(world))

    async def play() -> None:
        acting = asyncio.ensure_future(given())
        await during(world, Process(world), seconds=240)
        await acting

    run(play())

    both = {"7": 2, "8": 2}
    assert found == [both, both, {"8": 2}]
