"""What is fixed when a rollout begins goes on beside a version that is held back."""

import asyncio
from typing import Any

from tests.control.process import Process, until
from tests.control.stories import hold_back
from tests.control.test_probation import played
from tests.control.world import World


def test_what_was_promised_in_the_rollout_is_promised_beside_the_earlier_version() -> None:
    """Or the evidence would begin anew at the promotion, and another part of the budget would be spent on it."""
    world = World()
    hold_back(world, 10, "30m")
    fixed: dict[str, Any] = {}

    async def story(world: World, _: Process) -> None:
        await asyncio.sleep(10)
        world.want("8")
        await until(lambda: bool(world.status().get("rollout", {}).get("designEffects")))
        fixed.update(world.status()["rollout"])
        await until(lambda: world.held)

    played(world, 120, story)

    held = world.status()["holdback"]
    assert held["shares"] == fixed["shares"] != []
    assert held["designEffects"] == fixed["designEffects"]
