"""Feeds of which one does not answer: the others, and the model's users, are looked after as ever."""

import asyncio

from knowngood.control.feed_ports import FeedAt, FeedSeen
from knowngood.control.feeds import PATIENCE, Feeds
from knowngood.errors import Unavailable
from tests.control.feeding import asks, held, is_fed, turns_bad, value
from tests.control.process import played, until
from tests.control.virtual_time import run
from tests.control.world import CRON_JOBS, World
from tests.decisions.test_feeds import RUNS, Fed, a_fed


def test_one_that_can_not_be_written_now_keeps_no_other_one_back() -> None:
    async def story(world: World) -> None:
        is_fed(world, "first", "second")
        take = world.feeds.take

        def refuse(at: FeedAt, seen: FeedSeen, to: str | None, by: str) -> None:
            if at.name == "first":
                raise Unavailable("busy")
            take(at, seen, to, by)

        world.feeds.take = refuse  # type: ignore[method-assign,assignment]  # a test's own
        await turns_bad(world, asks("Act"))
        await until(lambda: held(world, "second").get("state") == "Suspended", within=120)
        assert held(world, "first")["state"] == "Suspending"

    world = played(story, seconds=150)

    assert (value(world, "first"), value(world, "second")) == ("false", "true")


class Hanging:
    """Objects of which none ever answers."""

    async def read(self, at: FeedAt) -> FeedSeen | None:
        await asyncio.Event().wait()
        raise AssertionError(at)

    async def write(self, at: FeedAt, seen: FeedSeen, value: str | None, by: str) -> None:
        raise AssertionError(at, seen, value, by)


def test_many_that_hang_hold_a_look_up_for_no_longer_than_one() -> None:
    story = Fed(a_fed("Act"), RUNS)
    status = story.play.s.model.status
    assert status is not None
    (first,) = status.feeds
    held_up = tuple(first.model_copy(update={"name": f"feed-{n}"}) for n in range(8))
    told = status.model_copy(update={"feeds": held_up})
    model = story.play.s.model.model_copy(update={"status": told})

    async def took() -> float:
        began = asyncio.get_running_loop().time()
        assert await Feeds(Hanging(), CRON_JOBS).seen(model, None, story.play.s.now) == {}
        return asyncio.get_running_loop().time() - began

    assert run(took()) <= PATIENCE + 0.1
