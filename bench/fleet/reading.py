"""From what the operator shows and writes to what came of each model."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bench.fleet.figures import Counted
from bench.fleet.manifests import APPROVALS, FAILURES, NAIVE, NAMESPACE, POLICY
from bench.fleet.scenario import CANARY, Scenario
from bench.fleet.streams import draw

Json = Mapping[str, Any]

_SAMPLES: Final = "knowngood_canary_samples"
_SHARE: Final = "knowngood_signal_share"
_TRIGGERS: Final = {APPROVALS: "approvals-fall", FAILURES: "failures-rise"}


class Metrics:
    """What an operator shows."""

    def __init__(self, samples: Iterable[tuple[str, Mapping[str, str], float]]) -> None:
        self._samples = list(samples)

    def of(self, name: str, **labels: str) -> Sequence[tuple[Mapping[str, str], float]]:
        """The samples of a metric that have these labels."""
        return [
            (found, value)
            for sample, found, value in self._samples
            if sample == name and labels.items() <= found.items()
        ]

    def sum(self, name: str, **labels: str) -> float:
        """Their sum."""
        return sum(value for _, value in self.of(name, **labels))

    def by_model(self, name: str, **labels: str) -> Mapping[str, float]:
        """Their values by model."""
        return {found["model"]: value for found, value in self.of(name, **labels)}


def counted(metrics: Metrics, scenario: Scenario) -> Mapping[str, Counted]:
    """What was counted of each canary that is judged, beside what was published of it."""
    here = {"namespace": NAMESPACE, "policy": POLICY}
    approvals, failures = (
        (
            metrics.by_model(_SAMPLES, **here, trigger=_TRIGGERS[signal]),
            metrics.by_model(_SHARE, **here, trigger=_TRIGGERS[signal], role="Canary"),
        )
        for signal in (APPROVALS, FAILURES)
    )
    found = {}
    for member in scenario.alike:
        name = member.name
        if name not in approvals[0] or name not in failures[0]:
            continue
        operator = (
            int(approvals[0][name]),
            round(approvals[0][name] * approvals[1].get(name, 0.0)),
            round(failures[0][name] * failures[1].get(name, 0.0)),
        )
        published = draw(scenario, member)[CANARY].at(scenario.cells)
        found[name] = Counted(operator, published)
    return found


def taken_back(incidents: Iterable[Json], began: float) -> Mapping[str, float]:
    """Models with an incident, and when the first was detected, in seconds since the traffic began."""
    found: dict[str, float] = {}
    for incident in incidents:
        name = incident["spec"]["modelRef"]["name"]
        clocks = (incident.get("status") or {}).get("clocks") or {}
        at = clocks.get("detected") or incident["metadata"]["creationTimestamp"]
        seconds = datetime.fromisoformat(at).timestamp() - began
        found[name] = min(seconds, found.get(name, seconds))
    return found


def told(events: Iterable[Json], reason: str) -> Sequence[str]:
    """The models of all Events with a reason, once for each."""
    return [event["regarding"]["name"] for event in events if event.get("reason") == reason]


def serving_alarms(events: Iterable[Json]) -> Sequence[str]:
    """Models for whose serving version a trigger was breached, once for each time."""
    return told(events, "ServingBreached")


def naive(events: Iterable[Json]) -> Mapping[str, Sequence[str]]:
    """For each naive trigger, the models whose canary it would have taken back: what was told outlives a process."""
    found: dict[str, set[str]] = {f"{signal}-limit": set() for signal in (FAILURES, APPROVALS)}
    for event in events:
        note = event.get("note", "")
        if event.get("reason") == "WouldAct" and f" {NAIVE} " in note:
            signal = FAILURES if f" {FAILURES} " in note else APPROVALS
            found[f"{signal}-limit"].add(event["regarding"]["name"])
    return {rule: sorted(models) for rule, models in found.items()}
