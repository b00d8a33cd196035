"""Incidents are followed to their end by a running operator, whether or not a pass is about them; and cost nothing."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from knowngood.adapters.memory.people import MemoryFence
from knowngood.adapters.memory.resources import MemoryResources
from knowngood.adapters.memory.server import Line
from knowngood.api.v1alpha1 import Incident, IncidentStatus
from knowngood.control.docket import AUTO_CLOSE_AFTER, Docket
from knowngood.control.store import Store
from knowngood.control.writing import Writer
from knowngood.decisions.answering import heard
from tests.control.manifests import Object
from tests.control.process import Process, during, until
from tests.control.stories import rolled_back
from tests.control.test_contained import eight_turns_bad, story
from tests.control.test_probation import played
from tests.control.virtual_time import run
from tests.control.world import World

HEARD = "knowngood.control.docket.heard"
WEEK = AUTO_CLOSE_AFTER.total_seconds()


def a_declaration(name: str = "loan-manual-1", uid: str = "", **spec: Any) -> Object:
    declared = {"by": "alice", "summary": "it refuses everybody"}
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "Incident",
        "metadata": {"name": name, "namespace": "lending"},
        "spec": {
            "modelRef": {"name": "loan", "uid": uid or "nobody"},
            "origin": "Manual",
            "declared": declared,
            **spec,
        },
    }


def found(world: World, name: str) -> Object:
    body = world.server.get("Incident", "lending", name)
    return {} if body is None else body.get("status") or {}


def say(world: World, name: str, **spec: Any) -> None:
    world.server.patch("Incident", "lending", name, lambda body: body["spec"].update(spec))


def played_on(acts: Callable[[World], Any], seconds: float) -> tuple[World, Process]:
    """A world that lives with one process, and what happens in it."""

    async def play() -> tuple[World, Process]:
        world = World()
        process = Process(world)
        acting = asyncio.ensure_future(acts(world))
        await during(world, process, seconds=seconds)
        await acting
        return world, process

    return run(play())


def test_a_rolled_back_canary_goes_on_when_the_spec_is_set_back() -> None:
    async def acts(world: World) -> None:
        await rolled_back(world)
        await until(lambda: world.status().get("phase") == "RolledBack")
        await asyncio.sleep(40)
        assert found(world, "loan-1")["phase"] == "Contained"
        world.want("7")

    world, _ = played_on(acts, 120)

    status = found(world, "loan-1")
    assert status["phase"] == "Eradicated"
    assert status["clocks"]["contained"] < status["clocks"]["eradicated"]
    assert status["timeline"][-1]["text"].startswith("version 7 answers users, as the spec asks")


def test_what_was_held_and_is_healthy_again_recovers_after_it_was_seen_to_be_well() -> None:
    reached: dict[str, float] = {}

    async def acts(world: World, process: Process) -> None:
        await story(eight_turns_bad, responses=[])(world, process)
        await until(lambda: bool(world.status().get("servingBreaches")))
        world.error_rates["8"] = 0.0
        for phase in ("Eradicated", "Recovered"):
            await until(lambda: found(world, "loan-1").get("phase") == phase)  # noqa: B023 - called at once
            reached[phase] = world.clock.monotonic()

    world = World()

    played(world, 2400, acts)

    assert 15 * 60 <= reached["Recovered"] - reached["Eradicated"] < 16 * 60
    assert [e["csf"] for e in found(world, "loan-1")["timeline"]][-2:] == ["RS.MI", "RC.RP"]


def test_while_nobody_can_see_it_nothing_recovers() -> None:
    async def acts(world: World, process: Process) -> None:
        await story(eight_turns_bad, responses=[])(world, process)
        await until(lambda: bool(world.status().get("servingBreaches")))
        world.error_rates["8"] = 0.0
        await until(lambda: found(world, "loan-1").get("phase") == "Eradicated")
        world.silent |= {"7", "8"}

    world = World()

    played(world, 2400, acts)

    assert found(world, "loan-1").get("phase") == "Eradicated"


def test_what_is_bad_again_opens_the_same_incident_again() -> None:
    async def acts(world: World, process: Process) -> None:
        await story(eight_turns_bad, responses=[])(world, process)
        await until(lambda: bool(world.status().get("servingBreaches")))
        world.error_rates["8"] = 0.0
        await until(lambda: found(world, "loan-1").get("phase") == "Eradicated")
        world.error_rates["8"] = 0.3
        await until(lambda: found(world, "loan-1").get("phase") == "Detected")

    world = World()

    played(world, 900, acts)

    status = found(world, "loan-1")
    assert status["reopened"] == 1
    assert "eradicated" not in status["clocks"]
    assert world.status()["servingBreaches"][0]["incident"] == "loan-1"


def test_a_declared_incident_is_taken_up_answered_and_closed_and_moves_nothing() -> None:
    before: list[Any] = []

    async def acts(world: World) -> None:
        await asyncio.sleep(20)
        before.extend((dict(world.led), world.status()["phase"]))
        (model,) = world.server.list("AIModelDeployment")
        world.add(a_declaration(uid=model["metadata"]["uid"]))
        world.add(a_declaration("lost-manual-1"))
        await until(lambda: found(world, "loan-manual-1").get("phase") == "Detected")
        word = {"outcome": "None", "by": "bob", "rationale": "a test"}
        say(world, "loan-manual-1", decision=word)
        await until(lambda: found(world, "loan-manual-1").get("phase") == "Triaged")
        say(world, "loan-manual-1", close={"by": "bob", "resolution": "FalsePositive"})

    world, _ = played_on(acts, 60)

    status = found(world, "loan-manual-1")
    assert (status["phase"], status["resolution"]) == ("Closed", "FalsePositive")
    assert [e["text"].partition(":")[0] for e in status["timeline"]] == [
        "declared by alice (unverified)",
        "bob (unverified) has decided None",
        "closed as FalsePositive by bob (unverified); no traffic moves",
    ]
    assert [dict(world.led), world.status()["phase"]] == before
    assert "incidentRef" not in world.status()
    assert "there is no AIModelDeployment" in found(world, "lost-manual-1")["nextForHuman"]


def a_docket(world: World, after: timedelta = AUTO_CLOSE_AFTER) -> tuple[Store, Docket, Line]:
    store, line = Store(), Line(MemoryFence().term)
    for kind in ("Incident", "AIModelDeployment"):
        for body in world.server.list(kind):
            store.put(kind, body)
    docket = Docket(
        store,
        Writer(store, MemoryResources(world.server, line)),
        lambda _: None,
        auto_close_after=after,
    )
    return store, docket, line


def test_nothing_is_written_at_rest_and_then_it_is_closed_once() -> None:
    world, _ = played_on(rolled_back, 120)
    last = found(world, "loan-1")["timeline"][-1]["time"]
    _, docket, line = a_docket(world)

    async def week() -> None:
        start = world.clock.now()
        for hours in range(24 * 9):
            await docket.look(start + timedelta(hours=hours))

    run(week())

    status = found(world, "loan-1")
    assert (status["phase"], status["resolution"]) == ("Closed", "AutoClosed")
    assert [write for write in line.sent if "Incident" in write] == ["status of Incident loan-1"]
    assert status["clocks"]["closed"] > last


def test_a_thousand_incidents_that_rest_are_not_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    for number in range(1_000):
        world.add(a_declaration(f"lost-manual-{number}"))
    store, docket, line = a_docket(world)
    looks: list[str] = []
    get, every = store.get, store.all

    def one(kind: str, namespace: str, name: str) -> Any:
        looks.append(name)
        return get(kind, namespace, name)

    def all_of(kind: str, namespace: str | None = None) -> list[Any]:
        looks.append(kind)
        return every(kind, namespace)

    async def rest() -> None:
        now = world.clock.now()
        await docket.look(now)
        await docket.look(now + timedelta(seconds=1))
        monkeypatch.setattr(store, "get", one)
        monkeypatch.setattr(store, "all", all_of)
        for seconds in range(2, 1000):
            await docket.look(now + timedelta(seconds=seconds))

    run(rest())

    assert len(line.sent) == 1_000
    assert looks == []
    known: list[Incident] = every("Incident")
    assert {i.status.phase for i in known if i.status} == {"Detected"}


def test_an_incident_that_brings_a_bug_to_light_ends_nothing_and_keeps_no_other_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    def fails(incident: Incident, *args: Any, **more: Any) -> IncidentStatus | None:
        if incident.metadata.name == "loan-manual-1":
            raise ValueError("a bug")
        return heard(incident, *args, **more)

    async def acts(world: World) -> None:
        await asyncio.sleep(5)
        monkeypatch.setattr(HEARD, fails)
        for name in ("loan-manual-1", "loan-manual-2"):
            world.add(a_declaration(name))
        await asyncio.sleep(10)
        say(world, "loan-manual-2", acknowledgement={"by": "bob"})
        await asyncio.sleep(10)
        monkeypatch.setattr(HEARD, heard)
        say(world, "loan-manual-1", acknowledgement={"by": "alice"})

    world, _ = played_on(acts, 60)

    for name in ("loan-manual-1", "loan-manual-2"):
        assert found(world, name)["clocks"]["acknowledged"]
