"""Suspended under a running operator: nothing but the status is written, and safety acts again afterwards."""

import asyncio

from tests.control.manifests import Object
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World


def set_suspended(world: World, *, to: bool) -> None:
    def change(body: Object) -> None:
        body["spec"]["suspend"] = to

    world.server.patch("AIModelDeployment", "lending", "loan", change)


def test_a_bad_canary_stays_while_suspended_and_goes_afterwards() -> None:
    world = World()
    process = Process(world)
    seen: list[tuple[str, list[int]]] = []
    sent: list[str] = []

    async def story() -> None:
        await until(lambda: world.status().get("phase") == "Probation")
        world.want("8")
        await until(lambda: world.canary_weight == 50)
        await asyncio.sleep(1)
        set_suspended(world, to=True)
        world.error_rates["8"] = 0.5
        await until(lambda: world.status()["phase"] == "Suspended")
        before = len(process.line.sent)
        (key,) = world.gateway.asked
        world.gateway.asked[key] = dict.fromkeys(world.gateway.asked[key], 25)  # by hand
        world.gateway.changed(key)
        await asyncio.sleep(30)
        sent.extend(process.line.sent[before:])
        (weights,) = world.gateway.taken.values()
        seen.append((world.status()["phase"], list(weights.values())))
        set_suspended(world, to=False)

    async def play() -> None:
        told = asyncio.create_task(story())
        await during(world, process, seconds=120)
        await told

    run(play())

    assert seen == [("Suspended", [25, 25])]
    assert {what.split()[0] for what in sent} <= {"event", "status"}
    assert not [what for what in sent if "route" in what]
    assert world.status()["phase"] == "RolledBack"
    assert world.events.reasons.count("Suspended") == world.events.reasons.count("Resumed") == 1
