"""Gateway and Prometheus with pods behind them."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from e2e.cluster import Cluster
from tests.cluster.pods import Json, Pods, eventually, server_image

HOST = "split.example.test"


@pytest.fixture(scope="module")
def split(cluster: Cluster) -> Iterator[Pods]:
    """Two versions of a model behind one route, 90 to 10."""
    image = server_image()
    cluster.set_image("test/server", image.argv, image.env)
    with Pods.in_new_namespace(cluster, "split") as pods:
        for version in ("stable", "canary"):
            pods.apply(deployment(version), service(version))
        pods.apply(route(stable=90, canary=10))
        for version in ("stable", "canary"):
            pods.kubectl("rollout", "status", f"deployment/{version}", "--timeout=30s")
        eventually(lambda: answer(pods), lambda who: who in {"stable", "canary"})
        yield pods


def test_route_splits_requests_by_weight(split: Pods) -> None:
    answers = Counter(answer(split) for _ in range(400))

    assert set(answers) == {"stable", "canary"}
    assert 10 <= answers["canary"] <= 90  # 40 expected; outside once in 10^7 runs


def test_weight_change_sends_everybody_to_the_other_version_and_fails_nobody(split: Pods) -> None:
    with load(split) as answers:
        for stable, canary in ((0, 100), (100, 0), (90, 10)):
            split.apply(route(stable=stable, canary=canary))
            only = {name for name, weight in (("stable", stable), ("canary", canary)) if weight}
            eventually(lambda: {answer(split) for _ in range(10)}, lambda who: who <= only)  # noqa: B023 - called at once

    assert set(answers) == {"stable", "canary"}


def test_rolling_restart_behind_the_gateway_fails_nobody(split: Pods) -> None:
    old = split.kubectl("get", "pod", "-l", "app=stable", "-oname").strip()
    with load(split) as answers:
        split.kubectl("rollout", "restart", "deployment/stable")
        split.kubectl("wait", "--for=delete", old, "--timeout=60s")

    assert set(answers) == {"stable", "canary"}


def test_prometheus_knows_whose_each_series_is(split: Pods) -> None:
    pods = split.kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.name}").split()

    series = eventually(
        lambda: query(split.cluster, 'count_over_time(up{namespace="split"}[30s]) > 1'),
        lambda found: {s["metric"]["pod"] for s in found} >= set(pods),
    )

    assert {s["metric"]["namespace"] for s in series} == {"split"}


def test_prometheus_reads_the_gateways_own_counts(split: Pods) -> None:
    answer(split)

    found = eventually(
        lambda: query(
            split.cluster, 'envoy_cluster_upstream_rq_total{envoy_cluster_name="split_stable_80"}'
        ),
        lambda series: bool(series) and float(series[0]["value"][1]) > 0,
    )

    assert len(found) == 1


def test_prometheus_can_be_away_for_a_while(split: Pods) -> None:
    cluster = split.cluster
    eventually(lambda: query(cluster, "up"), bool)

    cluster.stop_prometheus()
    with pytest.raises(requests.ConnectionError):
        query(cluster, "up")

    cluster.start_prometheus()
    eventually(lambda: query(cluster, "up"), bool)
    old = query(cluster, "min_over_time(timestamp(up)[10m:1s])")
    assert old, "what was scraped before is still there"


@contextmanager
def load(pods: Pods) -> Iterator[Counter[str]]:
    """Send requests one after the other all the while; fail if one of them fails."""
    answers: Counter[str] = Counter()
    enough = threading.Event()

    def send() -> None:
        while not enough.is_set():
            answers[answer(pods)] += 1

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield answers
    finally:
        enough.set()
        sender.join()
    failed = {who: count for who, count in answers.items() if who not in {"stable", "canary"}}
    assert not failed


def answer(pods: Pods) -> str:
    """Ask through the gateway; return which version answered, or what went wrong."""
    try:
        reply = requests.get(pods.cluster.gateway_url, headers={"Host": HOST}, timeout=5)
    except requests.RequestException as error:
        return repr(error)
    return str(reply.json()["env"]["VERSION"]) if reply.ok else f"{reply.status_code} {reply.text}"


def query(cluster: Cluster, text: str) -> list[Json]:
    reply = requests.get(
        f"{cluster.prometheus_url}/api/v1/query", params={"query": text}, timeout=5
    )
    found: list[Json] = reply.json()["data"]["result"]
    return found


def deployment(version: str) -> Json:
    asked = {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"}
    container = {
        "name": "main",
        "image": "test/server:1",
        "env": [{"name": "VERSION", "value": version}],
        "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 1},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": version},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": version}},
            "template": {
                "metadata": {"labels": {"app": version}, "annotations": asked},
                "spec": {"containers": [container]},
            },
        },
    }


def service(version: str) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": version},
        "spec": {"selector": {"app": version}, "ports": [{"port": 80, "targetPort": "http"}]},
    }


def route(**weights: int) -> Json:
    backends = [{"name": name, "port": 80, "weight": weight} for name, weight in weights.items()]
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "split"},
        "spec": {
            "parentRefs": [{"name": "public", "namespace": "gateways"}],
            "hostnames": [HOST],
            "rules": [{"backendRefs": backends}],
        },
    }
