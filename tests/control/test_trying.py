"""People try a version, under a running operator."""

import asyncio
from typing import Any

import pytest

from knowngood.control.ports import Key
from tests.control.process import played, until
from tests.control.world import World

LOAN = Key("lending", "loan")
STEPS = [{"pause": {}}, {"setWeight": 50}, {"pause": {"duration": "5s"}}]
TRIAL = {"header": "X-Preview", "value": "canary", "metrics": "Excluded"}


def tried(world: World) -> set[str]:
    """Services that trial requests go to, as asked for."""
    return {service.rpartition("-")[0] for service in world.gateway.tested[LOAN]}


async def with_trials(world: World) -> None:
    def change(body: Any) -> None:
        body["spec"]["traffic"]["testTraffic"] = TRIAL
        body["spec"]["rollout"]["steps"] = STEPS

    await until(lambda: world.status().get("phase") == "Probation")
    world.server.patch("AIModelDeployment", "lending", "loan", change)


@pytest.mark.parametrize(("verb", "phase"), [("promote", "Probation"), ("abort", "RolledBack")])
def test_a_canary_is_tried_from_before_its_first_share_until_it_is_no_canary(
    verb: str, phase: str
) -> None:
    seen: list[tuple[str, set[str], int]] = []

    def look(world: World) -> None:
        now = (world.status()["phase"], tried(world), world.canary_weight)
        if not seen or seen[-1] != now:
            seen.append(now)

    async def story(world: World) -> None:
        await with_trials(world)
        world.want("8")
        await until(lambda: tried(world) == {"loan-8"})
        assert (world.status()["phase"], world.canary_weight) == ("Paused", 0)
        world.command(f"{verb} 8")
        for _ in range(600):
            look(world)
            await asyncio.sleep(0.05)

    world = played(story, seconds=90)

    assert world.status()["phase"] == phase
    assert tried(world) == set()
    stepping = {"Paused", "Progressing"}
    assert all(found == {"loan-8"} for at, found, _ in seen if at in stepping)
    assert seen[-1][1] == set()
    assert world.lost == 0
    assert world.events.reasons.count("TrialBegun") == 1
    assert "RouteDrifted" not in world.events.reasons


def test_pods_go_only_when_nobody_can_try_them_any_more() -> None:
    gone: list[set[str]] = []

    async def story(world: World) -> None:
        await with_trials(world)
        world.error_rates["8"] = 0.5
        world.want("8")
        await until(lambda: tried(world) == {"loan-8"})
        world.command("promote 8")
        await until(lambda: world.status()["phase"] == "RolledBack")
        for _ in range(2000):
            seen = [w for _, w in world.cluster.deployments.values() if w.version == "8"]
            if not any(w.replicas for w in seen):
                gone.append(tried(world))
            await asyncio.sleep(0.05)

    played(story, seconds=160)

    assert gone
    assert not any(gone)
