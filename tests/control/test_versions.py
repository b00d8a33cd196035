"""What a version means, what it needs, and the way back to one that is known good: in a world that lives."""

import asyncio
from typing import Any

import pytest

from knowngood.decisions.naming import child_name
from tests.control.manifests import Object
from tests.control.process import Process, during, played, until
from tests.control.virtual_time import run
from tests.control.world import World

SEVEN, EIGHT = (child_name("loan", version) for version in ("7", "8"))
VOLUMES = [{"name": "r", "configMap": {"name": "rules"}}]
RULES = ("lending", "ConfigMap", "rules")


async def serves(world: World, version: str) -> None:
    await until(
        lambda: (
            world.status().get("phase") == "Probation"
            and world.status()["versions"]["stable"] == version
        )
    )


async def known_good(world: World, version: str) -> None:
    await serves(world, version)
    await until(lambda: world.record(version).get("standing") == "Probation")
    world.attest(version)
    await until(lambda: world.record(version)["transitions"][-1]["standing"] == "KnownGood")


def pods(world: World) -> dict[str, int]:
    return {seen.version: seen.replicas for _, seen in world.cluster.deployments.values()}


def reasons(world: World) -> list[str]:
    return [notice.reason for notice in world.events.told.values()]


def condition(world: World, kind: str) -> tuple[str, str]:
    found = next(c for c in world.status()["conditions"] if c["type"] == kind)
    return found["status"], found["reason"]


def change_template(world: World, **spec: Any) -> None:
    def change(body: Object) -> None:
        body["spec"]["serving"]["deployment"]["template"]["spec"] |= spec

    world.server.patch("AIModelDeployment", "lending", "loan", change)


@pytest.mark.parametrize(
    ("kind", "stays"), [("Warm", {"8": 2, "7": 1}), ("Cold", {"8": 2, "7": 0})]
)
def test_a_known_good_version_stands_by_and_answers_again_at_once(
    kind: str, stays: dict[str, int]
) -> None:
    """Situation 2: Git reverts 8 to 7, the same digest."""

    async def story(world: World) -> None:
        world.stand_by(kind)
        await known_good(world, "7")
        world.want("8")
        await serves(world, "8")
        await until(lambda: pods(world) == stays)
        assert condition(world, "KnownGoodAvailable") == ("True", "StandsBy")
        told = len(world.events.told)
        world.want("7")
        await serves(world, "7")
        assert reasons(world)[told:] == ["ReturnStarted", "Promoted"]
        assert world.record("7")["standing"] == "KnownGood"
        await until(lambda: world.record("8").get("standing") == "Retired")
        await until(lambda: pods(world) == {"7": 2})

    world = played(story)

    assert world.lost == 0
    assert world.status()["versions"] == {
        "desired": "7",
        "stable": "7",
        "canary": "",
        "shadow": "",
    }


def test_without_a_standby_a_version_is_retired_and_rolled_out_in_steps_again() -> None:
    """Situation 4: Git reverts to a version that is retired."""

    async def story(world: World) -> None:
        await known_good(world, "7")
        world.want("8")
        await serves(world, "8")
        await until(lambda: pods(world) == {"8": 2})
        assert world.record("7")["standing"] == "Retired"
        told = len(world.events.told)
        world.want("7")
        await serves(world, "7")
        assert reasons(world)[told:] == ["RolloutStarted", "WeightSet", "Promoted"]

    assert played(story).lost == 0


@pytest.mark.parametrize("version", ["8", "7"])
def test_a_version_never_changes_its_meaning(version: str) -> None:
    """Situations 1 and 3: another template under the name of a version that is recorded."""

    async def story(world: World) -> None:
        world.stand_by("Warm")
        await known_good(world, "7")
        world.want("8")
        await serves(world, "8")
        if version == "7":
            world.want("7")
        change_template(world, containers=[{"name": "m", "image": "another"}])
        await until(
            lambda: (
                condition(world, "Ready") == ("False", "VersionMeaningChanged")
                or (
                    version == "8"
                    and any(c["type"] == "Stalled" for c in world.status()["conditions"])
                )
            )
        )
        stalled = next(c for c in world.status()["conditions"] if c["type"] == "Stalled")
        assert stalled["reason"] == "VersionMeaningChanged"
        assert f'"{version}-r2"' in stalled["message"]
        await asyncio.sleep(60)
        assert world.status()["versions"]["stable"] == "8"
        assert world.gateway.taken

    assert played(story).lost == 0


def test_a_rollout_waits_for_what_its_pods_need() -> None:
    async def story(world: World) -> None:
        await serves(world, "7")
        world.cluster.absent.add(RULES)
        change_template(world, volumes=VOLUMES)
        world.want("8")
        await until(lambda: any(c["type"] == "Stalled" for c in world.status()["conditions"]))
        assert condition(world, "Stalled") == ("True", "ReferencedObjectMissing")
        await asyncio.sleep(60)
        assert pods(world) == {"7": 2}
        assert world.record("8") == {}
        assert reasons(world).count("ReferencedObjectMissing") == 1
        world.cluster.absent.clear()
        before = world.clock.now()
        await until(lambda: "8" in pods(world))
        assert (world.clock.now() - before).total_seconds() <= 31
        await serves(world, "8")

    played(story)


def test_what_a_standby_needs_is_looked_for_again_and_again() -> None:
    async def story(world: World) -> None:
        world.stand_by("Cold")
        change_template(world, volumes=VOLUMES)
        world.want("7a")
        await known_good(world, "7a")
        change_template(world, volumes=[])
        world.want("8")
        await serves(world, "8")
        await until(lambda: condition(world, "KnownGoodAvailable") == ("True", "StandsBy"))
        world.cluster.absent.add(RULES)  # as when a new name is given to every new content of it
        await until(lambda: world.record("7a")["observed"]["missingRefs"])
        await until(
            lambda: condition(world, "KnownGoodAvailable") == ("False", "ReferencedObjectMissing")
        )
        change_template(world, volumes=VOLUMES)
        world.want("7a")
        await until(lambda: condition(world, "Ready") == ("False", "ReferencedObjectMissing"))
        assert world.status()["versions"]["stable"] == "8"
        world.cluster.absent.clear()
        await serves(world, "7a")

    assert played(story, seconds=900).lost == 0


def test_what_was_taken_away_as_its_successor_landed_is_missed_as_soon_as_it_stands_by() -> None:
    """Minutes ago it was looked for, because the version was about to start."""

    async def story(world: World) -> None:
        world.stand_by("Cold")
        change_template(world, volumes=VOLUMES)
        world.want("7a")
        await known_good(world, "7a")
        began = world.clock.now()
        change_template(world, volumes=[])
        world.want("8")
        world.cluster.absent.add(RULES)
        await serves(world, "8")
        await until(
            lambda: condition(world, "KnownGoodAvailable") == ("False", "ReferencedObjectMissing")
        )
        assert (world.clock.now() - began).total_seconds() < 60
        world.cluster.absent.clear()
        again = world.clock.now()
        await until(lambda: condition(world, "KnownGoodAvailable") == ("True", "StandsBy"))
        assert (world.clock.now() - again).total_seconds() <= 31

    played(story, seconds=600)


def test_a_tag_that_is_moved_makes_a_known_good_version_suspect() -> None:
    async def story(world: World) -> None:
        await known_good(world, "7")
        assert world.record("7")["observed"]["judgedImageIDs"] == [f"m=sha256:{SEVEN}"]
        world.cluster.images["lending", SEVEN] = frozenset({("m", "sha256:moved")})
        for tell in world.told:
            tell(world.cluster.deployments["lending", SEVEN][0])
        await until(lambda: world.record("7")["standing"] == "Suspect")
        await asyncio.sleep(60)

    world = played(story)

    assert reasons(world).count("ContentChanged") == 1
    assert condition(world, "KnownGoodAvailable") == ("False", "ContentChanged")
    assert condition(world, "Ready") == ("True", "Serving")
    assert world.record("7")["observed"]["imageIDs"] == ["m=sha256:moved"]


def test_a_cold_version_whose_tag_was_moved_gets_no_request() -> None:
    async def story(world: World) -> None:
        world.stand_by("Cold")
        await known_good(world, "7")
        world.want("8")
        await serves(world, "8")
        await until(lambda: pods(world) == {"8": 2, "7": 0})
        world.cluster.images["lending", SEVEN] = frozenset({("m", "sha256:moved")})
        world.want("7")
        await until(lambda: world.status()["phase"] == "RolledBack")
        assert world.record("7")["standing"] == "Suspect"
        assert world.status()["rollout"]["failure"]["reason"] == "ContentChanged"

    world = played(story)

    assert world.status()["versions"]["stable"] == "8"
    assert {weight for weights in world.gateway.taken.values() for weight in weights.values()} <= {
        0,
        100,
    }
    assert condition(world, "Ready") == ("False", "VersionRejected")


def test_a_world_with_a_standby_is_left_alone() -> None:
    async def play() -> World:
        world = World()

        async def story() -> None:
            world.stand_by("Warm")
            await known_good(world, "7")
            world.want("8")
            await serves(world, "8")

        acting, process = asyncio.ensure_future(story()), Process(world)
        await during(world, process, seconds=150)
        await acting
        sent = len(process.line.sent)
        quiet = Process(world)
        await during(world, quiet, seconds=400)
        assert sent
        assert quiet.line.sent == []
        return world

    run(play())
