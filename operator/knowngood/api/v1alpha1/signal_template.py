"""ClusterSignalTemplate: how one signal is read, for all models in one query."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from knowngood.api.hints import RULES, cel, exactly_one, validated_by
from knowngood.api.v1alpha1.meta import Conditions, ObjectMeta
from knowngood.api.v1alpha1.scalars import Decimal, DnsLabel
from knowngood.api.v1alpha1.segments import Segments
from knowngood.api.v1alpha1.shared import Count
from knowngood.api.v1alpha1.wire import Wire

_QUOTED: Final = r"""("([^"\\\n]|\\.)*"|'([^'\\\n]|\\.)*'|`[^`]*`)"""
_MATCHER: Final = rf"[a-zA-Z_][a-zA-Z0-9_]*\s*(=|!=|=~|!~)\s*{_QUOTED}"
_MATCHERS: Final = rf"{_MATCHER}(\s*,\s*{_MATCHER})*\s*,?\s*"
_NAMED: Final = rf"[a-zA-Z_:][a-zA-Z0-9_:]*\s*(\{{\s*({_MATCHERS})?\}})?"
# Without a name in front: several metrics at once, {__name__=~"a_total|b_total"}.
_SELECTOR: Final = rf"^({_NAMED}|\{{\s*{_MATCHERS}\}})$"
# A rule and no pattern: the API server would print the whole pattern, and nobody could read it.
_IS_PLAIN: Final = cel(
    f"self.matches(r'''{_SELECTOR}''')",
    "must be the name of a metric, with label matchers if wanted, like "
    'requests_total{code="500"}: no functions, operators or ranges',
)

Selector = Annotated[str, Field(max_length=1024, json_schema_extra={RULES: [_IS_PLAIN]})]


class IdentityBy(StrEnum):
    """How a series tells which version it is of.

    By the Pod it was read from, by its own Labels, by the Service that it was read through, or by
    the name that an Envoy gateway gives to a Service.
    """

    POD = "Pod"
    LABELS = "Labels"
    SERVICE = "Service"
    ENVOY_CLUSTER = "EnvoyCluster"


class Identity(Wire):
    """How a series tells which version it is of."""

    by: IdentityBy = IdentityBy.POD
    """Pod: by the pod it was read from, which can not be forged. Labels: by its labels namespace,
    model and model_version, for sources that are trusted. Service: by the labels namespace and
    service that the scrape attaches. EnvoyCluster: by the label envoy_cluster_name of a gateway,
    NAMESPACE_SERVICE_PORT, as Contour has it; the selectors must name the gateway's job or
    namespace."""


_TWO_FORMS: Final = cel(
    "has(self.events) == has(self.total) && has(self.histogram) == has(self.above) && "
    "has(self.events) != has(self.histogram)",
    "either events and total, or histogram and above must be set",
)


class Ratio(Wire):
    """A share of requests: events among a total, or those above an edge of a histogram.

    Knowngood reads them exactly, so they are plain selectors.
    """

    model_config = validated_by(_TWO_FORMS)

    events: Selector | None = None
    """Counter of the requests that showed the event: a metric name with label matchers, no
    functions."""

    total: Selector | None = None
    """Counter of all requests: a metric name with label matchers, no functions."""

    histogram: Selector | None = None
    """Histogram of all requests, as in spec.histogram.buckets. The share is of those above an edge,
    such as all that took longer than half a second."""

    above: Decimal | None = None
    """The edge of the histogram above which a request counts: one of its own, so that the share is
    exact."""


class Histogram(Wire):
    """How requests spread over bins."""

    buckets: Selector
    """The buckets of a histogram: a metric name that ends in _bucket, with label matchers. A name
    without _bucket is read as a native histogram."""


class Categories(Wire):
    """How requests spread over the values of a label."""

    counts: Selector
    """Counter of all requests: a metric name with label matchers, no functions."""

    by: Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=128)]
    """The label whose value is the category, such as outcome: 63 values at most."""


class Value(Wire):
    """A number, from any query."""

    query: Annotated[str, Field(min_length=1, max_length=4096)]
    """PromQL that returns one value for each model and version."""


class PlaybookCheck(StrEnum):
    """Which step of the playbook reads a signal: PipelineIntegrity, FeatureDistributions or UpstreamFreshness."""

    PIPELINE_INTEGRITY = "PipelineIntegrity"
    FEATURE_DISTRIBUTIONS = "FeatureDistributions"
    UPSTREAM_FRESHNESS = "UpstreamFreshness"


class PlaybookUse(Wire):
    """What a signal tells when what serves turns bad."""

    step: PlaybookCheck
    """PipelineIntegrity: a share of requests that reach the model with something wrong. FeatureDistributions: how what
    reaches it spreads. UpstreamFreshness: the age of the newest data, in seconds."""

    by: Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=128)] | None = None
    """The label whose value is the feature. Default: segments.by, else all is one. The step needs no names of
    features."""


class SignalForm(StrEnum):
    """What a signal is made of, which decides what tests it serves."""

    RATIO = "ratio"
    HISTOGRAM = "histogram"
    CATEGORIES = "categories"
    VALUE = "value"


_ITS_FORM: Final = cel(
    "!has(self.playbook) || (self.playbook.step == 'UpstreamFreshness' ? has(self.value) : "
    "self.playbook.step == 'PipelineIntegrity' ? has(self.ratio) && has(self.ratio.events) : "
    "has(self.histogram) || has(self.categories))",
    "PipelineIntegrity reads a ratio of events and total, FeatureDistributions a histogram or categories, "
    "UpstreamFreshness a value",
    path=".playbook.step",
)


class SignalTemplateSpec(Wire):
    """How the signal is read."""

    model_config = validated_by(
        exactly_one(*SignalForm),
        cel(
            "!has(self.segments) || !has(self.value)",
            "a value has no sample size, so it has no segments",
            path=".segments",
        ),
        cel(
            "!has(self.segments) || !has(self.categories) || self.segments.by != self.categories.by",
            "must be another label than categories.by, which says how requests spread",
            path=".segments.by",
        ),
        _ITS_FORM,
    )

    source: DnsLabel = "default"
    """Name of a Prometheus-compatible endpoint in the operator's own configuration."""

    ratio: Ratio | None = None
    """A share of requests, from two counters or a histogram."""

    histogram: Histogram | None = None
    """How requests spread over bins: scores, confidences, features."""

    categories: Categories | None = None
    """How requests spread over the values of a label: classes, outcomes."""

    value: Value | None = None
    """A number, from any query."""

    segments: Segments | None = None
    """Parts of the requests that are judged each on its own: regions, groups of customers, features.
    Default: none, all requests together."""

    identity: Identity = Identity()
    """How a series tells which version it is of."""

    delayed: bool = False
    """Whether what is counted becomes known long after the decision, such as whether a loan was repaid. What is known
    early of a canary says nothing then, so only the version that serves is judged by it: roles must be [Stable].
    Default: false."""

    playbook: PlaybookUse | None = None
    """Which step of the playbook reads this signal when what serves turns bad. Default: none."""

    @property
    def form(self) -> SignalForm | None:
        """What the signal is made of; None where nothing is set, which the API server refuses."""
        return next((form for form in SignalForm if getattr(self, form) is not None), None)


class SignalTemplateStatus(Wire):
    """Whether the signal can be read."""

    observed_generation: Count = 0
    """The generation of the spec that the status is about."""

    conditions: Conditions = ()
    """Observations: Ready, SeriesFound."""


class ClusterSignalTemplate(Wire):
    """How one signal is read, for all models in one query."""

    api_version: Literal["knowngood.dev/v1alpha1"] = "knowngood.dev/v1alpha1"
    kind: Literal["ClusterSignalTemplate"] = "ClusterSignalTemplate"
    metadata: ObjectMeta

    spec: SignalTemplateSpec
    """How the signal is read."""

    status: SignalTemplateStatus | None = None
    """Whether the signal can be read."""
