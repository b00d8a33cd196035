"""What goes wrong for one object, or for a while, delays nothing else."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from knowngood.adapters.memory.resources import MemoryResources
from knowngood.api.v1alpha1 import ObjectMeta
from knowngood.control.counting import count
from knowngood.control.ports import Key
from knowngood.errors import Refused, Unavailable
from tests.control.manifests import a_model, a_policy
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World

LOAN = Key("lending", "loan")
POLICIES = 40


async def wants_8(world: World) -> None:
    await asyncio.sleep(10)
    world.want("8")
    await until(lambda: world.canary_weight)


def played(world: World, story: Any, seconds: float = 60) -> Process:
    async def play() -> Process:
        process = Process(world)
        acting = asyncio.ensure_future(story(world, process))
        await during(world, process, seconds=seconds)
        await acting
        return process

    return run(play())


def test_a_rollback_follows_at_once_when_the_api_server_is_back() -> None:
    """However long it was away: the pauses between retries grow, and are for what can wait."""
    world, back = World(), list[float]()
    world.error_rates["8"] = 0.5

    async def away(world: World, process: Process) -> None:
        await wants_8(world)
        await until(lambda: world.status()["phase"] == "RollingBack")
        process.line.broken = Unavailable("connection refused")
        await asyncio.sleep(100)
        process.line.broken = None
        began = asyncio.get_running_loop().time()
        await until(lambda: world.status()["phase"] == "RolledBack")
        back.append(asyncio.get_running_loop().time() - began)

    played(world, away, 150)

    assert back[0] < 3


class SlowPolicies(MemoryResources):
    """An API server that takes its time for policies, and refuses one of them."""

    async def write_status(
        self, kind: str, meta: ObjectMeta, status: Mapping[str, Any]
    ) -> dict[str, Any]:
        if kind == "IncidentPolicy":
            await asyncio.sleep(0.5)
            if meta.name == "a-refused":
                raise Refused("admission webhook denied the request")
        return await super().write_status(kind, meta, status)


def test_what_policies_say_of_themselves_delays_no_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowngood.rehearsal.process.MemoryResources", SlowPolicies)
    world, took = World(), list[float]()
    for number in range(POLICIES):
        world.add(a_policy(f"p{number}", "Observe"))

    async def bad(world: World, _: Process) -> None:
        await wants_8(world)
        for number in range(POLICIES):
            name = f"p{number}"
            world.server.patch("IncidentPolicy", "lending", name, severe)
        world.error_rates["8"] = 0.5
        began = asyncio.get_running_loop().time()
        await until(lambda: world.status()["phase"] == "RolledBack")
        took.append(asyncio.get_running_loop().time() - began)

    def severe(body: dict[str, Any]) -> None:
        body["spec"]["triggers"][0]["severity"] = "High"

    played(world, bad, 60)

    assert took[0] < 6


def test_a_policy_whose_status_is_refused_keeps_no_other_one_from_telling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("knowngood.rehearsal.process.MemoryResources", SlowPolicies)
    world = World()
    world.add(a_policy("a-refused", "Observe"))

    played(world, lambda *_: asyncio.sleep(0), 20)

    told = {
        kind: [bool(body.get("status")) for body in world.server.list(kind)]
        for kind in ("IncidentPolicy", "ClusterSignalTemplate")
    }
    assert told == {"IncidentPolicy": [False, True], "ClusterSignalTemplate": [True]}


def test_counts_that_break_the_judge_blind_it_for_their_own_model_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.add(a_model("odd"))
    world.error_rates["8"] = 0.5

    def broken(evidence: Any, *others: Any) -> None:
        if evidence.arms.model == "odd":
            raise ZeroDivisionError
        count(evidence, *others)

    for reader in ("judge", "serving"):  # a bug is put where the numbers are read
        monkeypatch.setattr(f"knowngood.control.{reader}.count", broken)

    async def both(world: World, _: Process) -> None:
        await asyncio.sleep(10)
        world.want("8", "odd")
        await wants_8(world)

    played(world, both)

    assert world.status()["phase"] == "RolledBack"
    assert world.status("odd")["phase"] == "Paused"
    (guarded,) = [c for c in world.status("odd")["conditions"] if c["type"] == "Guarded"]
    assert (guarded["status"], guarded["reason"]) == ("False", "ObserverDown")


def test_a_route_that_was_taken_over_keeps_no_incident_from_being_told() -> None:
    world = World()

    async def taken(world: World, _: Process) -> None:
        await wants_8(world)
        await asyncio.sleep(1)
        world.gateway.foreign.add(LOAN)
        world.error_rates["8"] = 0.5

    played(world, taken, seconds=90)

    assert world.status()["phase"] == "RollingBack"
    assert [i["metadata"]["name"] for i in world.server.list("Incident")] == ["loan-1"]
    (stalled,) = [c for c in world.status()["conditions"] if c["type"] == "Stalled"]
    assert "belongs to somebody else" in stalled["message"]


def test_a_name_that_looks_like_an_incident_of_ours_stops_no_rollback() -> None:
    world = World()
    world.error_rates["8"] = 0.5
    world.add(
        {
            "apiVersion": "knowngood.dev/v1alpha1",
            "kind": "Incident",
            "metadata": {"name": f"loan-{2**63 - 1}", "namespace": "lending"},
            "spec": {"modelRef": {"name": "loan", "uid": "other"}, "origin": "Manual"},
        }
    )

    played(world, lambda world, _: wants_8(world))

    assert (world.status()["phase"], world.status()["incidents"]) == ("RolledBack", 1)


def test_an_incident_of_somebody_else_is_left_alone() -> None:
    """Its name was free when the rollback began: it took the place of ours a moment later."""
    world = World()
    foreign = {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "Incident",
        "metadata": {"name": "loan-1", "namespace": "lending"},
        "spec": {"modelRef": {"name": "loan", "uid": "other"}, "origin": "Manual"},
    }

    async def raced(world: World, _: Process) -> None:
        await wants_8(world)
        await asyncio.sleep(1)
        world.routed = False
        world.error_rates["8"] = 0.5
        await until(lambda: world.status()["phase"] == "RollingBack")
        for own in world.server.list("Incident"):
            world.server.delete("Incident", "lending", own["metadata"]["name"], "")
        world.add(foreign)

    played(world, raced)

    (incident,) = world.server.list("Incident")
    assert "status" not in incident
    assert world.status()["phase"] == "RollingBack"


def test_a_record_whose_end_was_missed_stops_no_rollback() -> None:
    world = World()

    async def lost(world: World, process: Process) -> None:
        await wants_8(world)
        await asyncio.sleep(1)
        (name,) = (
            v["metadata"]["name"]
            for v in world.server.list("AIModelVersion")
            if v["spec"]["model"]["version"] == "8"
        )
        process.feed.event = lambda *_: None  # type: ignore[method-assign]  # the watch is stuck
        world.server.delete("AIModelVersion", "lending", name, "")
        world.error_rates["8"] = 0.5

    played(world, lost)

    assert world.status()["phase"] == "RolledBack"
