"""A Prometheus of its own, on the loopback, that scrapes what a test shows."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from aiohttp import ClientError, ClientSession, web

from e2e.cluster.binaries import Tools
from e2e.cluster.options import default_cache_dir
from e2e.cluster.progress import Terminal
from tests.adapters.exposition import PROTOBUF
from tests.adapters.loopback import HOST, answering, unused_port

NAMESPACE = "lending"


class Shown:
    """What processes show: text or protobuf, by path."""

    def __init__(self) -> None:
        self.pages: dict[str, str | bytes] = {}

    async def answer(self, request: web.Request) -> web.Response:
        page = self.pages[request.path.removeprefix("/")]
        if isinstance(page, str):
            return web.Response(text=page, headers={"Content-Type": "text/plain; version=0.0.4"})
        return web.Response(body=page, headers={"Content-Type": PROTOBUF})


@contextlib.asynccontextmanager
async def scraping(
    shown: Shown, jobs: Mapping[str, Mapping[str, Any]], directory: Path, **more: Any
) -> AsyncIterator[str]:
    """Start it; the URL at which it answers.

    Args:
        shown: What it scrapes, five times a second.
        jobs: What each job's configuration has besides; a job reads the page of its name, and its pod has that name.
        directory: For its configuration and data.
        more: Further parts of its configuration.
    """
    async with answering(shown.answer) as url:
        config = directory / "prometheus.yml"
        scrapes = [_job(name, more, url) for name, more in jobs.items()]
        config.write_text(
            yaml.safe_dump(
                {"global": {"scrape_interval": "200ms"}, "scrape_configs": scrapes, **more}
            )
        )
        address = f"{HOST}:{unused_port()}"
        process = await asyncio.create_subprocess_exec(
            Tools(default_cache_dir(), Terminal()).prometheus,
            f"--config.file={config}",
            f"--storage.tsdb.path={directory / 'data'}",
            f"--web.listen-address={address}",
            "--scrape.discovery-reload-interval=200ms",
            "--log.level=error",
        )
        try:
            await _ready(f"http://{address}/-/ready")
            yield f"http://{address}"
        finally:
            process.terminate()
            await process.wait()


def _job(name: str, more: Mapping[str, Any], url: str) -> dict[str, Any]:
    target = {
        "targets": [url.removeprefix("http://")],
        "labels": {"namespace": NAMESPACE, "pod": f"{name}-1"},
    }
    return {"job_name": name, "metrics_path": f"/{name}", "static_configs": [target], **more}


async def _ready(url: str) -> None:
    async with asyncio.timeout(60), ClientSession() as session:
        while True:
            with contextlib.suppress(ClientError):
                async with session.get(url) as response:
                    if response.ok:
                        return
            await asyncio.sleep(0.1)
