"""How the features of the requests are spread, as `model_feature_bucket`: what a model reads, whoever delivers it."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from e2e.models.features import FEATURES

_HALVES: Final = (0.5,)
_EDGES: Final = {
    "car_value": (11744.0, 13494.0, 15624.0, 18284.0, 21906.0, 26738.0, 33621.0, 44064.0, 60689.0),
    "salary_range": (0.5, 1.5, 2.5),
    "debt_to_income_ratio": (0.309, 0.408, 0.531, 0.614, 0.66, 0.688, 0.706, 0.717, 0.725),
    "loan_length": (6.0, 7.0, 11.0, 14.0, 16.0, 18.0, 19.0, 20.0, 21.0),
    "repaid_loan_on_prev_car": _HALVES,
    "size_of_downpayment": (0.05, 0.15, 0.25, 0.35),
    "driver_tenure": (0.573, 1.886, 3.654, 4.839, 5.585, 6.069, 6.405, 6.643, 6.826),
}
"""Between two of them lies about a tenth of the rows that the models are trained on, or one word."""


class Spread(Collector):
    """Counts features; every series is there from the start, with 0."""

    def __init__(self, model: str, version: str) -> None:
        self._names = {"model": model, "model_version": version}
        self._bins = {name: [0] * (len(_EDGES[name]) + 1) for name in FEATURES}
        self._sums = dict.fromkeys(FEATURES, 0.0)

    def add(self, numbers: Sequence[float]) -> None:
        """Count one request, by its numbers in the order of `FEATURES`."""
        for name, number in zip(FEATURES, numbers, strict=True):
            self._bins[name][bisect_left(_EDGES[name], number)] += 1
            self._sums[name] += number

    def collect(self) -> Iterable[Metric]:
        """Show everything; the edges differ from feature to feature, which one `Histogram` can not do."""
        labels = [*self._names, "feature"]
        family = HistogramMetricFamily("model_feature", "What the model reads.", labels=labels)
        for name in FEATURES:
            family.add_metric([*self._names.values(), name], self._buckets(name), self._sums[name])
        yield family

    def _buckets(self, name: str) -> list[tuple[str, float]]:
        total, found = 0, []
        for edge, count in zip((*map(repr, _EDGES[name]), "+Inf"), self._bins[name], strict=True):
            total += count
            found.append((edge, float(total)))
        return found
