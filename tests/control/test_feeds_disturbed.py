"""Others write to the same feeds, people stop it, and the operator is killed: what becomes of a feed then."""

import asyncio
from dataclasses import asdict

from knowngood.errors import Unavailable
from tests.control.differences import differences
from tests.control.feeding import (
    FEED,
    answer,
    asks,
    by,
    held,
    incident,
    is_fed,
    is_waiting,
    suspended_and_resumed,
    turns_bad,
    value,
)
from tests.control.process import played, until
from tests.control.test_killed import play
from tests.control.test_probation import told
from tests.control.virtual_time import run
from tests.control.world import World


def test_of_two_models_that_share_a_feed_only_the_one_that_suspended_it_resumes_it() -> None:
    other = "lending/score/uid-77/score-3"

    async def story(world: World) -> None:
        is_fed(world)
        world.feeds.put("lending", "cronjobs", FEED, "true", by=other, annotated=True)
        await turns_bad(world)
        await until(lambda: held(world).get("state") == "Skipped")
        world.command(f"resume-feed {FEED}")
        await until(lambda: bool(told(world, "CommandRefused")))

    world = played(story)

    assert "by lending/score, for its incident score-3" in incident(world)["actions"][1]["result"]
    assert (value(world), by(world)) == ("true", other)
    assert world.feeds.writes == []


def test_who_comes_second_in_the_same_moment_leaves_it_to_the_first() -> None:
    other = "lending/score/uid-77/score-3"

    async def story(world: World) -> None:
        def first() -> None:
            world.feeds.meanwhile = lambda: None
            world.feeds.put("lending", "cronjobs", FEED, "true", by=other, annotated=True)

        world.feeds.meanwhile = first
        is_fed(world)
        await turns_bad(world, asks("Act"))
        await until(lambda: held(world).get("state") == "Skipped")

    world = played(story)

    assert "was suspended meanwhile by lending/score" in incident(world)["actions"][1]["result"]
    assert by(world) == other


def test_what_can_not_be_read_now_is_waited_for_and_keeps_nothing_else_back() -> None:
    async def story(world: World) -> None:
        is_fed(world)
        world.feeds.unread = Unavailable("away")
        await turns_bad(world)
        await until(lambda: incident(world) != {})
        await asyncio.sleep(30)
        assert held(world) == {}
        assert world.feeds.reads < 10
        world.feeds.unread = None
        await until(lambda: is_waiting(world))

    played(story)


def test_a_freeze_does_not_keep_it_back_and_suspending_the_model_does() -> None:
    async def story(world: World) -> None:
        is_fed(world)
        world.edit(lambda b: b["metadata"].update(annotations={"knowngood.dev/freeze": "holidays"}))
        await turns_bad(world)
        await until(lambda: is_waiting(world))
        world.edit(lambda body: body["spec"].update(suspend=True))
        await asyncio.sleep(2)
        answer(world, "alice")
        await asyncio.sleep(20)
        assert value(world) == "false"
        world.edit(lambda body: body["spec"].update(suspend=False))
        await until(lambda: value(world) == "true")

    played(story)


def test_killed_after_any_write_the_next_process_ends_the_same() -> None:
    want, _, undisturbed = run(play(suspended_and_resumed))
    writes = undisturbed.line.sent
    first = next(i for i, write in enumerate(writes) if write.startswith("create Incident")) + 1

    different: dict[str, list[str]] = {}
    for number in range(first, len(writes) + 1):
        got, world, _ = run(play(suspended_and_resumed, killed_after=number, want=want))
        if got != want:
            different[f"{number}: {writes[number - 1]}"] = differences(asdict(want), asdict(got))
        assert (value(world), by(world)) == ("false", "")
        assert world.feeds.writes == [(FEED, "true"), (FEED, "false")]

    assert different == {}
    assert "suspend cronjobs nightly" in writes
    assert "resume cronjobs nightly" in writes
