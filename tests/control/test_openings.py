"""No user meets a version before what should judge it can be read."""

import asyncio

from tests.control.manifests import Object, a_policy, a_trigger
from tests.control.process import played, until
from tests.control.test_routes_by_hand import serves
from tests.control.world import World


async def is_held(world: World) -> None:
    """A rollout waits for its signals, and users do not notice."""
    world.want("8")
    await until(lambda: (world.status().get("rollout") or {}).get("waitingFor") == "Data")
    await asyncio.sleep(30)
    assert world.status()["phase"] == "Paused"
    assert not world.canary_weight


def test_no_user_meets_a_version_while_its_source_does_not_answer() -> None:
    async def story(world: World) -> None:
        await serves(world)
        world.signals.problem = "does not answer"
        await is_held(world)
        assert world.condition("Guarded") == "False ObserverDown"
        world.signals.problem = ""

    world = played(story)

    assert world.status()["versions"]["stable"] == "8"


def test_no_user_meets_a_version_while_a_policy_names_a_signal_that_is_not_there() -> None:
    def mend(body: Object) -> None:
        body["spec"]["triggers"] = [a_trigger()]

    async def story(world: World) -> None:
        await serves(world)
        wrong = a_policy("wrong", triggers=[a_trigger(signal="erors")])
        world.add(wrong)
        await asyncio.sleep(2)
        await is_held(world)
        assert world.condition("Guarded") == "False NoSignals"
        world.server.patch("IncidentPolicy", "lending", "wrong", mend)

    world = played(story)

    assert world.status()["versions"]["stable"] == "8"


def test_a_person_may_let_users_meet_a_version_that_nobody_sees() -> None:
    async def story(world: World) -> None:
        await serves(world)
        world.signals.problem = "does not answer"
        await is_held(world)
        world.command("promote 8")
        await until(lambda: world.canary_weight)

    played(story, seconds=60)


def test_a_policy_that_only_observes_holds_nothing_up() -> None:
    def observe(body: Object) -> None:
        body["spec"]["mode"] = "Observe"

    async def story(world: World) -> None:
        await serves(world)
        world.server.patch("IncidentPolicy", "lending", "lending", observe)
        world.signals.problem = "does not answer"
        await asyncio.sleep(1)
        world.want("8")
        await until(lambda: world.canary_weight)

    played(story, seconds=60)
