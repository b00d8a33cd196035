"""What a signal template asks for, ready to be planned; cached, because templates seldom change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from knowngood.api.v1alpha1 import (
    Categories,
    Histogram,
    Ratio,
    SignalForm,
    SignalTemplateSpec,
    Value,
)
from knowngood.signals.identity import Origin, anybody_may_claim
from knowngood.signals.planning import (
    AboveSpec,
    CategoriesSpec,
    HistogramSpec,
    RatioSpec,
    Segments,
    Spec,
    ValueSpec,
)
from knowngood.signals.selectors import Selector, parse_selector
from knowngood.signals.tokens import SelectorError


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A template that cannot be read, and why: the text names the field."""

    message: str


def spec_of(template: SignalTemplateSpec) -> Spec | Unreadable:
    """Parse a template."""
    found = _parse(template)
    if isinstance(found, Unreadable):
        return found
    for field, selector in selectors_of(found).items():
        if anybody_may_claim(template.identity.by, selector):
            return Unreadable(
                f"{field}: identity EnvoyCluster believes the label envoy_cluster_name, which any pod may export; "
                'name the gateway by its scrape, like job="envoy" or namespace="projectcontour"'
            )
    return found


def selectors_of(spec: Spec) -> Mapping[str, Selector]:
    """The plain selectors of what a template asks for, by the path of their field."""
    match spec:
        case RatioSpec(events, total):
            return {"spec.ratio.events": events, "spec.ratio.total": total}
        case AboveSpec(buckets):
            return {"spec.ratio.histogram": buckets}
        case HistogramSpec(buckets):
            return {"spec.histogram.buckets": buckets}
        case CategoriesSpec(counts):
            return {"spec.categories.counts": counts}
        case ValueSpec():
            return {}


def _parse(template: SignalTemplateSpec) -> Spec | Unreadable:
    found = _whole(template)
    if not isinstance(found, Unreadable):
        found = replace(found, origin=Origin(template.source, template.identity.by))
    asked = template.segments
    if asked is None or isinstance(found, Unreadable | ValueSpec):
        return found
    return replace(found, segments=Segments(asked.by, asked.values, asked.min_samples))


def _whole(template: SignalTemplateSpec) -> Spec | Unreadable:
    match template:
        case SignalTemplateSpec(value=Value() as value):
            return ValueSpec(value.query)
        case SignalTemplateSpec(ratio=Ratio() as ratio):
            return _ratio(ratio.events, ratio.total, ratio.histogram, ratio.above)
        case SignalTemplateSpec(histogram=Histogram() as histogram):
            return _histogram(histogram.buckets)
        case SignalTemplateSpec(categories=Categories() as categories):
            return _categories(categories.counts, categories.by)
        case _:
            return Unreadable(f"spec: one of {', '.join(SignalForm)} must be set")


@lru_cache(maxsize=512)
def _ratio(
    events: str | None, total: str | None, histogram: str | None, above: str | None
) -> Spec | Unreadable:
    try:
        if events is not None and total is not None:
            return RatioSpec(_parsed("ratio.events", events), _parsed("ratio.total", total))
        if histogram is not None and above is not None:
            return AboveSpec(_parsed("ratio.histogram", histogram), float(above))
    except SelectorError as error:
        return Unreadable(str(error))
    return Unreadable("spec.ratio: either events and total, or histogram and above must be set")


@lru_cache(maxsize=512)
def _histogram(buckets: str) -> Spec | Unreadable:
    try:
        return HistogramSpec(_parsed("histogram.buckets", buckets))
    except SelectorError as error:
        return Unreadable(str(error))


@lru_cache(maxsize=512)
def _categories(counts: str, by: str) -> Spec | Unreadable:
    try:
        return CategoriesSpec(_parsed("categories.counts", counts), by)
    except SelectorError as error:
        return Unreadable(str(error))


def _parsed(field: str, text: str) -> Selector:
    try:
        return parse_selector(text)
    except SelectorError as error:
        raise SelectorError(f"spec.{field}: {error}") from error
