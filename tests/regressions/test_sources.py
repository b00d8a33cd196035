"""What sources of signals did to other tools: each test names the report that it comes from."""

import json

import pytest
from aiohttp import web

from knowngood.adapters.prometheus.signals import PrometheusSignals
from knowngood.analysis.judging import ValueState, ValueTrigger, judge_value
from knowngood.analysis.threshold import ThresholdRule
from knowngood.api.v1alpha1 import VerdictKind
from knowngood.errors import ObserverError
from knowngood.signals.planning import Query, QueryKind
from knowngood.sources.source import parse_sources
from tests.adapters.loopback import answering

NOW = 1_700_000_000.0
ASKED = Query("latency", QueryKind.VALUE, "latency", NOW)
CEILING = ThresholdRule(
    is_ceiling=True, limit=3.0, window=10, hold=10, min_samples=50, confidence=None
)


def vector(*entries: object, kind: str = "vector") -> str:
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": list(entries)}})


def sample(value: object, **labels: str) -> object:
    return {"metric": labels, "value": [NOW, value]}


RANGE = {"metric": {"pod": "a"}, "values": [[NOW, "1"], [NOW + 1, "2"]]}
HISTOGRAM = {"metric": {"pod": "a"}, "histogram": [NOW, {"count": "1", "sum": "1"}]}


@pytest.mark.parametrize(
    ("status", "text"),
    [
        pytest.param(500, "oops", id="500"),
        pytest.param(429, "later", id="429"),
        pytest.param(200, vector(RANGE, kind="matrix"), id="a range vector"),
        pytest.param(200, vector(NOW, "1", kind="scalar"), id="a scalar"),
        pytest.param(200, vector(HISTOGRAM), id="a native histogram"),
        pytest.param(200, vector(sample("many")), id="no number"),
    ],
)
async def test_what_is_no_answer_is_never_taken_for_a_number(status: int, text: str) -> None:
    """Flagger 1636, Argo Rollouts 1466: what could not be read failed a release, or counted as 0."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text, content_type="application/json")

    async with answering(answer) as url:
        signals = PrometheusSignals(parse_sources({"default": url}))
        try:
            with pytest.raises(ObserverError):
                await signals.read("default", ASKED)
        finally:
            signals.close()


@pytest.mark.parametrize("answer", [[sample(v)] for v in ("NaN", "+Inf", "-Inf")] + [[]])
async def test_what_is_no_number_neither_passes_a_ceiling_nor_fails_it(
    answer: list[object],
) -> None:
    """Argo Rollouts' evaluation: NaN is above no ceiling, so it passed; Inf is above each, and failed."""

    async def say(_: web.Request) -> web.Response:
        return web.Response(text=vector(*answer), content_type="application/json")

    async with answering(say) as url:
        signals = PrometheusSignals(parse_sources({"default": url}))
        try:
            found = await signals.read("default", ASKED)
        finally:
            signals.close()
    assert found == ()

    state: ValueState | None = None
    for now in range(0, 60, 5):
        state, verdict = judge_value(
            state, ValueTrigger("lag", "lag", CEILING), ("8", None), ("7", 1.0), float(now)
        )
        assert verdict.kind is VerdictKind.NO_DATA
