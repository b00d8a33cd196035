"""Killed right after any of its writes, the operator comes to the same end by the next process."""

import asyncio
import itertools
import math
from dataclasses import asdict
from functools import cache

import pytest

from tests.control.differences import differences
from tests.control.ends import End, end_of
from tests.control.manifests import Object
from tests.control.process import Process, during, until
from tests.control.stories import (
    ADOPTING,
    AFTER_A_ROLLBACK,
    STORIES,
    Story,
    adopted,
    adopted_and_deleted,
    deleted,
    rolled_back_and_deleted,
)
from tests.control.test_recorded import faults
from tests.control.virtual_time import run
from tests.control.world import OLD, World, shares_of

SUCCESSION = 2.0  # seconds until another process has taken over
LENGTH = 100.0
SETTLES = 15.0  # seconds that it goes on then, whatever it has come to


async def play(
    story: Story,
    killed_after: int | None = None,
    want: End | None = None,
    *,
    seconds: float = LENGTH,
) -> tuple[End, World, Process]:
    """Tell a story; once it has come to the end that is wanted, and stays there, the rest is not told."""
    world = World(edge=story in {adopted, *ADOPTING})
    first = Process(world)
    if killed_after is not None:
        first.kill_after(killed_after)
    settled = [math.inf]

    async def successor() -> None:
        await first.dead.wait()
        await asyncio.sleep(SUCCESSION)
        settled[0] = asyncio.get_running_loop().time() + SETTLES
        await Process(world).run()

    def enough() -> bool:
        late = asyncio.get_running_loop().time() > settled[0] and acting.done()
        return late and end_of(world) == want

    acting, next_one = asyncio.ensure_future(story(world)), asyncio.create_task(successor())
    await during(world, first, seconds=seconds, enough=enough)
    assert acting.done(), "the story has not come to its end"
    next_one.cancel()
    await asyncio.gather(next_one, return_exceptions=True)
    return end_of(world), world, first


async def nothing(_: World) -> None:
    """Nobody does anything."""


@cache
def before_it_begins(story: Story) -> list[str]:
    """The writes of a world in which nothing else happens."""
    return run(play(story))[2].line.sent


def first_own_write(story: str, writes: list[str]) -> int:
    """Number of the first write that other stories do not begin with: deaths before it are told by the first one."""
    edge = STORIES[story] in ADOPTING
    if story == next(name for name, told in STORIES.items() if (told in ADOPTING) is edge):
        return 1
    pairs = zip(writes, before_it_begins(adopted if edge else nothing), strict=False)
    return 1 + sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


@pytest.mark.parametrize("story", STORIES)
def test_killed_after_any_write_the_next_process_ends_the_same(story: str) -> None:
    want, _, undisturbed = run(play(STORIES[story]))
    writes = undisturbed.line.sent

    different: dict[str, list[str]] = {}
    for number in range(first_own_write(story, writes), len(writes) + 1):
        write = writes[number - 1]
        got, world, _ = run(play(STORIES[story], killed_after=number, want=want))
        if got != want:
            different[f"{number}: {write}"] = differences(asdict(want), asdict(got))
        assert faults(world) == {}, write
        assert world.lost == 0 or STORIES[story] in {deleted, rolled_back_and_deleted}, write
        told = [(n.reason, n.key) for n in world.events.told.values()]
        assert len(set(told)) == len(told)

    assert different == {}
    assert len(writes) > 20


@pytest.mark.parametrize(
    ("story", "phase", "stable"),
    [
        ("promoted", "Probation", "8"),
        ("earned", "Guarding", "8"),
        ("held_back", "Guarding", "8"),
        ("held_back_and_replaced", "Guarding", "9"),
        ("held_back_and_undone", "RolledBack", "7"),
        ("held_back_and_returned", "Guarding", "7"),
        ("rolled_back", "RolledBack", "7"),
        ("rolled_back_and_reverted", "Probation", "7"),
        ("rolled_back_and_replaced", "Probation", "9"),
        ("tried_again", "Probation", "8"),
        ("undone", "RolledBack", "7"),
        ("trial_undone", "Probation", "8"),
        ("forced", "Probation", "8"),
        ("aborted", "RolledBack", "7"),
        ("superseded", "Probation", "9"),
        ("returned", "Guarding", "7"),
        ("contained", "Contained", "7"),
        ("adopted_and_promoted", "Probation", "8"),
        ("adopted_and_rolled_back", "RolledBack", "7"),
    ],
)
def test_the_stories_end_as_they_are_meant_to(story: str, phase: str, stable: str) -> None:
    end, world, _ = run(play(STORIES[story]))

    status = end.objects["AIModelDeployment/loan"]["status"]
    assert (status["phase"], status["versions"]["stable"]) == (phase, stable)
    route = end.route.get("loan") or shares_of(end.route["edge"]["refs"])
    assert [w for w in route.values() if w] == [100]
    incident = end.objects.get("Incident/loan-1")
    assert (incident is not None) is (
        "rolled_back" in story or story in AFTER_A_ROLLBACK | {"contained"}
    )
    gone = story in {"rolled_back_and_reverted", "rolled_back_and_replaced"}
    tried = (
        story in AFTER_A_ROLLBACK
    )  # and the version answers users again, because a person wanted that
    reached = "Eradicated" if gone else "Detected" if tried else "Contained"
    assert incident is None or incident["status"]["phase"] == reached
    assert incident is None or (incident["status"]["containment"] == "Undone") is tried
    assert world.lost == 0
    for version in world.server.list("AIModelVersion"):
        label = version["metadata"]["labels"]["knowngood.dev/standing"]
        assert label == version["status"]["standing"]


def test_deletion_leaves_nothing_behind() -> None:
    end, _, _ = run(play(deleted))

    assert (end.route, end.pods) == ({}, {})
    assert "AIModelDeployment/loan" not in end.objects


def test_a_route_of_our_own_goes_also_where_nothing_is_to_be_given_back() -> None:
    """Nobody owns it, so nobody else would take it away, and it would lead to Services that are gone."""

    def skip(body: Object) -> None:
        body["metadata"]["annotations"] = {"knowngood.dev/skip-restore": "true"}

    async def story(world: World) -> None:
        await asyncio.sleep(10)
        world.server.patch("AIModelDeployment", "lending", "loan", skip)
        await deleted(world)

    end, _, _ = run(play(story))

    assert (end.route, end.pods) == ({}, {})


@pytest.mark.parametrize("edge", [False, True])
def test_an_orphaned_route_and_its_pods_stay_and_are_taken_over_by_the_next_model(
    edge: bool,  # noqa: FBT001  - a table's column
) -> None:
    """A model that moves to another tool or repository, for example."""

    def orphan(body: Object) -> None:
        body["spec"]["deletionPolicy"] = "Orphan"

    async def moved(world: World) -> None:
        await until(lambda: world.status().get("phase") == "Probation")
        world.server.patch("AIModelDeployment", "lending", "loan", orphan)
        await asyncio.sleep(2)
        body = world.server.get("AIModelDeployment", "lending", "loan")
        assert body is not None
        world.server.delete("AIModelDeployment", "lending", "loan", world.clock.now().isoformat())
        await until(lambda: world.server.get("AIModelDeployment", "lending", "loan") is None)
        for record in world.server.list("AIModelVersion"):  # as Kubernetes collects them
            world.server.delete("AIModelVersion", "lending", record["metadata"]["name"], "")
        await asyncio.sleep(10)
        assert len(world.cluster.deployments) == 1
        body["metadata"] = {k: body["metadata"][k] for k in ("name", "namespace", "labels")}
        world.add(body)
        await until(lambda: world.status().get("phase") == "Probation")

    world = World(edge=edge)
    run(_lives(world, moved))

    assert world.lost == 0
    assert world.status()["versions"]["stable"] == "7"


def test_an_open_incident_ends_with_its_model_and_stays_to_be_read() -> None:
    end, _, _ = run(play(rolled_back_and_deleted))

    incident = end.objects["Incident/loan-1"]["status"]
    assert (incident["phase"], incident["resolution"]) == ("Closed", "ModelDeleted")
    assert incident["timeline"][-1]["text"] == "closed because the model was deleted"
    assert incident["evidence"]


def test_deletion_gives_an_adopted_service_its_requests_back_and_loses_none() -> None:
    end, world, _ = run(play(adopted_and_deleted))

    assert end.route == {"edge": {"refs": ({"name": OLD, "port": 80},), "claimed": False}}
    assert end.pods == {}
    assert "AIModelDeployment/loan" not in end.objects
    assert world.lost == 0


def test_a_model_does_not_hold_up_the_end_of_its_namespace() -> None:
    """Also where the Service that should get the requests back has gone before."""

    async def ended(world: World) -> None:
        await until(lambda: world.status().get("phase") == "Probation")
        world.namespaces.ending.add("lending")
        world.server.delete("AIModelDeployment", "lending", "loan", world.clock.now().isoformat())
        await asyncio.sleep(2)
        assert world.server.get("AIModelDeployment", "lending", "loan") is None

    for edge in (False, True):
        world = World(edge=edge)
        run(_lives(world, ended))


async def _lives(world: World, story: Story) -> None:
    acting = asyncio.ensure_future(story(world))
    await during(world, Process(world), seconds=LENGTH)
    await acting
