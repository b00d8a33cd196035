"""The safe path could answer nobody for a while: a person is asked once more, and no policy decides about that."""

import asyncio
from typing import Any

import pytest

from tests.control.manifests import Object
from tests.control.process import played, until
from tests.control.safe_paths import has_safe_path
from tests.control.stories import answer, turns_bad, waits
from tests.control.test_approval import led
from tests.control.test_probation import told
from tests.control.test_safe_path import incident, states, weights
from tests.control.world import LOAN, REVIEW, World

BY_ITSELF: Object = {"action": "SafePath", "mode": "Act"}
ANSWERS = "True SafePathAnswers"


def asked(world: World) -> str:
    """The action that waits for people."""
    found: list[Any] = [a for a in incident(world)["actions"] if a["state"] == "Waiting"]
    return str(found[-1]["id"])


async def taken_and_lost(world: World, *approval: Object) -> None:
    """All versions fail, the safe path is taken, and its last endpoint goes."""
    has_safe_path(world)
    await turns_bad(world, *approval)
    world.error_rates["7"] = 0.3
    if not approval:
        await until(lambda: waits(world))
        answer(world, "alice", action=asked(world))
    await until(lambda: world.condition("SafePath") == ANSWERS)
    world.reviews = False
    await until(lambda: led(world) == {"8": 100})


@pytest.mark.parametrize("approval", [(), (BY_ITSELF,)], ids=["asked before", "by itself before"])
def test_when_it_can_answer_again_a_person_decides_whether_it_does(
    approval: tuple[Object, ...],
) -> None:
    async def story(world: World) -> None:
        await taken_and_lost(world, *approval)
        await asyncio.sleep(60)
        assert not waits(world), "nobody is asked about what can answer nobody"
        world.reviews = True
        await until(lambda: waits(world))
        await asyncio.sleep(30)
        assert led(world) == {"8": 100}, "before a person says so nothing moves"
        answer(world, "bob", action=asked(world))
        await until(lambda: weights(world) == {REVIEW: 100})
        await until(lambda: incident(world)["containment"] == "Verified")

    world = played(story, seconds=900)

    assert world.condition("SafePath") == ANSWERS
    took = [state for kind, state in states(world) if kind == "SafePath"]
    assert took == ["Failed", "Verified"]
    assert len(told(world, "SafePathFailed")) == 1
    assert len(told(world, "SafePathTaken")) == 2


def test_who_says_no_then_is_asked_no_third_time() -> None:
    async def story(world: World) -> None:
        await taken_and_lost(world)
        world.reviews = True
        await until(lambda: waits(world))
        answer(world, "bob", "Reject", asked(world))
        await until(lambda: not waits(world))
        await asyncio.sleep(120)

    world = played(story, seconds=900)

    assert led(world) == {"8": 100}
    assert not waits(world)
    assert len(told(world, "ApprovalNeeded")) == 2


@pytest.mark.parametrize("ready", [True, False], ids=["answers", "is gone"])
def test_what_the_gateway_can_not_lead_to_stays_in_no_route_and_is_in_nobodys_way(
    ready: bool,  # noqa: FBT001 - a case
) -> None:
    """A port that the Service does not have, for example: a gateway takes over nothing of such a route."""

    async def story(world: World) -> None:
        has_safe_path(world)
        await turns_bad(world)
        world.error_rates["7"] = 0.3
        await until(lambda: waits(world))
        world.refused = {REVIEW}
        answer(world, "alice", action=asked(world))
        await asyncio.sleep(10)
        world.reviews = ready
        await until(lambda: bool(told(world, "SafePathFailed")))
        await until(lambda: REVIEW not in world.gateway.asked[LOAN], within=5)
        world.error_rates["7"] = 0.0
        world.command("rollback 8")
        await until(lambda: led(world) == {"7": 100}, within=60)

    world = played(story, seconds=900)

    assert world.condition("RouteProgrammed") == "True Programmed"
    assert world.lost == 0


def test_a_safe_path_that_was_lost_while_it_answered_is_out_of_the_route_at_once() -> None:
    async def story(world: World) -> None:
        await taken_and_lost(world)
        await until(lambda: REVIEW not in world.gateway.asked[LOAN], within=5)

    played(story, seconds=900)
