"""The view of foreign kinds, against a server that plays a script."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from aiohttp import web

from knowngood.adapters.kubernetes import informer as module
from knowngood.adapters.kubernetes.informer import Informer
from tests.adapters.loopback import api_of, until

PATH = "/apis/discovery.k8s.io/v1/endpointslices"
Object = dict[str, Any]


def seen(name: str, version: int, value: str = "") -> Object:
    return {
        "metadata": {"name": name, "namespace": "n", "resourceVersion": str(version)},
        "v": value,
    }


class Script:
    """Answers to LISTs, and events for each watch; the last watch stays open."""

    def __init__(self, lists: Iterable[object], *watches: list[Object]) -> None:
        self.lists = deque(lists)
        self.watches = deque(watches)
        self.from_versions: list[str] = []
        self.push: asyncio.Queue[Object] = asyncio.Queue()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        return await (self._watch(request) if "watch" in request.query else self._list())

    async def _list(self) -> web.Response:
        found = self.lists[0] if len(self.lists) == 1 else self.lists.popleft()
        if isinstance(found, int):
            return web.json_response({"message": f"answers {found}"}, status=found)
        assert isinstance(found, list)
        versions = [int(b["metadata"]["resourceVersion"]) for b in found]
        meta = {"resourceVersion": str(max(versions, default=1))}
        return web.json_response({"metadata": meta, "items": found})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        self.from_versions.append(request.query["resourceVersion"])
        response = web.StreamResponse()
        await response.prepare(request)
        if self.watches:
            for event in self.watches.popleft():
                await response.write(json.dumps(event).encode() + b"\n")
            return response
        while True:
            event = await self.push.get()
            await response.write(json.dumps(event).encode() + b"\n")


def event(kind: str, body: Object) -> Object:
    return {"type": kind, "object": body}


TOO_OLD = {"type": "ERROR", "object": {"code": 410, "message": "too old"}}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(module, "ABSENT_RETRY_SECONDS", 0.01)


@contextlib.asynccontextmanager
async def viewing(script: Script) -> AsyncIterator[tuple[Informer[str], list[str]]]:
    changes: list[str] = []

    def changed(_: str, name: str, before: str | None, after: str | None) -> None:
        changes.append(f"{name}: {before} -> {after}")

    async with api_of(script.answer) as api:
        view = Informer(api, PATH, lambda body: str(body["v"]), changed)
        running = asyncio.create_task(view.run())
        try:
            async with asyncio.timeout(10):
                await view.synced.wait()
            yield view, changes
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_view_holds_what_was_listed_and_what_changed_since() -> None:
    script = Script([[seen("a", 5, "x"), seen("b", 6, "y")]])
    async with viewing(script) as (view, changes):
        script.push.put_nowait(event("MODIFIED", seen("a", 7, "z")))
        script.push.put_nowait(event("DELETED", seen("b", 8)))
        script.push.put_nowait(event("ADDED", seen("c", 9, "w")))
        await until(lambda: len(changes) == 5)

        assert dict(view.items()) == {("n", "a"): "z", ("n", "c"): "w"}
        assert changes[-3:] == ["a: x -> z", "b: y -> None", "c: None -> w"]


async def test_a_watch_goes_on_from_what_was_seen_last() -> None:
    marked = [event("MODIFIED", seen("a", 7)), event("BOOKMARK", seen("", 20))]
    script = Script([[seen("a", 5)]], marked)
    async with viewing(script):
        await until(lambda: len(script.from_versions) == 2)

        assert script.from_versions == ["5", "20"]


async def test_a_list_after_a_gap_removes_ghosts() -> None:
    script = Script([[seen("a", 5, "x"), seen("b", 5, "y")], [seen("a", 30, "z")]], [TOO_OLD])
    async with viewing(script) as (view, changes):
        await until(lambda: len(changes) == 4)

        assert dict(view.items()) == {("n", "a"): "z"}
        assert changes[2:] == ["b: y -> None", "a: x -> z"]


async def test_an_unchanged_object_is_told_to_nobody() -> None:
    script = Script([[seen("a", 5, "x")]])
    async with viewing(script) as (_, changes):
        script.push.put_nowait(event("MODIFIED", seen("a", 6, "x")))
        script.push.put_nowait(event("ADDED", seen("b", 7, "y")))
        await until(lambda: len(changes) == 2)

        assert changes == ["a: None -> x", "b: None -> y"]


async def test_the_answer_to_a_write_never_overwrites_a_newer_object() -> None:
    script = Script([[seen("a", 99, "new")]])
    async with viewing(script) as (view, _):
        view.put(seen("a", 98, "old"))
        assert view.get("n", "a") == "new"

        view.put(seen("a", 100, "newest"))
        assert view.get("n", "a") == "newest"


async def test_the_late_answer_to_a_write_brings_nothing_back_that_was_deleted_since() -> None:
    script = Script([[seen("a", 5, "old")]])
    async with viewing(script) as (view, _):
        script.push.put_nowait(event("DELETED", seen("a", 11)))
        await until(lambda: view.get("n", "a") is None)

        view.put(seen("a", 10, "late"))
        assert view.get("n", "a") is None

        view.put(seen("a", 12, "anew"))
        assert view.get("n", "a") == "anew"


async def test_an_event_from_before_a_write_does_not_undo_it() -> None:
    script = Script([[seen("a", 5, "old")]])
    async with viewing(script) as (view, changes):
        view.put(seen("a", 100, "written"))
        script.push.put_nowait(event("MODIFIED", seen("a", 99, "between")))
        script.push.put_nowait(event("ADDED", seen("b", 101, "after")))
        await until(lambda: view.get("n", "b"))

        assert view.get("n", "a") == "written"
        assert changes == ["a: None -> old", "a: old -> written", "b: None -> after"]


async def test_a_kind_that_is_absent_is_no_reason_to_wait() -> None:
    script = Script([404])
    async with viewing(script) as (view, _):
        assert view.absent
        assert dict(view.items()) == {}

        script.lists[0] = [seen("a", 5, "x")]  # somebody installs it
        await until(lambda: view.get("n", "a"))
        assert not view.absent


async def test_a_server_that_fails_is_asked_again() -> None:
    script = Script([500, 503, [seen("a", 5, "x")]])
    async with viewing(script) as (view, _):
        assert view.get("n", "a") == "x"
