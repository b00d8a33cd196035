"""What watching costs: queries and API calls per tick with 1, 10 and 100 rollouts, writes at rest."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.containment import manifests
from bench.containment.bed import Bed
from bench.containment.counters import OperatorCounts, of_operator, of_server
from bench.containment.fleet_exporter import DECISIONS, MODELS, REQUESTS, name
from bench.containment.manifests import API, Json
from bench.containment.scenario import STEPS, TESTS, Options, Part
from bench.containment.witness import BenchError
from e2e.cluster.waiting import until
from e2e.models.clock import unix_seconds

NAMESPACE: Final = "fleet"
_EXPORTER: Final = "exporter"
_TICKS: Final = 30
_CALM_S: Final = 5.0
_DEADLINE_S: Final = 180.0
_ROOT: Final = Path(__file__).parents[2]
_APPROVALS: Final = {
    "proportion": {**TESTS[Part.PROPORTION]["proportion"], "direction": "Decrease"}
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one tick, on average.

    Attributes:
        models: How many were rolled out and judged at once.
        queries: Sent to Prometheus.
        reads: Sent to the API server.
        writes: Sent to the API server.
        seconds: Length of a tick.
    """

    models: int
    queries: float
    reads: float
    writes: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Rest:
    """What was written while nothing changed.

    Attributes:
        models: How many there were.
        seconds: For how long it was watched.
        operator_writes: What the operator says it sent.
        server_writes: What the API server says it got from anybody for these kinds of objects.
        lease_renewals: Writes to Leases meanwhile; they come whatever the number of models.
    """

    models: int
    seconds: float
    operator_writes: float
    server_writes: float
    lease_renewals: float


@dataclass(frozen=True, slots=True)
class Fleet:
    """The whole part."""

    costs: Sequence[Cost]
    rest: Rest


def measure(bed: Bed, options: Options) -> Fleet:
    """Put the models up, watch them at rest, then roll out more and more of them.

    Raises:
        BenchError: Something did not happen in time.
    """
    most = max(options.fleet)
    if most > MODELS:
        raise BenchError(f"the exporter has counters of {MODELS} models, not of {most}")
    bed.progress(f"fleet: {most} models")
    _put_up(bed, most)
    rest = _at_rest(bed, most, options.rest_s)
    costs = []
    running = 0
    for count in sorted(options.fleet):
        bed.apply(*(_model(index, "2") for index in range(running, count)))
        for index in range(running, count):
            _wait(bed, index, "Paused")
        running = count
        costs.append(_cost(bed, count))
    return Fleet(costs, rest)


def _put_up(bed: Bed, count: int) -> None:
    bed.apply(
        manifests.namespace(NAMESPACE),
        manifests.exporter(NAMESPACE, _EXPORTER, "bench.containment.fleet_exporter", str(_ROOT)),
        manifests.ratio("fleet-errors", f'{REQUESTS}{{code=~"5.."}}', REQUESTS, "Labels"),
        manifests.ratio(
            "fleet-approvals", f'{DECISIONS}{{outcome="approved"}}', DECISIONS, "Labels"
        ),
        manifests.policy(
            NAMESPACE,
            [
                manifests.trigger(TESTS[Part.PROPORTION], "fleet-errors"),
                manifests.trigger(_APPROVALS, "fleet-approvals"),
            ],
        ),
    )
    bed.cluster.kubectl(
        "wait", "--for=condition=Ready", "pod", _EXPORTER, "-n", NAMESPACE, "--timeout=60s"
    )
    pod = bed.cluster.kubectl(
        "get", "pod", _EXPORTER, "-n", NAMESPACE, "-o", "jsonpath={.status.podIP}"
    )
    endpoints = [o for index in range(count) for v in "12" for o in _service(index, v, pod)]
    bed.cluster.kubectl("create", "-f", "-", stdin=manifests.listed(endpoints))
    bed.apply(*(_model(index, "1") for index in range(count)))
    for index in range(count):
        _wait(bed, index, "Probation")


def _at_rest(bed: Bed, models: int, seconds: float) -> Rest:
    _calm(bed)
    bed.progress(f"  {models} models at rest for {seconds:.0f} s")
    began, before, server = unix_seconds(), _operator(bed), of_server(bed.server_metrics())
    threading.Event().wait(seconds)
    added, after = _operator(bed).since(before), of_server(bed.server_metrics())
    rest = Rest(
        models,
        unix_seconds() - began,
        added.writes,
        after.writes - server.writes,
        after.leases - server.leases,
    )
    bed.progress(
        f"  writes: {rest.operator_writes:.0f} by the operator's count, {rest.server_writes:.0f} "
        f"by the API server's"
    )
    return rest


def _cost(bed: Bed, models: int) -> Cost:
    until(lambda: _operator(bed).judged >= models, "every model judged", deadline_s=_DEADLINE_S)
    _calm(bed)
    before = _operator(bed)
    until(
        lambda: _operator(bed).ticks >= before.ticks + _TICKS,
        f"{_TICKS} ticks",
        deadline_s=_DEADLINE_S,
        every_s=1.0,
    )
    added = _operator(bed).since(before)
    ticks = added.ticks
    cost = Cost(
        models,
        added.queries / ticks,
        added.reads / ticks,
        added.writes / ticks,
        added.tick_seconds / ticks,
    )
    bed.progress(
        f"  {models} rollouts at once: {cost.queries:.2f} queries, {cost.reads:.2f} reads and "
        f"{cost.writes:.2f} writes per tick of {cost.seconds * 1000:.0f} ms"
    )
    return cost


def _calm(bed: Bed) -> None:
    """Wait until the operator has written nothing for some seconds: what was set off has ended."""
    state = {"writes": _operator(bed).writes, "at": unix_seconds()}

    def calm() -> bool:
        writes, now = _operator(bed).writes, unix_seconds()
        if writes != state["writes"]:
            state.update(writes=writes, at=now)
        return now - state["at"] >= _CALM_S

    until(calm, "an end of the writes", deadline_s=_DEADLINE_S, every_s=0.5)


def _operator(bed: Bed) -> OperatorCounts:
    return of_operator(bed.operator_metrics())


def _wait(bed: Bed, index: int, phase: str) -> None:
    place = (NAMESPACE, name(index))
    bed.witness.first(place, lambda sight: sight.phase == phase, f"phase {phase}", _DEADLINE_S)


def _model(index: int, version: str) -> Json:
    services = [{"version": v, "name": f"{name(index)}-v{v}", "port": 80} for v in "12"]
    spec = {
        "model": {"name": name(index), "version": version},
        "serving": {"services": services},
        "traffic": manifests.routed(f"{name(index)}.fleet.example.com"),
        "rollout": {"steps": STEPS},
    }
    meta = {"name": name(index), "namespace": NAMESPACE}
    return {"apiVersion": API, "kind": "AIModelDeployment", "metadata": meta, "spec": spec}


def _service(index: int, version: str, address: str) -> list[Json]:
    """A Service without pods of its own; its endpoint is the exporter."""
    meta = {"name": f"{name(index)}-v{version}", "namespace": NAMESPACE}
    port = {"name": "http", "port": 80, "targetPort": 8080}
    labels = {"kubernetes.io/service-name": meta["name"]}
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"ports": [port]}},
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {**meta, "labels": labels},
            "addressType": "IPv4",
            "ports": [{"name": "http", "port": 8080}],
            "endpoints": [
                {
                    "addresses": [address],
                    "conditions": {"ready": True},
                    "targetRef": {"kind": "Pod", "name": _EXPORTER, "namespace": NAMESPACE},
                }
            ],
        },
    ]
