"""The judge on counters that are scraped each second: what was counted is known exactly."""

import asyncio
from datetime import datetime

from knowngood.api.v1alpha1 import AIModelDeployment, VerdictKind
from knowngood.decisions.trigger_views import TriggerView
from tests.control.manifests import a_model, a_policy, a_template, a_trigger
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World

LONG = [{"setWeight": 50}, {"pause": {"duration": "10m"}}]


def rolling(world: World) -> None:
    """Steps that leave time to look."""
    world.server.patch(
        "AIModelDeployment",
        "lending",
        "loan",
        lambda body: body["spec"]["rollout"].update(steps=LONG),
    )


def triggers(process: Process, name: str = "loan") -> tuple[TriggerView, ...]:
    model: AIModelDeployment | None = process.store.get("AIModelDeployment", "lending", name)
    assert model is not None
    return process.judge.triggers(model)


async def settle(world: World, seconds: float) -> None:
    await asyncio.sleep(10)
    world.want("8")
    await until(lambda: world.canary_weight == 50)
    await asyncio.sleep(seconds)


def test_every_request_is_counted_once() -> None:
    world = World()
    rolling(world)
    world.error_rates = {"7": 0.1, "8": 0.1}

    async def play() -> TriggerView:
        process = Process(world)
        acting = asyncio.create_task(settle(world, 21.0))
        await during(world, process, seconds=33)
        await acting
        (seen,) = triggers(process)
        return seen

    seen = run(play())

    assert seen.verdict.kind is VerdictKind.HEALTHY
    found = seen.verdict.evidence
    assert found is not None
    # 30 requests a second go to each version; what is not settled yet is at most a few seconds.
    assert found.samples % 30 == 0
    assert 30 * 14 <= found.samples <= 30 * 22
    assert found.events == found.samples // 10
    assert found.reference_samples == found.samples


def test_a_successor_without_any_memory_comes_to_the_same_verdict() -> None:
    world = World()
    rolling(world)
    world.server.patch(
        "IncidentPolicy", "lending", "lending", lambda body: body["spec"].update(mode="Observe")
    )
    world.error_rates = {"7": 0.02, "8": 0.3}

    async def play() -> tuple[TriggerView, ...]:
        first, second = Process(world), Process(world)
        acting = asyncio.create_task(settle(world, 25.0))
        await during(world, first, seconds=37)
        await acting
        now: datetime = world.clock.now()
        for kind in ("AIModelDeployment", "AIModelVersion", "IncidentPolicy"):
            for body in world.server.list(kind):
                second.store.put(kind, body)
        for body in world.server.list("ClusterSignalTemplate"):
            second.store.put("ClusterSignalTemplate", body)
        await first.judge.look(now)
        await second.judge.look(now)
        return *triggers(first), *triggers(second)

    kept, rebuilt = run(play())

    assert kept.verdict.kind is VerdictKind.BREACHED
    assert rebuilt == kept


def test_two_models_share_one_query() -> None:
    world = World()
    world.add(a_model("card", rollout={"steps": LONG}))
    rolling(world)

    async def play() -> int:
        process = Process(world)

        async def both() -> None:
            await asyncio.sleep(10)
            world.want("8")
            world.want("8", "card")
            await until(lambda: world.canary_weight == 50)
            await asyncio.sleep(2.0)

        acting = asyncio.create_task(both())
        await during(world, process, seconds=20)
        await acting
        assert len(triggers(process)) == len(triggers(process, "card")) == 1
        return len(world.signals.asked)

    run(play())

    by_instant: dict[float, list[str]] = {}
    for query in world.signals.asked:
        by_instant.setdefault(query.at, []).append(query.promql)
    last = max(by_instant)
    assert by_instant[last] == ["requests_total[30s]"]


def test_what_was_proved_stays_proved_when_the_source_fails() -> None:
    world = World()
    rolling(world)
    world.server.patch(
        "IncidentPolicy", "lending", "lending", lambda body: body["spec"].update(mode="Observe")
    )
    world.error_rates["8"] = 0.5

    async def play() -> list[TriggerView]:
        process, seen = Process(world), list[TriggerView]()

        async def lose() -> None:
            await settle(world, 10.0)
            seen.extend(triggers(process))
            world.signals.problem = "cannot be reached"
            await asyncio.sleep(10.0)
            seen.extend(triggers(process))

        acting = asyncio.create_task(lose())
        await during(world, process, seconds=40)
        await acting
        return seen

    before, after = run(play())

    assert before.verdict.kind is VerdictKind.BREACHED
    assert after.verdict == before.verdict


def test_a_signal_that_is_deleted_during_a_rollout_is_an_observer_error_and_holds() -> None:
    world = World()

    async def act() -> None:
        await settle(world, 1.0)
        await until(lambda: world.canary_weight)
        world.server.delete("ClusterSignalTemplate", "", "errors", "")

    async def play() -> None:
        process = Process(world)
        acting = asyncio.create_task(act())
        await during(world, process, seconds=60)
        await acting
        (seen,) = triggers(process)
        assert (seen.verdict.kind, seen.verdict.reason) == (
            VerdictKind.OBSERVER_ERROR,
            "SignalNotFound",
        )

    run(play())

    assert world.status()["phase"] == "Paused"


def test_a_value_with_several_series_for_a_version_is_refused() -> None:
    world = World()
    world.server.delete("IncidentPolicy", "lending", "lending", "")
    world.add(a_template("latency", value={"query": "latency"}))
    limit = a_trigger(signal="latency", threshold={"above": "2", "window": "5s"})
    world.add(a_policy(triggers=[limit]))

    def labels(version: str, number: int) -> dict[str, str]:
        (service,) = [s.name for _, s in world.cluster.deployments.values() if s.version == version]
        return {"namespace": "lending", "pod": f"{service}-6c8d7f9b5-pod{number:02}"}

    async def play() -> list[str]:
        process, reasons = Process(world), list[str]()

        async def look() -> None:
            await settle(world, 0.0)
            for pods in (1, 2):
                world.signals.values["latency"] = tuple(
                    (labels(version, number), 1.0)
                    for version in ("7", "8")
                    for number in range(pods)
                )
                await asyncio.sleep(2.0)
                reasons.extend(t.verdict.reason for t in triggers(process))

        acting = asyncio.create_task(look())
        await during(world, process, seconds=30)
        await acting
        return reasons

    assert run(play()) == ["NoSampleSize", "SeveralValues"]


def test_a_pod_of_a_neighbour_is_not_counted() -> None:
    """Its name and labels are its own word; the version's pods are known by name and namespace."""
    world = World()
    rolling(world)

    async def play() -> TriggerView:
        process = Process(world)

        async def lie() -> None:
            await settle(world, 0.0)
            (service,) = [s.name for _, s in world.cluster.deployments.values() if s.version == "8"]
            for second in range(10):
                for namespace, pod in (
                    ("other", f"{service}-6c8d7f9b5-pod00"),
                    ("lending", "liar"),
                ):
                    name = {"__name__": "requests_total", "namespace": namespace, "pod": pod}
                    forged = tuple({**name, "code": "500", "model_version": "8"}.items())
                    at = world.clock.now().timestamp()
                    world.signals.scrape(at, {forged: 1000.0 * (second + 1)})
                await asyncio.sleep(1.0)

        acting = asyncio.create_task(lie())
        await during(world, process, seconds=30)
        await acting
        (seen,) = triggers(process)
        return seen

    found = run(play()).verdict.evidence

    assert found is not None
    assert (found.events, found.reference_events) == (0, 0)
