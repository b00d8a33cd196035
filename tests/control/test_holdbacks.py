"""After a promotion the earlier version keeps a share, and both go on being compared until probation ends."""

import asyncio
from typing import Any

from knowngood.decisions.naming import child_name
from tests.control.manifests import Object, a_policy
from tests.control.process import Process, during, until
from tests.control.stories import hold_back
from tests.control.test_probation import limited, played, told
from tests.control.virtual_time import run
from tests.control.world import EDGE, World, shares_of

SEVEN, EIGHT = child_name("loan", "7"), child_name("loan", "8")


def known_good(world: World, version: str = "8") -> str:
    """What the condition KnownGood of a version says."""
    found = (c for c in world.record(version)["conditions"] if c["type"] == "KnownGood")
    return str(next(found)["message"])


async def held(world: World) -> None:
    """Version 8 is promoted, and version 7 keeps its share."""
    await asyncio.sleep(10)
    world.want("8")
    await until(lambda: world.held)


def compared(world: World, **proportion: Any) -> None:
    """Compare the errors of both versions in this way."""
    test = {"comparedTo": "Stable", "direction": "Increase", "minSamples": 50, **proportion}
    trigger = {"name": "errors-rise", "signal": {"name": "errors"}, "test": {"proportion": test}}
    spec = a_policy(triggers=[trigger])["spec"]
    world.server.patch("IncidentPolicy", "lending", "lending", lambda body: body.update(spec=spec))


def test_the_earlier_version_answers_its_share_until_the_promoted_one_is_known_good() -> None:
    world = World()
    hold_back(world, 10, "60s")

    async def story(world: World, _: Process) -> None:
        await held(world)
        assert dict(world.led) == {SEVEN: 10, EIGHT: 90}
        await until(lambda: world.record("7")["role"] == "Holdback", within=5)
        await asyncio.sleep(40)
        assert known_good(world).startswith("probation judged beside version 7: it was seen for")
        assert world.cluster.deployments["lending", SEVEN][1].replicas == 1

    played(world, 150, story)

    assert world.record("8")["standing"] == "KnownGood"
    assert world.record("7")["standing"] == "Retired"
    assert dict(world.led) == {EIGHT: 100}
    assert set(world.cluster.deployments) == {("lending", EIGHT)}
    assert world.lost == 0
    assert "holdback" not in world.status()


def test_harm_that_begins_after_the_promotion_is_found_beside_the_earlier_version() -> None:
    """It is told, the version is suspect, and nothing is shifted for it: not even the share ends."""
    world = World()
    hold_back(world, 10, "30m")

    async def story(world: World, _: Process) -> None:
        await held(world)
        await asyncio.sleep(30)
        world.error_rates["8"] = 0.3
        await until(lambda: world.record("8")["standing"] == "Suspect")
        world.error_rates["8"] = 0.0

    played(world, 240, story)

    assert world.record("8")["standing"] == "Suspect"
    assert world.condition("Guarded") == "True ServingBreached"
    assert len(told(world, "ProbationFailed")) == 1
    assert dict(world.led) == {SEVEN: 10, EIGHT: 90}
    (incident,) = world.server.list("Incident")
    assert [a["type"] for a in incident["status"]["actions"]] == ["Hold"]
    assert world.lost == 0


def test_what_happens_to_both_versions_alike_is_no_harm_of_the_promoted_one() -> None:
    world = World()
    hold_back(world, 10, "60s")

    async def story(world: World, _: Process) -> None:
        await held(world)
        world.error_rates |= {"7": 0.3, "8": 0.3}

    played(world, 150, story)

    assert world.record("8")["standing"] == "KnownGood"


def test_without_a_holdback_it_is_said_that_nothing_is_compared_in_the_same_minutes() -> None:
    world = World()
    hold_back(world, 10, "30m")

    async def story(world: World, _: Process) -> None:
        await held(world)
        world.edit(lambda body: body["spec"]["rollout"]["probation"].pop("holdback"))
        await until(lambda: "holdback" not in world.status())
        world.error_rates["8"] = 0.3

    played(world, 120, story)

    assert known_good(world).startswith("probation judged against Baseline only: ")
    assert world.record("8")["standing"] == "Probation"
    assert dict(world.led) == {EIGHT: 100}
    assert world.lost == 0


def test_proof_that_was_not_there_at_the_promotion_is_waited_for() -> None:
    """The command promote goes past it; the share of the earlier version shows it later."""
    world = World()
    hold_back(world, 10, "20s")
    compared(world, nonInferior={"margin": "3pp"})
    lacks: list[str] = []

    def wait_for_a_person(body: Object) -> None:
        body["spec"]["rollout"]["steps"] = [{"setWeight": 50}, {"pause": {}}]

    async def story(world: World, _: Process) -> None:
        world.edit(wait_for_a_person)
        world.error_rates |= {"7": 0.2, "8": 0.2}
        await asyncio.sleep(10)
        world.want("8")
        await until(lambda: world.canary_weight == 50)
        await asyncio.sleep(2)
        world.command("promote 8")
        await until(lambda: world.held)
        await asyncio.sleep(30)
        lacks.append(known_good(world))
        assert world.record("8")["standing"] == "Probation"

    played(world, 1800, story)

    assert "it is not shown to be no worse than what served before" in lacks[0]
    assert world.record("8")["standing"] == "KnownGood"


def test_a_new_leader_comes_to_the_same_verdict_from_what_both_have_shown() -> None:
    """The harm is over when it begins to look; a version by itself would show nothing any more."""
    world = World()
    hold_back(world, 10, "30m")

    async def story(world: World) -> None:
        await held(world)
        await asyncio.sleep(30)
        world.error_rates["8"] = 0.3
        await asyncio.sleep(20)
        world.error_rates["8"] = 0.0

    async def play() -> None:
        acting = asyncio.create_task(story(world))
        first = Process(world)
        first.judge.serving = lambda _: None  # type: ignore[method-assign,assignment]  # it never came to look
        await during(world, first, seconds=90)
        await acting
        assert world.record("8")["standing"] == "Probation"
        await during(world, Process(world), seconds=60)

    run(play())

    assert world.record("8")["standing"] == "Suspect"


def test_the_share_goes_to_the_promoted_version_while_the_earlier_one_has_no_pod() -> None:
    world = World()
    hold_back(world, 10, "10m")
    seen: list[dict[str, int]] = []

    async def story(world: World, _: Process) -> None:
        await held(world)
        await asyncio.sleep(5)
        world.dead.add("7")
        await until(lambda: world.led.get(SEVEN) == 0)
        seen.append(dict(world.led))
        world.dead.clear()
        await until(lambda: world.led.get(SEVEN) == 10)

    played(world, 120, story)

    assert seen == [{SEVEN: 0, EIGHT: 100}]
    assert dict(world.led) == {SEVEN: 10, EIGHT: 90}
    assert world.status()["holdback"]["withdrawals"] == 1


def test_a_model_that_is_deleted_leaves_nothing_of_who_is_held_back() -> None:
    world = World()
    hold_back(world, 10, "10m")

    async def story(world: World, _: Process) -> None:
        await held(world)
        world.server.delete("AIModelDeployment", "lending", "loan", world.clock.now().isoformat())

    played(world, 60, story)

    assert (dict(world.led), world.cluster.deployments) == ({}, {})
    assert world.server.get("AIModelDeployment", "lending", "loan") is None


def test_a_suspended_model_keeps_the_share_and_ends_it_afterwards() -> None:
    world = World()
    hold_back(world, 10, "60s")

    async def story(world: World, _: Process) -> None:
        await held(world)
        world.edit(lambda body: body["spec"].update(suspend=True))
        await asyncio.sleep(120)
        assert dict(world.led) == {SEVEN: 10, EIGHT: 90}
        world.edit(lambda body: body["spec"].update(suspend=False))

    played(world, 300, story)

    assert dict(world.led) == {EIGHT: 100}
    assert world.lost == 0


def test_a_route_that_is_changed_by_hand_is_put_back_to_both_shares() -> None:
    world = World()
    hold_back(world, 10, "10m")

    async def story(world: World, _: Process) -> None:
        await held(world)
        await asyncio.sleep(5)
        world.lead({EIGHT: 50, SEVEN: 50})

    played(world, 90, story)

    assert dict(world.led) == {SEVEN: 10, EIGHT: 90}
    assert world.lost == 0


def test_the_share_ends_with_the_probation_also_where_no_trigger_compares_both() -> None:
    world = World()
    hold_back(world, 10, "60s")
    limited(world)

    async def story(world: World, _: Process) -> None:
        await held(world)

    played(world, 200, story)

    assert world.record("8")["standing"] == "KnownGood"
    assert dict(world.led) == {EIGHT: 100}


def test_a_route_of_somebody_else_gets_both_shares_and_loses_no_request() -> None:
    world = World(edge=True)
    hold_back(world, 10, "60s")
    shares: list[dict[str, int]] = []

    async def story(world: World, _: Process) -> None:
        await until(lambda: world.status().get("phase") == "Probation")
        world.want("8")
        await until(lambda: world.status().get("holdback"))
        await asyncio.sleep(5)
        shares.append(shares_of(world.gateway.others.routes[EDGE].taken[0].refs))

    played(world, 240, story)

    assert shares == [{SEVEN: 10, EIGHT: 90}]
    assert shares_of(world.gateway.others.routes[EDGE].taken[0].refs) == {EIGHT: 100}
    assert world.record("8")["standing"] == "KnownGood"
    assert world.lost == 0


def test_another_version_is_rolled_out_only_when_nobody_is_held_back() -> None:
    """At no time do three versions answer."""
    world = World()
    hold_back(world, 10, "10m")
    most = [0]

    async def watch(world: World) -> None:
        while True:
            most[0] = max(most[0], sum(share > 0 for share in world.led.values()))
            await asyncio.sleep(0.1)

    async def story(world: World, _: Process) -> None:
        watching = asyncio.create_task(watch(world))
        await held(world)
        world.want("9")
        await until(lambda: world.status()["versions"]["stable"] == "9")
        watching.cancel()

    played(world, 120, story)

    assert most == [2]
    assert world.record("7")["standing"] == "Retired"
    assert world.lost == 0
