"""What a model server counts, under the names that Knowngood's templates read."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # it ships without that annotation

_LATENCIES_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


class Metrics:
    """The counters of one server; every series exists from the start, so a first count is seen."""

    def __init__(self, model: str, version: str) -> None:
        self.registry = CollectorRegistry()
        names = ["model", "model_version"]
        self._predictions = Counter(
            "model_predictions_total",
            "Decisions, by outcome.",
            [*names, "outcome"],
            registry=self.registry,
        )
        self._requests = Counter(
            "model_requests_total",
            "Answers, by status code.",
            [*names, "code"],
            registry=self.registry,
        )
        latency = Histogram(
            "model_request_duration_seconds",
            "From the request to its answer.",
            names,
            buckets=_LATENCIES_S,
            registry=self.registry,
        )
        self._labels = (model, version)
        self._latency = latency.labels(model, version)
        for outcome in ("approved", "rejected"):
            self._predictions.labels(*self._labels, outcome)
        for code in ("200", "500"):
            self._requests.labels(*self._labels, code)

    def decided(self, *, approved: bool) -> None:
        """Count a decision."""
        self._predictions.labels(*self._labels, "approved" if approved else "rejected").inc()

    def answered(self, code: int, seconds: float) -> None:
        """Count an answer, with its status code and how long it took."""
        self._requests.labels(*self._labels, str(code)).inc()
        self._latency.observe(seconds)
