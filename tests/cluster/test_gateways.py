"""Facts about the two gateways that Knowngood must live with, where they differ or surprise."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

import pytest
import requests

from e2e.bed import Gateway
from e2e.cluster import Cluster
from tests.cluster.pods import Json, Pods, eventually, server_image
from tests.cluster.test_everything import deployment, service

BOTH: Final = pytest.mark.parametrize("gateway", Gateway, ids=lambda g: g.name.lower())
SENT: Final = 200


class Answer(NamedTuple):
    """Of one request: the status, which version answered, and whose mark the answer bears."""

    status: int
    version: str
    mark: str


@pytest.fixture(scope="module")
def pods(cluster: Cluster) -> Iterator[Pods]:
    """Three versions of a model, and a Service without a pod."""
    image = server_image()
    cluster.set_image("test/server", image.argv, image.env)
    with Pods.in_new_namespace(cluster, "facts") as namespace:
        for version in ("stable", "canary", "shadow"):
            namespace.apply(deployment(version), service(version))
        namespace.apply(service("empty"))
        for version in ("stable", "canary", "shadow"):
            namespace.kubectl("rollout", "status", f"deployment/{version}", "--timeout=30s")
        yield namespace


class Route:
    """A route of its own for each fact, attached to a gateway."""

    def __init__(self, pods: Pods, gateway: Gateway, name: str, **rule: object) -> None:
        self._pods = pods
        self._url = gateway.url(pods.cluster)
        self.name = f"{name}-{gateway.name.lower()}"
        self.host = f"{self.name}.example.test"
        self._ask_first = f"/{self.name}/first"
        spec = {"parentRefs": [gateway.ref], "hostnames": [self.host], "rules": [rule]}
        kind = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute"}
        pods.apply({**kind, "metadata": {"name": self.name}, "spec": spec})
        eventually(lambda: self.ask(self._ask_first).status, lambda status: status != 404)

    def ask(self, path: str = "") -> Answer:
        """Send one request, with a path that nobody else uses."""
        url = f"{self._url}{path or f'/{self.name}'}"
        reply = requests.get(url, headers={"Host": self.host}, timeout=5)
        version = str(reply.json()["env"]["VERSION"]) if reply.ok else ""
        return Answer(reply.status_code, version, reply.headers.get("X-Mark", ""))

    def ask_many(self) -> list[Answer]:
        """Send as many requests as facts are counted on."""
        return [self.ask() for _ in range(SENT)]

    def statuses(self) -> Counter[int]:
        """Likewise, and count the answers by status."""
        return Counter(answer.status for answer in self.ask_many())

    def mirrored(self) -> int:
        """Count the requests of `ask_many` that came to the shadow."""
        return sum(
            self._pods.output(name).count(f"GET /{self.name} ")
            for name in names(self._pods, "shadow")
        )

    def conditions(self) -> dict[str, str]:
        """What the gateway says of the route, once it has spoken of it."""

        def look() -> list[Json]:
            found = json.loads(self._pods.kubectl("get", "httproute", self.name, "-ojson"))
            parents: list[Json] = found.get("status", {}).get("parents", [])
            return [condition for parent in parents for condition in parent["conditions"]]

        return {c["type"]: c["status"] for c in eventually(look, bool)}


def names(pods: Pods, app: str) -> list[str]:
    found = pods.kubectl("get", "pods", "-l", f"app={app}", "-ojsonpath={.items[*].metadata.name}")
    return found.split()


def to(name: str, weight: int = 1, **more: object) -> Json:
    return {"name": name, "port": 80, "weight": weight, **more}


def mirror(**share: object) -> Json:
    return {
        "type": "RequestMirror",
        "requestMirror": {"backendRef": {"name": "shadow", "port": 80}, **share},
    }


@BOTH
def test_address_and_port_in_a_gateways_status_answer_a_pod(pods: Pods, gateway: Gateway) -> None:
    route = Route(pods, gateway, "plain", backendRefs=[to("stable")])
    found = json.loads(
        pods.cluster.kubectl("-n", "gateways", "get", "gateway", gateway.value, "-ojson")
    )
    (address,) = found["status"]["addresses"]
    (listener,) = found["spec"]["listeners"]
    url = f"http://{address['value']}:{listener['port']}/"

    (caller,) = names(pods, "canary")

    assert pods.ask("/call", caller, url=url, host=route.host) == 200


@BOTH
def test_share_of_a_service_without_pods_is_lost(pods: Pods, gateway: Gateway) -> None:
    route = Route(pods, gateway, "lossy", backendRefs=[to("stable", 90), to("empty", 10)])

    answers = route.statuses()

    assert set(answers) == {200, 503}
    assert 1 <= answers[503] <= 60  # 20 expected; Contour draws: outside once in 10^9 runs


@BOTH
def test_service_without_pods_and_without_a_share_loses_nothing(
    pods: Pods, gateway: Gateway
) -> None:
    route = Route(pods, gateway, "named", backendRefs=[to("stable", 100), to("empty", 0)])

    assert route.statuses() == {200: SENT}


@BOTH
def test_header_that_a_backend_sets_marks_its_answers_alone(pods: Pods, gateway: Gateway) -> None:
    change = {"set": [{"name": "X-Mark", "value": "canary"}]}
    marking = {"type": "ResponseHeaderModifier", "responseHeaderModifier": change}
    backends = [to("stable"), to("canary", filters=[marking])]
    route = Route(pods, gateway, "marked", backendRefs=backends)

    assert {(a.version, a.mark) for a in route.ask_many()} == {("stable", ""), ("canary", "canary")}


def test_contour_mirrors_all_requests_whatever_share_is_asked_for(pods: Pods) -> None:
    for name, share in (
        ("all", {}),
        ("tenth", {"percent": 10}),
        ("quarter", {"fraction": {"numerator": 1, "denominator": 4}}),
    ):
        rule = {"backendRefs": [to("stable")], "filters": [mirror(**share)]}
        route = Route(pods, Gateway.CONTOUR, f"mirror-{name}", **rule)

        assert route.statuses() == {200: SENT}
        eventually(route.mirrored, lambda count: count > SENT * 0.9)  # one may get lost, unnoticed
        assert route.conditions() == {"Accepted": "True", "ResolvedRefs": "True"}


def test_traefik_answers_500_to_all_where_it_should_mirror_and_calls_that_accepted(
    pods: Pods,
) -> None:
    rule = {"backendRefs": [to("stable")], "filters": [mirror()]}
    route = Route(pods, Gateway.TRAEFIK, "mirror", **rule)

    assert route.statuses() == {500: SENT}
    assert route.mirrored() == 0
    assert route.conditions() == {"Accepted": "True", "ResolvedRefs": "True"}


def test_only_traefik_says_what_it_supports_and_no_list_knows_headers_of_a_backend(
    cluster: Cluster,
) -> None:
    found = {
        kind: json.loads(cluster.kubectl("get", "gatewayclass", kind, "-ojson"))["status"]
        for kind in ("contour", "traefik")
    }
    said = {kind: status["conditions"][0]["status"] for kind, status in found.items()}
    features = {feature["name"] for feature in found["traefik"]["supportedFeatures"]}

    assert said == {"contour": "Unknown", "traefik": "True"}
    assert "supportedFeatures" not in found["contour"]
    assert "HTTPRouteResponseHeaderModification" in features
    assert not [name for name in features if "Mirror" in name]
    assert not [name for name in features if "BackendResponse" in name]
