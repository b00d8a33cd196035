"""The replaying pod counts what the rows say, and nothing else."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from e2e.models.data import fetch
from e2e.replay.counting import Counted, deciles
from e2e.replay.rows import CHUNK, Decision, analysis, chunk, reference
from e2e.replay.server import Player, app

NUMBERS = {
    "car_value": 1.0,
    "debt_to_income_ratio": 2.0,
    "loan_length": 3.0,
    "driver_tenure": 4.0,
}
EDGES = dict.fromkeys(NUMBERS, (2.0, 3.0))
WORDS = {"salary_range": "low", "repaid_loan_on_prev_car": "True", "size_of_downpayment": "10%"}
GOOD = Decision(NUMBERS, WORDS, 0.93, approved=True, repaid=True)
WRONG = Decision(NUMBERS, WORDS, 0.5, approved=False, repaid=True)


def read(text: str) -> dict[str, float]:
    """The samples of one model, by name and the labels that are not its own."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = [v for k, v in sorted(sample.labels.items()) if not k.startswith("model")]
            found["/".join([sample.name, *labels])] = sample.value
    return found


async def played(rows: Sequence[Decision], order: dict[str, object]) -> dict[str, float]:
    counted, registry = Counted("loan", "1", EDGES), CollectorRegistry()
    registry.register(counted)
    player = Player(rows, counted)
    async with TestClient(TestServer(app(player, registry))) as client:
        answer = await client.post("/play", json=order)
        assert answer.status == 202
        while player.is_playing:  # noqa: ASYNC110  - what runs is the player itself
            await asyncio.sleep(0.01)
        return read(await (await client.get("/metrics")).text())


def test_each_row_is_counted_once_in_every_way() -> None:
    order = {"rows": [0, 40], "rate": 1000, "labelled": True}
    found = asyncio.run(played([GOOD, GOOD, GOOD, WRONG] * 10, order))

    assert found["model_predictions_total/approved"] == 30
    assert found["model_predictions_total/rejected"] == 10
    assert found["model_labelled_outcomes_total/approved/true/approved"] == 30
    assert found["model_labelled_outcomes_total/approved/false/rejected"] == 10
    assert found["model_prediction_score_bucket/0.5"] == 10
    assert found["model_prediction_score_bucket/0.9"] == 10
    assert found["model_prediction_score_bucket/0.95"] == 40
    assert found["model_feature_bucket/debt_to_income_ratio/2.0"] == 40, "an edge is within its bin"
    assert found["model_feature_bucket/loan_length/2.0"] == 0
    assert found["model_feature_bucket/driver_tenure/3.0"] == 0
    assert found["model_feature_bucket/driver_tenure/+Inf"] == 40
    assert found["model_feature_category_total/low/salary_range"] == 40


def test_what_became_of_loans_is_not_told_before_it_is_known() -> None:
    found = asyncio.run(played([GOOD] * 5, {"rows": [0, 5], "rate": 1000}))

    assert not [name for name in found if name.startswith("model_labelled")]


@pytest.mark.parametrize(
    "order",
    [{}, {"rows": [0], "rate": 1}, {"rows": [0, 9], "rate": 1}, {"rows": [0, 1], "rate": 0}],
)
def test_an_order_that_is_none_is_refused(order: dict[str, object]) -> None:
    async def asked() -> int:
        player = Player([GOOD], Counted("loan", "1", EDGES))
        async with TestClient(TestServer(app(player, CollectorRegistry()))) as client:
            return (await client.post("/play", json=order)).status

    assert asyncio.run(asked()) == 400


def test_the_rows_are_those_that_the_published_numbers_are_about() -> None:
    """Accuracy falls from the sixth chunk on, and the share of approvals does not."""
    rows = analysis(fetch())
    chunks = [[rows[i] for i in chunk(number)] for number in range(10)]

    assert len(rows) == 10 * CHUNK
    right = [sum(d.approved == d.repaid for d in one) / CHUNK for one in chunks]
    assert (min(right[:5]), max(right[5:])) == pytest.approx((0.941, 0.922), abs=0.0005)
    approved = [sum(d.approved for d in one) / CHUNK for one in chunks]
    assert 0.47 < min(approved) <= max(approved) < 0.51


def test_a_tenth_of_the_reference_lies_between_two_edges() -> None:
    rows = reference(fetch())
    edges = deciles(rows)["car_value"]

    counts = [
        sum(low < d.numbers["car_value"] <= high for d in rows) for low, high in pairwise(edges)
    ]
    assert len(counts) == 8
    assert all(abs(count / len(rows) - 0.1) < 0.005 for count in counts)
