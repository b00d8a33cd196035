"""A real Prometheus tells by the hour what pods have counted, and which of them differ."""

import asyncio
import contextlib
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from e2e.cluster.binaries import Tools
from e2e.cluster.options import default_cache_dir
from e2e.cluster.progress import Terminal
from knowngood.adapters.prometheus.signals import PrometheusSignals
from knowngood.analysis.design_effect import between_pods
from knowngood.clock import SystemClock
from knowngood.signals.hours import HOUR, counted, hourly, pod_hours
from knowngood.signals.planning import Query, QueryKind
from knowngood.signals.selectors import Matcher, Operator, parse_selector
from knowngood.sources.source import parse_sources
from tests.adapters.loopback import HOST, answering, unused_port

EACH = 600  # seconds between two samples of the past
A_SAMPLE = 60  # requests of a pod
WHOLE = 24


class Past:
    """A pod whose every scrape tells the next sample of the last 25 hours."""

    def __init__(self, now: float, failing: int) -> None:
        self.at = now // HOUR * HOUR - (WHOLE + 1) * HOUR
        self.end = now // HOUR * HOUR
        self.total, self.failed, self.failing = 0, 0, failing

    async def tell(self, _: web.Request) -> web.Response:
        if self.at <= self.end:
            hour = int(self.at // HOUR)
            self.failed += self.failing if hour % 2 else 3
            self.total += A_SAMPLE
            self.at += EACH
        at = round(1000 * (self.at - EACH))
        codes = (("500", self.failed), ("200", self.total - self.failed))
        text = "".join(f'requests_total{{code="{code}"}} {n} {at}\n' for code, n in codes)
        return web.Response(text=text, content_type="text/plain")


@pytest.fixture
async def signals(tmp_path: Path) -> AsyncIterator[tuple[PrometheusSignals, float]]:
    """A Prometheus that has read the past of two pods of version 7, one of 8 and one of another namespace."""
    now = SystemClock().now().timestamp()
    pods = {"loan-7-a": 3, "loan-7-b": 12, "loan-8-a": 40, "card-7-a": 40}
    pasts = {pod: Past(now, failing) for pod, failing in pods.items()}
    async with contextlib.AsyncExitStack() as stack:
        jobs = []
        for pod, past in pasts.items():
            url = await stack.enter_async_context(answering(past.tell))
            place = {"namespace": "cards" if pod.startswith("card") else "lending", "pod": pod}
            targets = {"targets": [url.removeprefix("http://")], "labels": place}
            jobs.append({"job_name": pod, "static_configs": [targets]})
        late = {"tsdb": {"out_of_order_time_window": "48h"}}
        fast = {"scrape_interval": "50ms", "scrape_timeout": "50ms"}
        config = {"global": fast, "scrape_configs": jobs, "storage": late}
        (tmp_path / "prometheus.yml").write_text(json.dumps(config))
        url = f"http://{HOST}:{unused_port()}"
        arguments = [
            str(Tools(default_cache_dir(), Terminal()).prometheus),
            f"--config.file={tmp_path}/prometheus.yml",
            f"--storage.tsdb.path={tmp_path}/data",
            f"--web.listen-address={url.removeprefix('http://')}",
            "--log.level=error",
        ]
        process = subprocess.Popen(arguments)  # noqa: ASYNC220, S603 - it ends with the test
        found = PrometheusSignals(parse_sources({"default": url}))
        try:
            at = now // HOUR * HOUR
            await _read_all(url, at)
            yield found, at
        finally:
            found.close()
            process.terminate()
            process.wait(20)


async def _read_all(url: str, at: float) -> None:
    """Wait until the newest sample of each pod is there."""
    query = {"query": 'count(requests_total{code="200"})', "time": str(at)}
    async with asyncio.timeout(120), aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{url}/api/v1/query", params=query) as answer:
                    found = (await answer.json())["data"]["result"] if answer.ok else []
                    if found and found[0]["value"][1] == "4":
                        return
            await asyncio.sleep(0.1)


async def test_a_day_of_pods_is_read_in_two_queries(
    signals: tuple[PrometheusSignals, float],
) -> None:
    source, at = signals
    narrowed = (
        Matcher("namespace", Operator.EQUAL, "lending"),
        Matcher("pod", Operator.MATCHES, "loan-7-.+"),
    )
    answers = []
    for text in ("requests_total", 'requests_total{code="500"}'):
        query = Query("t", QueryKind.HOURS, hourly(parse_selector(text), narrowed), at)
        series: Any = await source.read("default", query)
        answers.append(counted((one.labels["pod"], one) for one in series))

    hours = list(pod_hours(*answers))

    assert {one.pod for one in hours} == {"loan-7-a", "loan-7-b"}
    assert {one.hour for one in hours} == {int(at // HOUR) - 1 - back for back in range(WHOLE)}
    wanted = A_SAMPLE * HOUR / EACH
    assert all(0.8 * wanted <= one.total <= 1.1 * wanted for one in hours)
    found = between_pods(hours, at)
    assert found.freedom == WHOLE
    assert found.value > found.estimate > 2  # type: ignore[operator]  # pods were compared
