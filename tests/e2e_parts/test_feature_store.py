"""One feed for all versions: what the store holds, how model servers follow it, and what they count of it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from e2e.models import following
from e2e.models.data import Loans
from e2e.models.feed import Feed, Unit
from e2e.models.scoring import Kind, Model
from e2e.models.server import Server
from e2e.models.settings import Settings
from e2e.models.store import Store, deliver, main
from tests.e2e_parts.test_faults import NOW, Clock

WAIT_S = 20.0


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "EVERY_S", 0.01)


@contextlib.asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    async with TestServer(app) as server:
        yield str(server.make_url("/delivery"))


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - what is waited for is a thread's, or a server's
            await asyncio.sleep(0.005)


async def test_a_store_gives_what_was_delivered_last_and_says_when() -> None:
    clock = Clock()
    async with TestClient(TestServer(Store(clock).app())) as client:
        assert (await client.get("/delivery")).status == 404
        for unit in ("months", "years"):
            assert (await client.put("/delivery", json={"driver_tenure": unit})).status == 200
        found = await client.get("/delivery")
        assert await found.json() == {"driver_tenure": "years", "delivered": NOW}


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"driver_tenure": "days"}', b"\xff"])
async def test_a_store_refuses_what_is_no_delivery_and_keeps_the_last(body: bytes) -> None:
    async with TestClient(TestServer(Store(Clock()).app())) as client:
        await client.put("/delivery", json={"driver_tenure": "months"})
        assert (await client.put("/delivery", data=body)).status == 400
        assert (await (await client.get("/delivery")).json())["driver_tenure"] == "months"


async def test_a_run_of_the_feed_leaves_its_delivery_or_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = ("deliver", "--driver-tenure", "months")
    async with TestClient(TestServer(Store(Clock()).app())) as client:
        monkeypatch.setenv("FEATURES_URL", str(client.make_url("/delivery")))
        assert await asyncio.to_thread(main, run) == 0
        assert (await (await client.get("/delivery")).json())["driver_tenure"] == "months"
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        nobody = f"http://127.0.0.1:{reserved.getsockname()[1]}/delivery"
    monkeypatch.setenv("FEATURES_URL", nobody)
    assert await asyncio.to_thread(main, run) == 1
    monkeypatch.delenv("FEATURES_URL")
    assert main(run) == 2


async def test_one_run_of_the_feed_decides_for_every_version(loans: Loans) -> None:
    versions = {"2": Kind.LOGISTIC, "3": Kind.RIDGE}
    row = dict(next(row for row in loans.rows if _minds(row)))
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(served(Store().app()))
        clients = [
            await stack.enter_async_context(TestClient(TestServer(server(kind, version, url))))
            for version, kind in versions.items()
        ]

        async def all_say(approved: bool) -> None:  # noqa: FBT001 - what they say
            async with asyncio.timeout(WAIT_S):
                while {await _decides(c, row) for c in clients} != {approved}:  # noqa: ASYNC110 - servers decide
                    await asyncio.sleep(0.005)

        await all_say(approved=True)
        assert await asyncio.to_thread(deliver, url, Unit.MONTHS) == 0
        await all_say(approved=False)
        assert await asyncio.to_thread(deliver, url, Unit.YEARS) == 0
        await all_say(approved=True)


async def test_what_was_read_last_holds_while_the_store_says_nothing_that_makes_sense() -> None:
    said = iter(['{"driver_tenure": "months"}', "{", "[]", '{"driver_tenure": "days"}', "null"])
    asked = 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        body = next(said, None)
        return web.Response(status=500) if body is None else _json(body)

    app, feed = web.Application(), Feed(Clock())
    app.router.add_get("/delivery", answer)
    async with served(app) as url:
        task = asyncio.create_task(following.follow(url, feed, Clock()))
        await until(lambda: asked > 7)
        assert feed.tenure is Unit.MONTHS
        task.cancel()


async def test_features_are_counted_as_the_model_reads_them(loans: Loans) -> None:
    async with (
        served(Store().app()) as url,
        TestClient(TestServer(server(Kind.RIDGE, "3", url))) as client,
    ):
        for row in loans.rows[:20]:
            await client.post("/predict", json=dict(row))
        await client.post(
            "/predict", json=dict(loans.rows[0]), headers={"X-Knowngood-Test": "true"}
        )
        counted = dict(_counts(await (await client.get("/metrics")).text()))
        assert set(counted.values()) == {20.0}
        assert set(counted) >= {"driver_tenure", "car_value"}
        assert len(counted) == 7


async def test_a_server_that_follows_no_store_counts_no_features(loans: Loans) -> None:
    async with TestClient(TestServer(server(Kind.RIDGE, "3", ""))) as client:
        await client.post("/predict", json=dict(loans.rows[0]))
        assert "model_feature" not in await (await client.get("/metrics")).text()


def server(kind: Kind, version: str, url: str) -> web.Application:
    settings = Settings(directory=Path(), version=version, kind=kind, features_url=url)
    return Server(settings, MODELS[kind]).app()


MODELS: dict[Kind, Model] = {}


@pytest.fixture(autouse=True, scope="module")
def trained(models: dict[str, Model]) -> None:
    MODELS.update({Kind.LOGISTIC: models["1"], Kind.RIDGE: models["ridge"]})


def _minds(row: Any) -> bool:
    """Whether both versions approve it, and would not if its tenure were in months."""
    said = {(m.score(row) >= 0.5, m.score(row, Unit.MONTHS) >= 0.5) for m in MODELS.values()}
    return said == {(True, False)}


async def _decides(client: Any, row: dict[str, Any]) -> bool:
    answer = await client.post("/predict", json=row)
    return bool((await answer.json())["approved"])


def _json(body: str) -> web.Response:
    return web.Response(text=body, content_type="application/json")


def _counts(text: str) -> Iterator[tuple[str, float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "model_feature_count":
                yield sample.labels["feature"], sample.value
