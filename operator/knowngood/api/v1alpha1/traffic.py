"""How requests reach the versions."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field

from knowngood.api.hints import (
    DURATION_PATTERN,
    between,
    cel,
    exactly_one,
    keyed,
    listed,
    validated_by,
)
from knowngood.api.v1alpha1.scalars import DnsLabel, Duration, HeaderName, ObjectName, ServiceName
from knowngood.api.v1alpha1.trial import TrialTraffic
from knowngood.api.v1alpha1.wire import Wire

_HOSTNAME: Final = r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"

Hostname = Annotated[
    str,
    Field(
        pattern=_HOSTNAME,
        min_length=1,
        max_length=253,
        description="A host name; it may start with `*.`.",
    ),
]
RequestTimeout = Annotated[Duration, between("0s", "24h")]
AnnotationValue = Annotated[str, Field(max_length=4096, description="The value of an annotation.")]

_ARE_DURATIONS: Final = (
    f"self.request.matches('{DURATION_PATTERN}') && "
    f"self.backendRequest.matches('{DURATION_PATTERN}')"
)
_TRY_FITS: Final = cel(
    f"!has(self.request) || !has(self.backendRequest) || !({_ARE_DURATIONS}) || "
    "duration(self.request) == duration('0s') || "
    "duration(self.backendRequest) <= duration(self.request)",
    "backendRequest must not be longer than request",
    path=".backendRequest",
)
_STAYS_HERE: Final = cel(
    "self.all(f, !(f.type in ['RequestMirror', 'RequestRedirect']))",
    "filters of type RequestMirror and RequestRedirect are refused: they send requests elsewhere",
)
_NOT_OURS: Final = cel(
    "self.all(k, !k.startsWith('knowngood.dev/'))", "knowngood.dev/ is reserved for Knowngood"
)


class ParentRef(Wire):
    """A Gateway, or one listener of it."""

    name: ObjectName
    """Name of the Gateway."""

    namespace: DnsLabel | None = None
    """Its namespace. Default: the namespace of the model."""

    section_name: ObjectName | None = None
    """Name of the listener. Default: all listeners that fit."""


class RouteTimeouts(Wire):
    """How long a request may take. `0s` means: no limit."""

    model_config = validated_by(_TRY_FITS)

    request: RequestTimeout | None = None
    """For the whole request, as the client sees it."""

    backend_request: RequestTimeout | None = None
    """For one try at a backend."""


class RouteFilter(Wire):
    """A filter, passed on to the HTTPRoute as it is."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[str, Field(min_length=1, max_length=64)]
    """Kind of the filter, for example RequestHeaderModifier. RequestMirror and RequestRedirect are
    refused."""


RouteMatch = Annotated[
    Mapping[str, Any],
    Field(
        description="A match (path, headers, method, query), passed on to the HTTPRoute as it is."
    ),
]


class RouteRule(Wire):
    """One rule of the HTTPRoute. Knowngood adds the versions and their weights."""

    name: DnsLabel
    """Name of the rule."""

    matches: Annotated[tuple[RouteMatch, ...], listed(8)] = ()
    """Which requests the rule is for: one of the matches must hold. Default: all requests."""

    timeouts: RouteTimeouts | None = None
    """How long a request may take. Default: what the gateway does."""

    filters: Annotated[
        tuple[RouteFilter, ...],
        listed(8, rules=(_STAYS_HERE,)),
    ] = ()
    """Filters for the rule's requests."""


class RouteMetadata(Wire):
    """Metadata of the HTTPRoute."""

    annotations: Annotated[Mapping[str, AnnotationValue], keyed(32, _NOT_OURS)] = {}
    """Annotations of the HTTPRoute, for example for external-dns."""


class GatewayAPI(Wire):
    """An HTTPRoute that Knowngood writes. It has the name of the model."""

    metadata: RouteMetadata | None = None
    """Metadata of the HTTPRoute."""

    parent_refs: Annotated[tuple[ParentRef, ...], listed(8, 1)]
    """Gateways that the route attaches to."""

    hostnames: Annotated[tuple[Hostname, ...], listed(16)] = ()
    """Host names that the route answers for. Default: those of the listeners."""

    rules: Annotated[tuple[RouteRule, ...], listed(8, 1, key="name")]
    """Rules of the route: which requests go to the model."""

    version_header: HeaderName | None = None
    """Header of every answer that names the version which gave it, for example X-Model-Version: systems of record then
    know who decided. It is set where the gateways were seen to do that. Default: none."""


RuleName = Annotated[ObjectName, Field(description="The name of a rule.")]


class RouteKind(StrEnum):
    """Which kind of route: HTTPRoute."""

    HTTP_ROUTE = "HTTPRoute"


class RouteRef(Wire):
    """An HTTPRoute of somebody else, in the same namespace. Knowngood changes its weights, and nothing else."""

    model_config = validated_by(
        cel(
            "self.kind == oldSelf.kind && self.name == oldSelf.name && "
            "(has(self.adopt) ? self.adopt : '') == (has(oldSelf.adopt) ? oldSelf.adopt : '')",
            "of routeRef only ruleNames can change on a live object, or requests would be left behind",
            reason="FieldValueForbidden",
        )
    )

    kind: RouteKind = RouteKind.HTTP_ROUTE
    """Which kind of route. Default: HTTPRoute."""

    name: ObjectName
    """Its name."""

    rule_names: Annotated[tuple[RuleName, ...], listed(8)] = ()
    """Names of the rules that lead to the model; all of them are changed in one write. Default: the only rule that the
    route has."""

    adopt: ServiceName | None = None
    """The Service that the rules lead to before Knowngood serves the model. It is replaced once the first version is
    ready, and gets the requests back when the model is deleted."""


class TrafficSpec(Wire):
    """How requests reach the versions: exactly one way, which can not be changed later."""

    model_config = validated_by(
        exactly_one("gatewayAPI", "routeRef"),
        cel(
            "has(self.gatewayAPI) == has(oldSelf.gatewayAPI)",
            "gatewayAPI and routeRef can not be exchanged on a live object: create another one",
            reason="FieldValueForbidden",
        ),
        cel(
            "!has(self.testTraffic) || has(self.gatewayAPI)",
            "testTraffic needs gatewayAPI: a route of somebody else gets no rules from Knowngood",
            path=".testTraffic",
        ),
    )

    gateway_api: Annotated[GatewayAPI | None, Field(alias="gatewayAPI")] = None
    """Through an HTTPRoute of the Gateway API that Knowngood writes."""

    route_ref: RouteRef | None = None
    """Through an HTTPRoute of somebody else."""

    sticky: bool = False
    """Whether clients stay with a version for longer than one request, by a policy of the gateway: a version that is
    taken back then leaves the route at once, as with weight 0 it would keep its clients. A rule with
    `sessionPersistence` is known to. Default: false."""

    test_traffic: TrialTraffic | None = None
    """Which requests are answered by a canary alone, at any weight, from when its pods are ready. Default: none."""
