"""What is asked of Prometheus, in words that a person can ask again."""

from knowngood.signals.edges import edge_text
from knowngood.signals.planning import (
    AboveSpec,
    CategoriesSpec,
    CountedSpec,
    HistogramSpec,
    RatioSpec,
    Spec,
    ValueSpec,
)


def query_words(spec: Spec) -> str:
    """Name the series of a signal: `errors_total among requests_total`."""
    if isinstance(spec, ValueSpec):
        return spec.promql
    segments = f", for each {spec.segments.by}" if spec.segments is not None else ""
    return _whole(spec) + segments


def _whole(spec: CountedSpec) -> str:
    match spec:
        case RatioSpec(events, total):
            return f"{events.render()} among {total.render()}"
        case AboveSpec(buckets, above):
            return f"{buckets.render()} above {edge_text(above)}"
        case HistogramSpec(buckets):
            return f"{buckets.render()} by bin"
        case CategoriesSpec(counts, by):
            return f"{counts.render()} by {by}"
