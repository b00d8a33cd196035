"""Many models turn bad at once: one person is called, once."""

import asyncio
from typing import Any

import pytest

from knowngood.messages.dispatches import Dispatch
from tests.control.exported import lived, say
from tests.control.manifests import Object
from tests.control.told import a_world, left_open, receiver
from tests.control.world import World

SERVES = {"version": "8", "role": "Stable"}


def opened(world: World, name: str, **status: Any) -> None:
    """An incident is found now."""
    left_open(world, name, clocks={"detected": world.clock.now().isoformat()}, **status)


def of_many(body: Object) -> None:
    body["status"]["parent"] = "lending/loan-9"


@pytest.mark.parametrize("late", [1, 4, 30])
def test_one_that_turns_out_to_be_of_many_calls_nobody_again(late: int) -> None:
    """After half a minute somebody was called for it too, and is not for the news that it was not alone."""
    world = a_world()

    async def story(world: World) -> None:
        await asyncio.sleep(5)
        for name in ("loan-9", "fraud-9"):
            opened(world, name, subject=SERVES)
        await asyncio.sleep(late)
        world.server.patch("Incident", "lending", "fraud-9", of_many)
        await asyncio.sleep(60)

    lived(world, story, seconds=120)

    calls = [(each.incident, each.why) for each in receiver(world).taken if each.pages]
    alone = [("fraud-9", "Opened")] if late > 5 else []
    assert sorted(calls) == [*alone, ("loan-9", "Opened")]
    assert "fraud-9" in {each.incident for each in receiver(world).taken}


@pytest.mark.parametrize(("late", "calls"), [(10, ["loan-9"]), (60, ["fraud-9", "loan-9"])])
def test_one_of_many_waits_a_while_for_the_first_of_them(late: int, calls: list[str]) -> None:
    """Where many are written down at once the first may be the last, or may never be."""
    world = a_world()

    async def story(world: World) -> None:
        await asyncio.sleep(5)
        opened(world, "fraud-9", subject=SERVES, parent="lending/loan-9")
        await asyncio.sleep(late)
        opened(world, "loan-9", subject=SERVES)
        await asyncio.sleep(60)

    lived(world, story, seconds=180)

    assert [each.incident for each in receiver(world).taken if each.pages] == calls


def test_what_a_canary_did_is_told_at_once_and_what_serves_after_some_seconds() -> None:
    world = a_world()
    told: dict[str, float] = {}

    def note(each: Dispatch) -> None:
        told.setdefault(each.incident, (world.clock.now() - each.opened).total_seconds())

    async def story(world: World) -> None:
        await asyncio.sleep(5)
        receiver(world).then = note
        opened(world, "loan-9", subject=SERVES)
        opened(world, "fraud-9", subject={"version": "8", "role": "Canary"})
        await asyncio.sleep(60)

    lived(world, story, seconds=120)

    assert told["fraud-9"] < 2
    assert 5 <= told["loan-9"] < 7


def test_where_the_first_of_many_was_closed_before_it_was_told_somebody_is_called_for_another() -> (
    None
):
    """Whoever hears only that it is over was called for nothing of it."""
    world = a_world()

    async def story(world: World) -> None:
        await asyncio.sleep(5)
        receiver(world).away = True
        opened(world, "loan-9", subject=SERVES)
        opened(world, "fraud-9", subject=SERVES, parent="lending/loan-9")
        await asyncio.sleep(20)
        say(world, "loan-9", close={"resolution": "Resolved", "by": "bob"})
        await asyncio.sleep(20)
        receiver(world).away = False

    lived(world, story, seconds=300)

    told = [(each.incident, each.why, each.pages) for each in receiver(world).taken]
    assert told == [("loan-9", "Closed", False), ("fraud-9", "Opened", True)]
