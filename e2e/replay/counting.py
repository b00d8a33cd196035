"""What has been decided so far, counted under the names of Knowngood's own convention."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from e2e.replay.rows import NUMBERS, Decision

SCORES: Final = tuple(i / 20 for i in range(1, 21))
"""Edges of the score's histogram."""

_DECILES: Final = 10


def deciles(decisions: Sequence[Decision]) -> Mapping[str, tuple[float, ...]]:
    """The edges of each number's histogram: a tenth of the decisions lies between two of them."""
    return {name: _deciles([d.numbers[name] for d in decisions]) for name in NUMBERS}


def _deciles(values: Sequence[float]) -> tuple[float, ...]:
    ordered = sorted(values)
    # Whole months are told by many rows, so two tenths may end at the same value.
    edges = (ordered[len(ordered) * i // _DECILES] for i in range(1, _DECILES))
    return tuple(sorted(set(edges)))


class Counted(Collector):
    """Counts decisions, and shows them to Prometheus: every counter is there from the start, with 0.

    What is seen for the first time with requests in it may have had them before the scraper was at work, so they do not
    count.
    """

    def __init__(
        self,
        model: str,
        version: str,
        edges: Mapping[str, tuple[float, ...]],
        words: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Begin with nothing.

        Args:
            model: Its name.
            version: Of the model.
            edges: Of the histogram of each number.
            words: Names of features, and the words that they may be.
        """
        self._names = {"model": model, "model_version": version}
        self._edges = {"": SCORES, **edges}
        self._bins = {name: [0] * (len(found) + 1) for name, found in self._edges.items()}
        self._sums = dict.fromkeys(self._edges, 0.0)
        self._words: Counter[tuple[str, ...]] = Counter(dict.fromkeys(words, 0))
        self._outcomes: Counter[tuple[str, ...]] = Counter({("approved",): 0, ("rejected",): 0})
        self._labelled: Counter[tuple[str, ...]] = Counter(
            {_outcome(approved=a, repaid=r): 0 for a in (True, False) for r in (True, False)}
        )

    def add(self, decision: Decision, *, labelled: bool) -> None:
        """Count a decision, and what became of the loan where that is told."""
        for name, value in {"": decision.score, **decision.numbers}.items():
            self._bins[name][bisect_left(self._edges[name], value)] += 1
            self._sums[name] += value
        self._words.update(decision.words.items())
        said = _word(decision.approved)
        self._outcomes[said,] += 1
        if labelled:
            self._labelled[_outcome(approved=decision.approved, repaid=decision.repaid)] += 1

    def collect(self) -> Iterable[Metric]:
        """Show everything; the edges differ from feature to feature."""
        names, own = [*self._names], [*self._names.values()]
        scores = HistogramMetricFamily(
            "model_prediction_score", "Scores of decisions.", labels=names
        )
        scores.add_metric(own, self._buckets(""), self._sums[""])
        yield scores
        features = HistogramMetricFamily(
            "model_feature", "Features of applications.", labels=[*names, "feature"]
        )
        for name in NUMBERS:
            features.add_metric([*own, name], self._buckets(name), self._sums[name])
        yield features
        yield self._counter("model_feature_category", ("feature", "category"), self._words)
        yield self._counter("model_predictions", ("outcome",), self._outcomes)
        labels = ("predicted", "actual", "correct")
        yield self._counter("model_labelled_outcomes", labels, self._labelled)

    def _buckets(self, name: str) -> list[tuple[str, float]]:
        total, found = 0, []
        for edge, count in zip((*self._edges[name], float("inf")), self._bins[name], strict=True):
            total += count
            found.append(("+Inf" if edge == float("inf") else repr(edge), float(total)))
        return found

    def _counter(
        self, name: str, labels: Sequence[str], counts: Mapping[tuple[str, ...], int]
    ) -> Metric:
        family = CounterMetricFamily(name, "Decisions.", labels=[*self._names, *labels])
        for values, count in counts.items():
            family.add_metric([*self._names.values(), *values], count)
        return family


def _outcome(*, approved: bool, repaid: bool) -> tuple[str, str, str]:
    return _word(approved), _word(repaid), str(approved == repaid).lower()


def _word(good: bool) -> str:  # noqa: FBT001  - the two words for it
    return "approved" if good else "rejected"
