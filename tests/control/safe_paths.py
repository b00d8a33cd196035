"""Stories of a model whose versions all fail: a person sends the requests to a Service that asks none of them."""

import asyncio

from tests.control.manifests import Object
from tests.control.process import until
from tests.control.stories import answer, turns_bad, waits
from tests.control.world import World


def has_safe_path(world: World, *order: str, **more: object) -> None:
    """Name the Service that answers where no version is to, and the rungs before it."""

    def change(body: Object) -> None:
        rungs = {"order": list(order)} if order else {}
        safe = {"service": {"name": "review"}, **more}
        body["spec"]["fallback"] = {"safePath": safe, **rungs}

    world.edit(change)


async def on_safe_path(world: World, *approval: Object) -> None:
    """All versions fail, and a person sends the requests to the safe path."""
    has_safe_path(world)
    await turns_bad(world, *approval)
    world.error_rates["7"] = 0.3
    await until(lambda: waits(world))
    await asyncio.sleep(3)
    answer(world, "alice")
    await until(lambda: world.condition("SafePath") == "True SafePathAnswers")


async def safely_answered(world: World) -> None:
    """Nobody asks another version; a person sends the requests to the safe path, and later gives them back."""
    has_safe_path(world, "SafePath", "Hold")
    await turns_bad(world)
    await until(lambda: waits(world))
    await asyncio.sleep(3)
    answer(world, "alice")
    await until(lambda: world.condition("SafePath") == "True SafePathAnswers")
    await asyncio.sleep(3)
    world.command("undo 8")
    await until(lambda: "safePath" not in world.status())
