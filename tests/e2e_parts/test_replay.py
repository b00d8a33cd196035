"""The replaying pod counts what the rows say, and nothing else."""

import asyncio
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from scipy import stats

from e2e.bed.replaying import ACCURACY, APPROVALS, FEATURES
from e2e.models.data import fetch
from e2e.replay.counting import Counted, deciles
from e2e.replay.rows import CHANGING, CHUNK, NUMBERS, WORDS, Decision, analysis, chunk, reference
from e2e.replay.server import Player, app
from e2e.replay.table import documented

FIELDS = {
    "car_value": 1.0,
    "debt_to_income_ratio": 2.0,
    "loan_length": 3.0,
    "driver_tenure": 4.0,
}
EDGES = dict.fromkeys(FIELDS, (2.0, 3.0))
SAID = {"salary_range": "low", "repaid_loan_on_prev_car": "True", "size_of_downpayment": "10%"}
GOOD = Decision(FIELDS, SAID, 0.93, approved=True, repaid=True)
WRONG = Decision(FIELDS, SAID, 0.5, approved=False, repaid=True)


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

    told = [
        count for name, count in found.items() if name.startswith("model_labelled_outcomes_total")
    ]
    assert told == [0.0] * 4  # of each pair of what was said and what became of it


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


def test_four_features_differ_from_the_sixth_chunk_on_and_three_do_not() -> None:
    """By tests that know nothing of ours; the smallest of 35 clean values is expected at about 0.03."""
    before, later = reference(fetch()), analysis(fetch())
    for number in range(10):
        rows = [later[i] for i in chunk(number)]
        for name in (*NUMBERS, *WORDS):
            found = surprise(name, before, rows)
            if name in CHANGING and number >= 5:
                assert found < 1e-80, (number, name)
            else:
                assert found > 1e-3, (number, name)


def test_the_docs_tell_the_distances_of_the_sixth_chunk() -> None:
    before, later = reference(fetch()), analysis(fetch())
    rows = [later[i] for i in chunk(5)]
    edges = deciles(before)

    said = documented()
    for trigger, name in FEATURES.items():
        places = [binned(name, edges, d) for d in before], [binned(name, edges, d) for d in rows]
        bins = sorted(set(places[0]), key=str)
        psi = psi_beyond_chance(*([one.count(place) for place in bins] for one in places))
        assert said[trigger].distance == pytest.approx(psi, abs=0.0051), trigger
        assert said[trigger].named is (name in CHANGING)
    approvals = share(rows, lambda d: d.approved) - share(before, lambda d: d.approved)
    right = share(rows, lambda d: d.approved == d.repaid)
    accuracy = right - share(before, lambda d: d.approved == d.repaid)
    assert said[APPROVALS].distance == pytest.approx(approvals, abs=0.0051)
    assert said[ACCURACY].distance == pytest.approx(accuracy, abs=0.0051)


def surprise(name: str, before: Sequence[Decision], rows: Sequence[Decision]) -> float:
    """How probable so large a difference is by chance, at one look."""
    if name in NUMBERS:
        old, new = ([d.numbers[name] for d in one] for one in (before, rows))
        return float(stats.ks_2samp(old, new).pvalue)
    counts = [Counter(d.words[name] for d in one) for one in (before, rows)]
    words = sorted(counts[0])
    return float(stats.chi2_contingency([[c[w] for w in words] for c in counts]).pvalue)


def binned(name: str, edges: Mapping[str, Sequence[float]], d: Decision) -> object:
    return bisect_left(edges[name], d.numbers[name]) if name in NUMBERS else d.words[name]


def psi_beyond_chance(before: Sequence[int], rows: Sequence[int]) -> float:
    n, m, bins = sum(before), sum(rows), len(before)
    pairs = [
        ((a + 0.5) / (n + bins / 2), (b + 0.5) / (m + bins / 2))
        for a, b in zip(before, rows, strict=True)
    ]
    return sum((p - q) * math.log(p / q) for p, q in pairs) - (bins - 1) * (1 / n + 1 / m)


def share(rows: Sequence[Decision], event: Callable[[Decision], bool]) -> float:
    return sum(map(event, rows)) / len(rows)
