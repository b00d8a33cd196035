"""What the operator and the API server have counted so far, read from their /metrics."""

from dataclasses import dataclass
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

_WRITES: Final = frozenset({"POST", "PUT", "PATCH", "APPLY", "DELETE"})
_OURS: Final = frozenset({"knowngood.dev", "events.k8s.io", "apps"})
_ROUTES: Final = "httproutes"


@dataclass(frozen=True, slots=True)
class OperatorCounts:
    """Of the operator, since it started.

    Attributes:
        ticks: Rounds of reading and judging.
        tick_seconds: How long they took together.
        queries: Sent to Prometheus.
        reads: Sent to the API server; a watch is one.
        writes: Sent to the API server, without renewals of the Lease.
        judged: Models whose canary's requests it has counted.
    """

    ticks: float
    tick_seconds: float
    queries: float
    reads: float
    writes: float
    judged: int = 0

    def since(self, before: "OperatorCounts") -> "OperatorCounts":
        """What was added."""
        return OperatorCounts(
            self.ticks - before.ticks,
            self.tick_seconds - before.tick_seconds,
            self.queries - before.queries,
            self.reads - before.reads,
            self.writes - before.writes,
            self.judged,
        )


@dataclass(frozen=True, slots=True)
class ServerCounts:
    """Of the API server, since it started.

    Attributes:
        writes: To models, versions, incidents, policies, templates, Deployments, Events and specs
            of routes, by anybody.
        leases: To Leases, by anybody: whoever leads renews one.
    """

    writes: float
    leases: float


def of_operator(text: str) -> OperatorCounts:
    """Read the operator's /metrics."""
    values: dict[str, float] = {}
    judged = set()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "knowngood_canary_samples" and sample.value > 0:
                judged.add((sample.labels["namespace"], sample.labels["model"]))
            values[sample.name + sample.labels.get("kind", "")] = sample.value
    return OperatorCounts(
        ticks=values["knowngood_tick_seconds_count"],
        tick_seconds=values["knowngood_tick_seconds_sum"],
        queries=values["knowngood_signal_queries"],
        reads=values["knowngood_api_requestsread"],
        writes=values["knowngood_api_requestswrite"],
        judged=len(judged),
    )


def of_server(text: str) -> ServerCounts:
    """Read the API server's /metrics."""
    writes = leases = 0.0
    for family in text_string_to_metric_families(text):
        if family.name != "apiserver_request":
            continue
        for sample in family.samples:
            labels = sample.labels
            if sample.name != "apiserver_request_total" or labels["verb"] not in _WRITES:
                continue
            if labels["resource"] == "leases":
                leases += sample.value
            # The status of a route and of a Deployment is written by the gateway and by Kubernetes.
            elif _is_ours(labels["group"], labels["resource"], labels["subresource"]):
                writes += sample.value
    return ServerCounts(writes, leases)


def _is_ours(group: str, resource: str, subresource: str) -> bool:
    if group == "knowngood.dev":
        return True
    return (group in _OURS or resource == _ROUTES) and not subresource
