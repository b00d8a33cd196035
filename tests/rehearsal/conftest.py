"""A real Prometheus that has recorded a day of the small world."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import yaml
from aiohttp import ClientSession

from tests.adapters.scraped import Shown, scraping
from tests.control.world import World
from tests.rehearsal.past import BEGINS, SPAN, a_bad_day, everything, objects

LATE = {"storage": {"tsdb": {"out_of_order_time_window": "100000h"}}}


@pytest.fixture(scope="module")
def bad() -> World:
    return a_bad_day()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prometheus(bad: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The URL of one that was told all samples with their times."""
    shown, path = Shown(), tmp_path_factory.mktemp("prometheus")
    shown.pages["past"] = await asyncio.to_thread(everything, bad)
    jobs = {"past": {"honor_labels": True, "scrape_interval": "1s", "scrape_timeout": "1s"}}
    async with scraping(shown, jobs, path, **LATE) as url:
        await _holds(url, (BEGINS + SPAN).timestamp())
        yield url


async def _holds(url: str, at: float) -> None:
    query = {"query": "count(requests_total)", "time": str(at)}
    async with ClientSession() as session:
        while True:
            async with session.get(f"{url}/api/v1/query", params=query) as response:
                if (await response.json())["data"]["result"]:
                    return


@pytest.fixture
def kept(bad: World, tmp_path: Path) -> Path:
    """A file with all objects, as `kubectl get -o yaml` writes them."""
    path = tmp_path / "objects.yaml"
    path.write_text(yaml.safe_dump({"kind": "List", "items": objects(bad)}))
    return path
