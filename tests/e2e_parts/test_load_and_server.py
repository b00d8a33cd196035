"""A load process against model server processes, over real connections."""

import socket
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
import requests
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from e2e.cluster.waiting import until
from e2e.load import Load, Traffic
from e2e.load.generator import LoadError
from e2e.models.data import Loans
from e2e.models.scoring import Model
from e2e.models.server import Server
from e2e.models.settings import Settings, SettingsError
from tests.e2e_parts.serving import Serve


def traffic(url: str) -> Traffic:
    return Traffic(url=url, host="loan.example.com", rate=200)


def wait_for(load: Load, requests_: int) -> None:
    def enough() -> bool:
        load.check()
        return len(load.ledger) >= requests_

    until(enough, f"{requests_} answers", deadline_s=60)


def counted(url: str) -> Counter[tuple[str, str]]:
    """Return the counters of a server: name and what they are split by."""
    counts: Counter[tuple[str, str]] = Counter()
    for family in text_string_to_metric_families(requests.get(f"{url}/metrics", timeout=10).text):
        for sample in family.samples:
            if sample.name.endswith("_total"):
                assert sample.labels["model"] == "loan-approval"
                assert sample.labels["model_version"] == "1"
                split = sample.labels.get("outcome") or sample.labels["code"]
                counts[sample.name, split] += int(sample.value)
    return counts


def test_the_servers_counters_equal_the_ledger_to_the_last_request(serve: Serve) -> None:
    url = serve(ERROR_RATE="0.2")
    with Load.start(traffic(url)) as load:
        wait_for(load, 300)
    ledger = load.ledger
    tally = ledger.tallies()["1"]
    assert ledger.lost() == ()
    assert tally.answers == len(ledger)
    assert tally.failed == len(ledger.injected()) > 0
    assert counted(url) == {
        ("model_predictions_total", "approved"): tally.approved,
        ("model_predictions_total", "rejected"): tally.decisions - tally.approved,
        ("model_requests_total", "200"): tally.decisions,
        ("model_requests_total", "500"): tally.failed,
    }


def test_the_ledger_knows_which_row_got_which_decision(
    serve: Serve, models: dict[str, Model], loans: Loans
) -> None:
    with Load.start(traffic(serve(PREPROCESSING="v2", MODEL_VERSION="2"))) as load:
        wait_for(load, 100)
    answers = sorted(load.ledger.answers(), key=lambda answer: answer.row)
    rows = [loans.rows[answer.row] for answer in answers]
    assert [answer.approved for answer in answers] == models["2"].decide(rows)
    assert {answer.version for answer in answers} == {"2"}


def test_a_fault_ordered_at_the_pod_is_told_from_a_lost_request(serve: Serve) -> None:
    url = serve()
    with Load.start(traffic(url)) as load:
        wait_for(load, 20)
        assert load.ledger.injected() == ()
        requests.post(f"{url}/fault", json={"error_rate": 1}, timeout=10).raise_for_status()
        wait_for(load, len(load.ledger) + 50)
    assert len(load.ledger.injected()) >= 45
    assert {answer.status for answer in load.ledger.injected()} == {500}
    assert load.ledger.lost() == ()


def test_a_feed_in_months_makes_a_good_version_decide_as_the_bad_one_does(
    serve: Serve, models: dict[str, Model], loans: Loans
) -> None:
    url = serve()
    ordered = {"driver_tenure": "months"}
    requests.post(f"{url}/feed", json=ordered, timeout=10).raise_for_status()

    with Load.start(traffic(url)) as load:
        wait_for(load, 100)

    answers = load.ledger.answers()
    rows = [loans.rows[answer.row] for answer in answers]
    assert [answer.approved for answer in answers] == models["2"].decide(rows)
    assert load.ledger.injected() == load.ledger.lost() == ()


def test_a_request_that_nobody_answers_is_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    with Load.start(traffic(f"http://127.0.0.1:{port}")) as load:
        wait_for(load, 10)
    assert len(load.ledger.lost()) == len(load.ledger)
    assert {answer.error for answer in load.ledger.answers()} == {"ClientConnectorError"}
    assert load.ledger.tallies() == {}


def test_times_tell_when_a_request_was_sent_and_answered(serve: Serve) -> None:
    with Load.start(traffic(serve())) as load:
        wait_for(load, 50)
    answers = load.ledger.answers()
    assert all(answer.sent_at < answer.answered_at for answer in answers)
    assert all(a.answered_at <= b.answered_at for a, b in pairwise(answers))


def test_a_load_that_ends_by_itself_is_noticed() -> None:
    load = Load(Traffic(url="http://127.0.0.1:1", host="x", rate=0))  # no time between requests

    def ended() -> bool:
        try:
            load.check()
        except LoadError:
            return True
        return False

    until(ended, "the load's end", deadline_s=60)
    with pytest.raises(LoadError, match="by itself"):
        load.stop()


@pytest.mark.parametrize("path", ["/predict", "/fault", "/feed"])
def test_a_body_that_is_no_such_thing_is_the_clients_error(serve: Serve, path: str) -> None:
    url = serve()
    for body in (b"", b"{", b"[]", b"{}", b"\xff"):
        assert requests.post(url + path, data=body, timeout=10).status_code == 400


async def test_a_server_that_drains_answers_says_so_and_lets_go(
    models: dict[str, Model], loans: Loans
) -> None:
    server = Server(Settings(directory=Path(), version="1"), models["1"])
    async with TestClient(TestServer(server.app())) as client:
        assert (await client.get("/healthz")).status == 200
        server.drain()
        assert (await client.get("/healthz")).status == 503
        async with client.post("/predict", json=dict(loans.rows[0])) as answer:
            assert answer.status == 200
            assert answer.headers["Connection"] == "close"


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "MODEL_DIR"),
        ({"MODEL_DIR": "/models"}, "MODEL_VERSION"),
        ({"MODEL_DIR": "/models", "MODEL_VERSION": "1", "PREPROCESSING": "v9"}, "v9"),
        ({"MODEL_DIR": "/models", "MODEL_VERSION": "1", "PORT": "http"}, "http"),
    ],
)
def test_a_server_names_what_is_wrong_with_its_environment(env: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Settings.from_env(env)
