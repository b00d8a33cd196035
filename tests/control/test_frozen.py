"""A freeze is read wherever people write it, also where it is meant for every model."""

import asyncio

import pytest

from tests.control.process import played, until
from tests.control.world import LOAN, World


@pytest.mark.parametrize("namespace", ["lending", "knowngood"])
def test_a_freeze_of_a_namespace_or_of_that_of_the_operator_holds_a_rollout_until_it_is_thawed(
    namespace: str,
) -> None:
    async def story(world: World) -> None:
        await until(lambda: world.status().get("phase") == "Probation")
        world.namespaces.frozen[namespace] = "quarter end"
        world.want("8")
        await asyncio.sleep(30)
        assert world.condition("RolloutsFrozen") == "True Frozen"
        assert world.status()["versions"]["canary"] == ""
        del world.namespaces.frozen[namespace]
        world.changed(LOAN)  # what is written on a namespace is news

    world = played(story, seconds=90)

    assert world.status()["versions"]["stable"] == "8"
