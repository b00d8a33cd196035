"""Who may write: the Lease on a real API server, with a monotonic clock that is moved by hand."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from kubernetes.aio import client, config

from e2e.cluster import Cluster
from knowngood.adapters.kubernetes import lease as module
from knowngood.adapters.kubernetes.api import Api, Object
from knowngood.adapters.kubernetes.lease import Elector, LeaseFence
from knowngood.clock import SystemClock
from knowngood.errors import NotLeader, Unavailable
from tests.adapters.loopback import connected, until

NAMES = (f"lease-{n}" for n in itertools.count())
STEP = 0.25
LOST = "not leading any more as a"


class Clock:
    """Seconds that rise only by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


class Severed(Api):
    """A connection that can be cut."""

    cut = False
    silent = 0

    def _check(self) -> None:
        if self.cut:
            raise Unavailable("the network is gone")

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Object:
        self._check()
        if self.silent:
            self.silent -= 1
            await asyncio.Event().wait()
        return await super().get(path, query)

    async def create(self, path: str, body: Mapping[str, Any]) -> Object:
        self._check()
        return await super().create(path, body)

    async def replace(self, path: str, body: Mapping[str, Any]) -> Object:
        self._check()
        return await super().replace(path, body)


class Replica:
    """One process that runs for the Lease."""

    def __init__(self, api: Api, name: str, identity: str, clock: Clock) -> None:
        self.api = Severed(api._client)  # noqa: SLF001  - the same pool, a connection of its own to cut
        self.fence = LeaseFence(identity, clock.monotonic)
        self.elector = Elector(
            self.api,
            namespace="default",
            name=name,
            fence=self.fence,
            now=SystemClock().now,
            monotonic=clock.monotonic,
            address=f"address-of-{identity}",
        )
        self.stop = asyncio.Event()
        self.running: asyncio.Task[None] | None = None

    def start(self) -> "Replica":
        self.running = asyncio.create_task(self.elector.run(self.stop))
        return self

    async def end(self) -> None:
        self.stop.set()
        if self.running is not None:
            await self.running


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY", 0.02)


@contextlib.asynccontextmanager
async def replicas(cluster: Cluster, clock: Clock) -> AsyncIterator[tuple[Replica, Replica, str]]:
    configuration = client.Configuration()
    load: Any = config.load_kube_config  # the client ships no types for its loaders
    await load(str(cluster.kubeconfig), client_configuration=configuration)
    name = next(NAMES)
    async with connected(configuration) as api:
        both = Replica(api, name, "a", clock), Replica(api, name, "b", clock)
        try:
            yield *both, name
        finally:
            for replica in both:
                replica.api.cut = False
                await replica.end()


async def some_rounds(*running: Replica, count: int = 3) -> None:
    """Wait until each replica has asked the server that often."""
    before = [r.api.reads + r.api.writes for r in running]
    await until(
        lambda: all(
            r.api.cut or r.api.reads + r.api.writes >= b + count
            for r, b in zip(running, before, strict=True)
        )
    )


def test_the_fence_drops_by_time_alone() -> None:
    clock = Clock()
    fence = LeaseFence("a", clock.monotonic)
    with pytest.raises(NotLeader):
        fence.term()

    fence.extend(clock.seconds, 7)
    clock.seconds += module.RENEW_DEADLINE - 0.001
    assert fence.term() == 7

    clock.seconds += 0.001
    assert not fence.held()
    with pytest.raises(NotLeader):
        fence.term()


def test_a_leader_stops_before_anybody_may_take_over() -> None:
    """A write that is in flight when the fence drops must also have ended by then."""
    assert module.RENEW_DEADLINE + 2.0 <= module.DURATION


async def test_the_first_one_takes_it_and_renews(control_plane: Cluster) -> None:
    clock = Clock()
    async with replicas(control_plane, clock) as (a, b, _):
        a.start()
        await until(a.fence.held)
        b.start()
        for _ in range(40):  # ten seconds: longer than the Lease lasts
            clock.seconds += STEP
            await some_rounds(a, b, count=1)
            assert a.fence.held()
            assert not b.fence.held()
        assert a.fence.term() == 0


async def test_one_who_ends_gives_it_back_at_once(control_plane: Cluster) -> None:
    clock = Clock()
    async with replicas(control_plane, clock) as (a, b, name):
        a.start()
        await until(a.fence.held)
        b.start()
        await some_rounds(a, b)

        await a.end()
        assert not a.fence.held()
        await until(b.fence.held)  # although no time has passed

        assert b.fence.term() == 1
        holder = control_plane.kubectl(
            "get", "lease", name, "-n", "default", "-o", "jsonpath={.spec.holderIdentity}"
        )
        assert holder == "b"


async def test_who_stands_by_knows_where_the_leader_is_reached(control_plane: Cluster) -> None:
    clock = Clock()
    async with replicas(control_plane, clock) as (a, b, _):
        a.start()
        await until(a.fence.held)
        b.start()
        await until(lambda: b.elector.leader() == "address-of-a")
        assert a.elector.leader() == ""

        await a.end()
        await until(b.fence.held)

        assert b.elector.leader() == ""


async def test_a_lost_api_never_leaves_two_leaders(control_plane: Cluster) -> None:
    clock = Clock()
    async with replicas(control_plane, clock) as (a, b, _):
        a.start()
        await until(a.fence.held)
        b.start()
        await some_rounds(a, b)

        a.api.cut = True
        seen: list[tuple[float, bool, bool]] = []
        cut_at = clock.seconds
        while not b.fence.held():
            clock.seconds += STEP
            await some_rounds(b)
            seen.append((clock.seconds - cut_at, a.fence.held(), b.fence.held()))
            assert seen[-1][0] < 20

        assert not any(first and second for _, first, second in seen)
        lost = next(at for at, first, _ in seen if not first)
        taken = seen[-1][0]
        assert lost <= module.RENEW_DEADLINE
        assert taken > module.DURATION

        a.api.cut = False
        await some_rounds(a, b)
        assert (a.fence.held(), b.fence.held()) == (False, True)


async def test_a_crashed_leader_is_replaced_when_its_time_is_over_only(
    control_plane: Cluster,
) -> None:
    clock = Clock()
    async with replicas(control_plane, clock) as (a, b, _):
        a.start()
        await until(a.fence.held)
        assert a.running is not None
        a.running.cancel()
        await asyncio.gather(a.running, return_exceptions=True)
        a.running = None

        b.start()
        await some_rounds(b)
        clock.seconds += module.DURATION - 0.01
        await some_rounds(b)
        assert not b.fence.held()

        clock.seconds += 0.02
        await until(b.fence.held)


async def test_a_server_that_answers_nothing_does_not_hold_up_who_takes_over(
    control_plane: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    async with replicas(control_plane, Clock()) as (a, _, _name):
        a.api.silent = 1

        a.start()

        await until(a.fence.held)
        assert a.api.silent == 0


async def test_who_leads_no_more_says_so_once(
    control_plane: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    async with replicas(control_plane, clock) as (a, _, _name):
        a.start()
        await until(a.fence.held)

        a.api.cut = True
        clock.seconds += module.RENEW_DEADLINE
        await until(lambda: LOST in caplog.text)
        failures = caplog.text.count("the network is gone")
        await until(lambda: caplog.text.count("the network is gone") >= failures + 3)

    assert caplog.text.count(LOST) == 1
