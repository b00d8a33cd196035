import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from knowngood.adapters.memory.resources import MemoryLister
from knowngood.adapters.memory.server import MemoryServer
from knowngood.control.feed import Feed
from knowngood.control.queue import WorkQueue
from knowngood.control.resync import Resync
from knowngood.control.store import Store
from knowngood.errors import Gone, Unavailable
from tests.control.manifests import NAMESPACE, a_model
from tests.control.virtual_time import run

KIND = "AIModelDeployment"


class Faulty(MemoryLister):
    """Fails when it is told to, and counts."""

    def __init__(self, server: MemoryServer) -> None:
        super().__init__(server)
        self.fails: Exception | None = None
        self.rounds = 0

    async def list(self, kind: str) -> Any:
        self.rounds += kind == KIND
        if self.fails is not None:
            raise self.fails
        found: Iterable[Mapping[str, Any]] = await super().list(kind)
        return list(found)


class Wired:
    def __init__(self, period: float = 300.0) -> None:
        self.server, self.store = MemoryServer(), Store()
        self.server.create(a_model())
        self.lister = Faulty(self.server)
        self.resync = Resync(self.store, self.lister, period)
        self.queue = WorkQueue(lambda: asyncio.get_running_loop().time())
        self.resync.tell(Feed(self.store, self.queue, self.resync.ask))


async def test_nothing_is_ready_before_every_kind_was_listed() -> None:
    wired = Wired()
    assert not wired.resync.filled.is_set()
    assert wired.resync.problem

    running = asyncio.create_task(wired.resync.run())
    await wired.resync.filled.wait()
    running.cancel()

    assert wired.resync.problem == ""
    assert wired.store.count(KIND) == 1
    assert len(wired.queue) == 1


def test_a_failed_list_is_tried_again_and_told() -> None:
    wired = Wired()
    wired.lister.fails = Unavailable("connection refused")

    async def play() -> None:
        running = asyncio.create_task(wired.resync.run())
        await asyncio.sleep(5.5)
        assert "connection refused" in wired.resync.problem
        assert not wired.resync.filled.is_set()
        wired.lister.fails = None
        await wired.resync.filled.wait()
        running.cancel()

    run(play())

    assert wired.lister.rounds == 7


def test_ghosts_are_removed_by_the_next_list_and_their_models_get_a_pass() -> None:
    wired = Wired()

    async def play() -> None:
        running = asyncio.create_task(wired.resync.run())
        await wired.resync.filled.wait()
        key = await wired.queue.get()
        wired.queue.done(key)
        wired.server.delete(KIND, NAMESPACE, "loan", "")  # and nobody says so

        await asyncio.sleep(100)
        assert wired.store.count(KIND) == 1
        await asyncio.sleep(201)
        assert (wired.store.count(KIND), wired.store.ghosts, len(wired.queue)) == (0, 1, 1)
        running.cancel()

    run(play())


def test_a_restarted_watch_is_followed_by_one_list_soon() -> None:
    wired = Wired()

    async def play() -> None:
        running = asyncio.create_task(wired.resync.run())
        await wired.resync.filled.wait()
        for _ in range(50):  # a burst: the watcher lists every object
            wired.resync.ask(KIND)
        await asyncio.sleep(3)
        assert wired.lister.rounds == 2
        running.cancel()

    run(play())


def test_a_cluster_without_our_kinds_ends_the_process_with_advice() -> None:
    """The watcher does not notice a kind that is installed after its start."""
    wired = Wired()
    wired.lister.fails = Gone("the server could not find the requested resource")

    with pytest.raises(RuntimeError, match="install the CRDs"):
        run(wired.resync.run())


def test_kinds_that_come_after_the_start_end_the_process_so_that_it_watches_them() -> None:
    """It led, listed now and then, and was deaf in between."""
    wired = Wired()
    wired.lister.fails = Gone("404 page not found")

    async def play() -> None:
        running = asyncio.create_task(wired.resync.run())
        await asyncio.sleep(2.5)
        wired.lister.fails = None
        await running

    with pytest.raises(RuntimeError, match="started anew"):
        run(play())
    assert not wired.resync.filled.is_set(), "nothing is decided on a view that nobody keeps"
