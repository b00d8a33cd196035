"""One pod of the stable version that was broken is not how clients behave."""

import asyncio

from tests.control.history import remember
from tests.control.test_dependence import effects, rolled_out
from tests.control.world import World


def test_harm_is_found_at_once_also_on_the_day_after_one_pod_has_failed_for_an_hour() -> None:
    world = World()
    remember(world, 10, 10, 10, broken_in=20)

    async def break_it() -> None:
        world.error_rates |= {"7": 0.01, "8": 0.3}
        await asyncio.sleep(10)
        assert world.status()["phase"] == "RolledBack"

    rolled_out(world, break_it)

    (found,) = effects(world)
    assert float(found["estimate"]) > 50
    assert float(found["value"]) < 3
