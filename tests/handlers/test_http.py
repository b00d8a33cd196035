from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer

from knowngood.api.v1alpha1 import Phase, VerdictKind
from knowngood.handlers.http import application
from knowngood.telemetry.metrics import Metrics


class State:
    def __init__(self) -> None:
        self.stuck: str | None = None
        self.unready: str | None = None
        self.metrics = Metrics()


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
async def http(state: State) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]  # any request
    app = application(lambda: state.stuck, lambda: state.unready, lambda: state.metrics)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.mark.parametrize(("path", "field"), [("/livez", "stuck"), ("/readyz", "unready")])
async def test_a_probe_says_why_it_fails(
    http: TestClient,  # type: ignore[type-arg]  # any request
    state: State,
    path: str,
    field: str,
) -> None:
    well = await http.get(path)
    assert (well.status, await well.text()) == (200, "ok\n")

    setattr(state, field, "the view is not filled yet")
    ill = await http.get(path)

    assert (ill.status, await ill.text()) == (503, "the view is not filled yet\n")


async def test_one_probe_says_nothing_of_the_other(
    http: TestClient,  # type: ignore[type-arg]  # any request
    state: State,
) -> None:
    """A process that waits for the API server must not be killed for it."""
    state.unready = "the API server is away"

    assert (await http.get("/livez")).status == 200


async def test_metrics_are_served_as_text(
    http: TestClient,  # type: ignore[type-arg]  # any request
    state: State,
) -> None:
    state.metrics.model("lending", "loan", Phase.PAUSED, {"7": 90, "8": 10})

    answer = await http.get("/metrics")

    text = await answer.text()
    assert answer.content_type == "text/plain"
    assert 'knowngood_model_phase{model="loan",namespace="lending",phase="Paused"} 1.0' in text
    assert 'knowngood_weight_percent{model="loan",namespace="lending",version="8"} 10.0' in text


def test_what_is_gone_leaves_the_metrics() -> None:
    metrics = Metrics()
    empty = metrics.render()
    metrics.model("lending", "loan", Phase.PAUSED, {"7": 90, "8": 10})
    metrics.verdict(
        ("lending", "loan"), ("IncidentPolicy", "policy", "errors"), VerdictKind.HEALTHY
    )
    metrics.share(("lending", "loan"), ("IncidentPolicy", "policy", "errors"), 100, 0.1, 0.2)

    metrics.model("lending", "loan", Phase.PROBATION, {"8": 100})
    assert b'version="7"' not in metrics.render()

    metrics.forget("lending", "loan")
    metrics.forget("lending", "never-seen")
    assert b'model="loan"' not in metrics.render()
    assert len(metrics.render().splitlines()) == len(empty.splitlines())
