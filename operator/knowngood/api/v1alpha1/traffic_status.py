"""What the route of a model should be, and what it was before."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.command_status import RouteOverride
from knowngood.api.v1alpha1.roles import VersionHeader
from knowngood.api.v1alpha1.scalars import (
    PortNumber,
    ServiceName,
    VersionName,
    Word,
)
from knowngood.api.v1alpha1.shared import Count
from knowngood.api.v1alpha1.wire import MicroTime, Wire

Percent = Annotated[int, Field(ge=0, le=100)]


class Backend(Wire):
    """One version in the route, or the safe path."""

    version: VersionName
    """The version; `safe-path` for the safe path."""

    service: ServiceName
    """Its Service."""

    port: PortNumber
    """The port of the Service that requests go to."""

    weight: Percent
    """Share of the requests that it should get, in percent."""

    applied_weight: Percent | None = None
    """Share that the gateway was last seen to give it, in percent."""

    mirror_percent: Percent | None = None
    """Share of the requests that it should get a copy of, in percent; absent where it gets none."""

    tested: bool | None = None
    """Whether it should answer the requests of spec.traffic.testTraffic; absent where it should not."""


class Intent(Wire):
    """The last change of weights, written down before it was made."""

    id: Word
    """Identity of the change."""

    fence: Count
    """The leader's term under which it was made."""

    reason: Word
    """Why it was made."""


Moment = Annotated[MicroTime, Field(description="An instant.")]
BackendRef = Annotated[Mapping[str, Any], Field(description="A backend, as the route had it.")]


class OriginalRule(Wire):
    """Where a rule of somebody else's route led before Knowngood changed it."""

    rule: Annotated[str, Field(max_length=253)] = ""
    """The rule's name; empty when it has none."""

    backend_refs: Annotated[tuple[BackendRef, ...], listed(16)] = ()
    """Its backends."""


class TrafficStatus(Wire):
    """Who should get which share of the requests, and who was seen to get it."""

    backends: Annotated[tuple[Backend, ...], listed(32, key="version")] = ()
    """Versions in the route."""

    canary_weight: Percent | None = None
    """Share of the requests that the canary should get, in percent; absent without a canary."""

    intent: Intent | None = None
    """The last change of weights."""

    verified_at: MicroTime | None = None
    """When the gateway was first seen to do what the weights say."""

    written: bool = False
    """Whether the route was seen to ask for these weights; when it does no more, somebody else has changed it."""

    drifts: Annotated[tuple[Moment, ...], listed(3)] = ()
    """When somebody else was last found to have changed these weights in the route."""

    version_header: VersionHeader | None = None
    """The header of answers that names the version; absent while no gateway was seen to set it."""

    override: RouteOverride | None = None
    """Weights that a person has set by hand while an incident is open or rollouts are frozen: kept for an hour."""

    original: Annotated[tuple[OriginalRule, ...], listed(16)] = ()
    """Where the rules of somebody else's route led before, to give the requests back when the model is deleted."""
