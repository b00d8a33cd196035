"""The whole loop on the in-memory ports, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from knowngood.adapters.memory.people import MemoryFence
from knowngood.adapters.memory.traffic import MemoryTraffic
from knowngood.control.ports import Backend, Key
from knowngood.errors import Unavailable
from tests.control.manifests import Object, a_model, a_policy, a_trigger
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World

Doing = Callable[[World, Process], Awaitable[None]]


def played(world: World, doing: Doing, seconds: float, **process: Any) -> Process:
    async def play() -> Process:
        operator = Process(world, **process)
        acting = asyncio.ensure_future(doing(world, operator))
        await during(world, operator, seconds=seconds)
        await acting
        return operator

    return run(play())


async def wants_8(world: World, _: Process) -> None:
    await asyncio.sleep(10)
    world.want("8")


def conditions(world: World) -> dict[str, tuple[str, str]]:
    return {c["type"]: (c["status"], c["reason"]) for c in world.status()["conditions"]}


def test_a_good_version_is_promoted_and_a_bad_one_taken_back_without_losing_a_request() -> None:
    good, bad = World(), World()
    bad.error_rates["8"] = 0.5

    played(good, wants_8, 60)
    played(bad, wants_8, 60)

    assert (good.status()["phase"], good.status()["versions"]["stable"]) == ("Probation", "8")
    assert (bad.status()["phase"], bad.status()["versions"]["stable"]) == ("RolledBack", "7")
    assert (good.lost, bad.lost) == (0, 0)


def test_nothing_is_written_when_nothing_changes() -> None:
    world, counts = World(), []

    async def wait(_: World, process: Process) -> None:
        await asyncio.sleep(60)  # by then the template was asked once more, and has series
        counts.append((len(process.line.sent), len(world.server.writes)))
        await asyncio.sleep(600)
        counts.append((len(process.line.sent), len(world.server.writes)))

    played(world, wait, 661)

    assert counts[0] == counts[1]


def test_both_versions_failing_alike_is_no_reason_to_go_back() -> None:
    world = World()
    limit = a_trigger(threshold={"above": "0.2", "window": "5s", "minSamples": 50})
    world.server.delete("IncidentPolicy", "lending", "lending", "")
    world.add(a_policy(triggers=[limit]))
    world.error_rates = {"7": 0.5, "8": 0.5}

    played(world, wants_8, 60)

    assert world.status()["versions"]["canary"] == "8"
    assert conditions(world)["Stalled"] == ("True", "EveryVersionBreached")
    assert world.events.reasons.count("EveryVersionBreached") == 1


@pytest.mark.parametrize("how", ["silent", "down"])
def test_a_blind_observer_holds_the_rollout_and_says_so(how: str) -> None:
    world = World()
    if how == "silent":
        world.silent.add("8")

    async def go_blind(_: World, process: Process) -> None:
        await wants_8(world, process)
        await until(lambda: world.canary_weight == 50)
        world.signals.problem = "cannot be reached" if how == "down" else ""

    played(world, go_blind, 200)

    assert world.status()["phase"] == "Paused"
    assert world.status()["rollout"]["waitingFor"] == "Data"
    assert world.status()["traffic"]["canaryWeight"] == 50
    reason = "ObserverDown" if how == "down" else "NoData"
    assert conditions(world)["Guarded"] == ("False", reason)


def test_a_policy_that_observes_tells_and_moves_nothing() -> None:
    world = World()
    world.server.patch(
        "IncidentPolicy", "lending", "lending", lambda body: body["spec"].update(mode="Observe")
    )
    world.error_rates["8"] = 0.5

    process = played(world, wants_8, 60)

    assert world.status()["versions"]["stable"] == "8"
    assert world.events.reasons.count("WouldAct") == 1
    assert b"knowngood_would_have_acted_total" in process.metrics.render()
    assert world.server.list("Incident") == []


def test_a_canary_that_loses_its_pods_loses_its_requests_and_comes_back() -> None:
    world = World()

    async def crash(_: World, process: Process) -> None:
        await wants_8(world, process)
        await until(lambda: world.canary_weight == 50)
        (name,) = [s.name for _, s in world.cluster.deployments.values() if s.version == "8"]
        world.endpoints.put("lending", name, frozenset())
        world.changed(Key("lending", "loan"))  # the pods' end is news

    played(world, crash, 60)

    assert "Withdrawn" in world.events.reasons
    assert world.status()["versions"]["stable"] == "8"


class BuggyTraffic(MemoryTraffic):
    """A port with a bug that one model brings to light."""

    async def apply(self, model: Any, backends: tuple[Backend, ...], ours: frozenset[str]) -> None:
        if model.metadata.name == "odd":
            raise ZeroDivisionError("a bug")
        await super().apply(model, backends, ours)


def test_a_bug_in_one_model_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowngood.rehearsal.process.MemoryTraffic", BuggyTraffic)
    world = World()
    world.add(a_model("odd"))

    process = played(world, wants_8, 60)

    assert world.status()["versions"]["stable"] == "8"
    assert world.status("odd")["phase"] == "Initializing"
    assert b"knowngood_pass_errors_total 0.0" not in process.metrics.render()


def test_a_failed_write_is_tried_again() -> None:
    world = World()

    async def stumble(_: World, process: Process) -> None:
        await wants_8(world, process)
        process.line.broken = Unavailable("connection refused")
        await asyncio.sleep(20)
        process.line.broken = None

    played(world, stumble, 120)

    assert world.status()["versions"]["stable"] == "8"


def test_a_process_that_does_not_lead_writes_nothing() -> None:
    world = World()

    process = played(world, wants_8, 30, fence=MemoryFence(leads=False))

    assert process.line.sent == []
    assert world.status() == {}


def test_one_that_comes_to_lead_goes_on_with_what_it_finds() -> None:
    world, fence = World(), MemoryFence(leads=False)

    async def elected(_: World, process: Process) -> None:
        await wants_8(world, process)
        fence.leads = True

    played(world, elected, 60, fence=fence)

    assert world.status()["phase"] == "Probation"


def test_a_lapse_within_one_term_loses_no_work() -> None:
    """The Lease lapses for an instant between two looks, in the middle of a rollback, and nothing else happens."""
    world, fence = World(), MemoryFence()
    for_a_person = [{"setWeight": 50}, {"pause": {}}]
    world.server.patch(
        "AIModelDeployment",
        "lending",
        "loan",
        lambda body: body["spec"]["rollout"].update(steps=for_a_person),
    )
    world.error_rates["8"] = 0.5

    async def lapse(_: World, process: Process) -> None:
        def stop(_: int) -> None:
            if world.status().get("phase") == "RollingBack" and fence.number == 1:
                fence.leads = False
                asyncio.get_running_loop().call_later(0.05, regain)

        def regain() -> None:
            process.line.after = lambda _: None
            fence.leads = True

        process.line.after = stop
        await wants_8(world, process)

    played(world, lapse, 60, fence=fence)

    assert world.status()["phase"] == "RolledBack"
    assert sorted(world.gateway.taken[Key("lending", "loan")].values())[-1] == 100


def test_two_processes_that_take_turns_end_as_one_would() -> None:
    world = World()
    world.error_rates["8"] = 0.5
    first, second = MemoryFence(1), MemoryFence(2, leads=False)

    async def play() -> None:
        both = Process(world, first), Process(world, second)

        async def alternate() -> None:
            while True:
                await asyncio.sleep(1.7)
                first.leads, second.leads = second.leads, first.leads

        turns = asyncio.create_task(alternate())
        acting = asyncio.ensure_future(wants_8(world, both[0]))
        await during(world, *both, seconds=90)
        await acting
        turns.cancel()

    run(play())

    assert (world.status()["phase"], world.status()["incidents"]) == ("RolledBack", 1)
    assert world.events.reasons.count("RolledBack") == 1
    assert len(world.server.list("Incident")) == 1


def test_records_of_versions_that_nobody_uses_are_forgotten() -> None:
    world = World()

    async def many(world: World, _: Process) -> None:
        def limit(body: Object) -> None:
            body["spec"]["versionHistoryLimit"] = 2

        world.server.patch("AIModelDeployment", "lending", "loan", limit)
        for version in ("8", "9", "10"):
            world.want(version)
            await until(lambda: world.status().get("versions", {}).get("stable") == version)  # noqa: B023 - awaited at once
        await asyncio.sleep(5)

    played(world, many, 200)

    kept = {v["spec"]["model"]["version"] for v in world.server.list("AIModelVersion")}
    assert kept == {"9", "10"}
    assert world.status()["phase"] == "Probation"
    assert world.lost == 0
