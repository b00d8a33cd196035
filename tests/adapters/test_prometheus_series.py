"""What a real Prometheus makes of targets that lie, and of the questions that templates are asked."""

import asyncio
import contextlib
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from e2e.cluster.binaries import Tools
from e2e.cluster.options import default_cache_dir
from e2e.cluster.progress import Terminal
from knowngood.adapters.prometheus.signals import PrometheusSignals
from knowngood.api.v1alpha1 import ClusterSignalTemplate, IdentityBy
from knowngood.clock import SystemClock
from knowngood.control.soundings import Sounding, Soundings, Tone
from knowngood.errors import QueryRefused
from knowngood.signals.identity import objection
from knowngood.signals.planning import Query, QueryKind
from knowngood.sources.source import parse_sources
from tests.adapters.loopback import HOST, Handler, answering, until, unused_port

LIAR = """
requests_total{code="200",pod="loan-7-x",namespace="cards"} 5
"""
HONEST = """
requests_total{code="200"} 7
a_success_total 3
a_failure_total 1
# TYPE took histogram
took_bucket{le="0.5"} 1
took_bucket{le="+Inf"} 2
took_count 2
took_sum 1
"""
GATEWAY = """
envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",envoy_cluster_name="lending_loan-8_80"} 9
envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",envoy_cluster_name="published"} 9
"""


def job(name: str, url: str, **labels: str) -> dict[str, object]:
    targets = {"targets": [url.removeprefix("http://")], "labels": labels}
    return {"job_name": name, "static_configs": [targets]}


def saying(text: str) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/plain")

    return answer


@pytest.fixture
async def signals(tmp_path: Path) -> AsyncIterator[PrometheusSignals]:
    """A Prometheus that scrapes an honest pod, one that lies, and a gateway."""
    async with contextlib.AsyncExitStack() as stack:
        honest, liar, gateway = [
            await stack.enter_async_context(answering(saying(text)))
            for text in (HONEST, LIAR, GATEWAY)
        ]
        config = {
            "global": {"scrape_interval": "200ms"},
            "scrape_configs": [
                job("honest", honest, namespace="lending", pod="loan-8-x"),
                job("liar", liar, namespace="lending", pod="loan-8-y"),
                job("envoy", gateway),
            ],
        }
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
            await scraped(url)
            yield found
        finally:
            found.close()
            process.terminate()
            process.wait(20)


async def scraped(url: str) -> None:
    """Wait until every target was scraped."""
    query = {"query": "count(up == 1)"}
    async with asyncio.timeout(60), aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{url}/api/v1/query", params=query) as answer:
                    found = (await answer.json())["data"]["result"] if answer.ok else []
                    if found and found[0]["value"][1] == "3":
                        return
            await asyncio.sleep(0.05)


async def sounded(signals: PrometheusSignals, **spec: object) -> Sounding:
    """Ask a template as the operator does."""
    body = {"metadata": {"name": "t", "uid": "u", "generation": 1}, "spec": spec}
    template = ClusterSignalTemplate.model_validate(body)
    soundings = Soundings(signals)
    soundings.ask([template], SystemClock().now())
    await until(lambda: soundings.of(template) is not None)
    found = soundings.of(template)
    assert found is not None
    return found


async def test_a_label_that_a_process_claims_is_seen_as_a_claim(signals: PrometheusSignals) -> None:
    query = Query("t", QueryKind.VALUE, "requests_total", SystemClock().now().timestamp())
    vector = await signals.read("default", query)

    told = {str(dict(labels)["pod"]): objection(IdentityBy.POD, labels) for labels, _ in vector}  # type: ignore[misc]  # a vector was asked for

    assert told == {
        "loan-8-x": "",
        "loan-8-y": "exported_namespace contradicts namespace",
    }


async def test_templates_are_asked_in_words_that_prometheus_takes(
    signals: PrometheusSignals,
) -> None:
    ok = Sounding(Tone.TAKEN, "there are series", found=True)
    both = {"events": "a_failure_total", "total": '{__name__=~"a_(success|failure)_total"}'}
    assert await sounded(signals, ratio=both) == ok
    assert await sounded(signals, ratio={"histogram": "took_bucket", "above": "0.5"}) == ok
    assert await sounded(signals, histogram={"buckets": "took_bucket"}) == ok
    assert await sounded(signals, value={"query": "sum by (namespace, pod) (took_sum)"}) == ok

    counted = await sounded(signals, categories={"counts": "requests_total", "by": "code"})
    words = "1 of 2 targets are left out: exported_namespace contradicts namespace"
    assert (counted.found, counted.doubt) == (True, words)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"histogram": {"buckets": "took_sum"}}, "no native histograms"),
        ({"ratio": {"histogram": "took_bucket", "above": "0.3"}}, "its edges are 0.5, +Inf: name"),
        (
            {"categories": {"counts": "a_success_total", "by": "outcome"}},
            "has the label outcome; one of them has instance, job, namespace, pod: name",
        ),
    ],
)
async def test_what_does_not_fit_is_found_out_in_words_that_prometheus_takes(
    form: dict[str, object], words: str, signals: PrometheusSignals
) -> None:
    found = await sounded(signals, **form)

    assert (found.found, found.fits) == (False, False)
    assert words in found.words


async def test_a_gateway_is_believed_by_its_clusters(signals: PrometheusSignals) -> None:
    rq = 'envoy_cluster_upstream_rq_xx{job="envoy"}'
    events = 'envoy_cluster_upstream_rq_xx{job="envoy",envoy_response_code_class="2"}'
    both = {"events": events, "total": rq}

    found = await sounded(signals, ratio=both, identity={"by": "EnvoyCluster"})

    assert found.found
    assert found.doubt.startswith("2 of 4 targets are left out: envoy_cluster_name is not <name")


@pytest.mark.parametrize(
    ("promql", "words"),
    [
        ("rate(x", "unclosed left parenthesis"),
        ("rate(up)", "expected type range vector in call to function"),
        ("nothing(up)", "unknown function"),
        ('{a=~"("}', "error parsing regexp"),
        ("1", "is no series but"),
    ],
)
async def test_prometheus_own_words_are_quoted_with_the_field(
    promql: str, words: str, signals: PrometheusSignals
) -> None:
    found = await sounded(signals, value={"query": promql})

    assert found.tone is Tone.REFUSED
    assert found.words.startswith("spec.value.query: source default: ")
    assert words in found.words


async def test_what_is_refused_says_nothing_against_the_source(signals: PrometheusSignals) -> None:
    query = Query("t", QueryKind.VALUE, "rate(x", SystemClock().now().timestamp())
    for _ in range(10):
        with pytest.raises(QueryRefused):
            await signals.read("default", query)

    assert signals.well() == {"default": True}
