"""Kopf as the informer of our own kinds, on a real API server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.cluster import Cluster
from knowngood.adapters.kubernetes.connection import connect
from knowngood.control.store import KINDS
from knowngood.handlers.informer import EndlessBackoff, registry, settings, watch
from tests.control.manifests import a_model

Seen = tuple[str, str | None, str]


@dataclass
class Watched:
    cluster: Cluster
    seen: list[Seen] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, kind: str, event: str | None, body: Any) -> None:
        self.seen.append((kind, event, body["metadata"]["name"]))

    async def kubectl(self, *words: str, stdin: str | None = None) -> str:
        return await asyncio.to_thread(self.cluster.kubectl, *words, stdin=stdin)

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not holds():  # noqa: ASYNC110  - the watcher tells its own handler, not us
                await asyncio.sleep(0.02)


def open_sockets() -> int:
    found = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found += str(descriptor.readlink()).startswith("socket:")
    return found


@contextlib.asynccontextmanager
async def watching(cluster: Cluster) -> AsyncIterator[Watched]:
    connection = await connect(str(cluster.kubeconfig))
    watched, ready, before = Watched(cluster), asyncio.Event(), open_sockets()
    running = asyncio.create_task(watch(watched.take, connection.login, ready, watched.stop))
    try:
        async with asyncio.timeout(30):
            await ready.wait()
        yield watched
    finally:
        watched.stop.set()
        await running
        # Kopf leaves the last words of its connections to the loop, and a loop that ends first leaves them open.
        await watched.until(lambda: open_sockets() <= before)


@pytest.fixture
def model(all_kinds: Cluster) -> Iterator[str]:
    """A model that was there before."""
    body = a_model("watched")
    body["metadata"]["namespace"] = "default"
    all_kinds.kubectl("apply", "-f", "-", stdin=yaml.safe_dump(body))
    yield "watched"
    all_kinds.kubectl("delete", "aimd", "watched", "-n", "default", "--ignore-not-found")


async def test_what_exists_is_listed_and_what_changes_is_told(
    all_kinds: Cluster, model: str
) -> None:
    async with watching(all_kinds) as watched:
        await watched.until(lambda: ("AIModelDeployment", None, model) in watched.seen)

        await watched.kubectl("label", "aimd", model, "-n", "default", "touched=yes")
        await watched.until(lambda: ("AIModelDeployment", "MODIFIED", model) in watched.seen)

        await watched.kubectl("delete", "aimd", model, "-n", "default")
        await watched.until(lambda: ("AIModelDeployment", "DELETED", model) in watched.seen)


async def test_watching_writes_nothing(all_kinds: Cluster, model: str) -> None:
    """No finalizer, no annotation, no status: the object stays as its author wrote it."""
    query = ("get", "aimd", model, "-n", "default", "-o", "jsonpath={.metadata.resourceVersion}")
    async with watching(all_kinds) as watched:
        before = await watched.kubectl(*query)
        await watched.until(lambda: ("AIModelDeployment", None, model) in watched.seen)
        await watched.kubectl("create", "-f", "-", stdin=NAMESPACE)
        await watched.kubectl("delete", "namespace", "marker", "--wait=false")

        assert await watched.kubectl(*query) == before


def test_every_kind_of_ours_has_one_handler() -> None:
    def login() -> Any:
        raise NotImplementedError

    found = registry(lambda *_: None, login)

    handlers = found._watching.get_all_handlers()  # noqa: SLF001  - Kopf offers no other way to look
    assert {str(handler.id) for handler in handlers} == set(KINDS)


def test_kopf_neither_posts_nor_gives_up() -> None:
    tuned = settings()

    assert not tuned.posting.enabled
    assert tuned.networking.error_backoffs is not None
    pauses = iter(EndlessBackoff())
    first = [next(pauses) for _ in range(10_000)]
    assert max(first) == first[-1] == 2.0


NAMESPACE = "{apiVersion: v1, kind: Namespace, metadata: {name: marker}}"
