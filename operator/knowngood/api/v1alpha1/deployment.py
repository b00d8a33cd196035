"""AIModelDeployment: one model, and which of its versions should serve."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from knowngood.api.hints import cel, validated_by
from knowngood.api.v1alpha1.deployment_status import DeploymentStatus
from knowngood.api.v1alpha1.fallback import FallbackSpec, GoldenRequest
from knowngood.api.v1alpha1.feeds import FEEDS, Feed
from knowngood.api.v1alpha1.meta import ObjectMeta
from knowngood.api.v1alpha1.roles import ShadowSpec
from knowngood.api.v1alpha1.rollout import RolloutSpec
from knowngood.api.v1alpha1.safe_path import SAFE_PATH_RULES, SafePathSpec
from knowngood.api.v1alpha1.serving import ModelSpec, Serving
from knowngood.api.v1alpha1.traffic import RouteRef, TrafficSpec
from knowngood.api.v1alpha1.wire import Wire


def _fixed(part: str, path: str, what: str) -> dict[str, str]:
    """Rule: under one version name a part of the spec keeps its value."""
    return cel(
        f"self.model.version != oldSelf.model.version || {part}",
        f"{what} can not change under the same version name: give spec.model.version another value",
        path=path,
        reason="FieldValueForbidden",
    )


def _same(field: str) -> str:
    return (
        f"(has(self.{field}) ? self.{field} : '') == (has(oldSelf.{field}) ? oldSelf.{field} : '')"
    )


_NEW: Final = "self.serving.deployment"
_OLD: Final = "oldSelf.serving.deployment"
_ONE_IS_ABSENT: Final = f"!has({_NEW}) || !has({_OLD})"
_TEMPLATE: Final = f"{_ONE_IS_ABSENT} || {_NEW}.template == {_OLD}.template"
# Lists with a key are equal in any order, but requests go to the first port.
_PORTS: Final = (
    f"{_ONE_IS_ABSENT} || ({_NEW}.ports == {_OLD}.ports && "
    f"{_NEW}.ports.map(p, p.name) == {_OLD}.ports.map(p, p.name))"
)


_MIRRORS: Final = (
    "has(self.rollout) && has(self.rollout.steps) && self.rollout.steps.exists(s, has(s.setMirror))"
)
_COPIES: Final = (
    "has(self.shadow) && has(self.shadow.mirrorPercent) && self.shadow.mirrorPercent > 0"
)


_ASKS_PODS: Final = (
    "has(self.fallback) && has(self.fallback.smoke) && size(self.fallback.smoke) > 0"
)

_HOLDS_BACK: Final = (
    "has(self.rollout) && has(self.rollout.probation) && has(self.rollout.probation.holdback)"
)


class SideEffects(StrEnum):
    """What answering a request does besides answering it: Unknown, or None for nothing at all."""

    UNKNOWN = "Unknown"
    NONE = "None"


class Mirror(Wire):
    """What must be known before a version gets copies of requests."""

    side_effects: SideEffects = SideEffects.UNKNOWN
    """None says that a request may be answered twice without harm: no second credit inquiry, no write, no message, no
    bill. Nothing is mirrored before that is declared. Default: Unknown."""


class DeletionPolicy(StrEnum):
    """What becomes of what Knowngood has made: Delete takes it away, Orphan leaves all as it is."""

    DELETE = "Delete"
    ORPHAN = "Orphan"


class DeploymentSpec(Wire):
    """What the user wants."""

    model_config = validated_by(
        _fixed(_same("model.name"), ".model.name", "the model's name"),
        _fixed(_same("model.uri"), ".model.uri", "the uri"),
        _fixed(_TEMPLATE, ".serving.deployment.template", "the template"),
        _fixed(_PORTS, ".serving.deployment.ports", "the ports"),
        cel(
            "!has(self.serving.services) || "
            "self.serving.services.exists(s, s.version == self.model.version)",
            "services must list the version that spec.model.version names",
            path=".serving.services",
        ),
        cel(
            "!has(oldSelf.traffic) || has(self.traffic)",
            "traffic can not be taken away from a live object: requests would be lost",
            path=".traffic",
            reason="FieldValueForbidden",
        ),
        cel(
            f"!({_MIRRORS}) || (has(self.mirror) && self.mirror.sideEffects == 'None')",
            "setMirror lets requests be answered twice: declare mirror.sideEffects: None if that harms nobody",
            path=".rollout.steps",
        ),
        cel(
            f"!({_MIRRORS}) || has(self.traffic)",
            "setMirror needs traffic: without a route Knowngood moves nothing",
            path=".rollout.steps",
        ),
        cel(
            f"!({_HOLDS_BACK}) || has(self.traffic)",
            "holdback needs traffic: without a route Knowngood gives no version a share",
            path=".rollout.probation.holdback",
        ),
        cel(
            f"!({_HOLDS_BACK}) || !has(self.traffic) || !has(self.traffic.sticky) || !self.traffic.sticky",
            "holdback needs clients that stay with no version (traffic.sticky: false): else the weight is not the "
            "share, and two groups of clients are compared instead of two versions",
            path=".rollout.probation.holdback",
        ),
        cel(
            f"!({_COPIES}) || (has(self.mirror) && self.mirror.sideEffects == 'None')",
            "mirrorPercent lets requests be answered twice: declare mirror.sideEffects: None if that harms nobody",
            path=".shadow.mirrorPercent",
        ),
        cel(
            f"!({_COPIES}) || has(self.traffic)",
            "mirrorPercent needs traffic: without a route Knowngood moves nothing",
            path=".shadow.mirrorPercent",
        ),
        cel(
            f"!({_ASKS_PODS}) || has(self.serving.deployment)",
            "golden requests are sent to pods that Knowngood runs: they need serving.deployment",
            path=".fallback.smoke",
        ),
        cel(
            f"!({_ASKS_PODS}) || (has(self.traffic) && has(self.traffic.gatewayAPI))",
            "golden requests have a header by which models leave them out of their metrics: it is taken off what users "
            "send only in a route of Knowngood's own, so they need traffic.gatewayAPI",
            path=".fallback.smoke",
        ),
        *SAFE_PATH_RULES,
    )

    model: ModelSpec
    """Which model, and which version of it should serve."""

    serving: Serving
    """How versions are served: exactly one of deployment and services."""

    traffic: TrafficSpec | None = None
    """How requests reach the versions. Without it Knowngood watches, and moves nothing."""

    rollout: RolloutSpec | None = None
    """How a new version is rolled out."""

    mirror: Mirror | None = None
    """What must be known before a version gets copies of requests."""

    shadow: ShadowSpec | None = None
    """What becomes of a known good version that another one replaces. Without it, it is retired."""

    fallback: FallbackSpec | None = None
    """What becomes of the requests when the version that serves turns bad, and how that is known to be right."""

    feeds: Annotated[tuple[Feed, ...], FEEDS] = ()
    """What its features come from: looked at when what serves turns bad, and suspended where a policy says so."""

    version_history_limit: Annotated[int, Field(ge=2, le=100)] = 10
    """How many records of versions are kept. Those in use, the newest known good ones and those of an open incident
    are always kept. Default: 10."""

    deletion_policy: DeletionPolicy = DeletionPolicy.DELETE
    """What becomes of the route and the pods when this object is deleted: Delete or Orphan. Default: Delete."""

    suspend: bool = False
    """Do nothing at all: no shift, no rollback, no pods; only the status is written. To stop a rollout from going on
    while it stays guarded, use a pause without a duration. Default: false."""

    @property
    def route_ref(self) -> RouteRef | None:
        """The route of somebody else that leads to the model; None when it has one of its own, or none."""
        return self.traffic.route_ref if self.traffic else None

    @property
    def golden(self) -> tuple[GoldenRequest, ...]:
        """Requests whose right answers are known."""
        return self.fallback.smoke if self.fallback else ()

    @property
    def safe_path(self) -> SafePathSpec | None:
        """Where requests go when no version can be trusted with them."""
        return self.fallback.safe_path if self.fallback else None

    @property
    def may_mirror(self) -> bool:
        """Whether it is declared that a request may be answered twice."""
        return self.mirror is not None and self.mirror.side_effects is SideEffects.NONE


class AIModelDeployment(Wire):
    """One model that is served.

    Knowngood rolls its versions out, judges them, and takes bad ones back.
    """

    model_config = validated_by(
        cel(
            "self.metadata.name.matches('^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$')",
            "metadata.name must have at most 40 characters, start with a lower case letter, and "
            "consist of lower case letters, digits and '-'",
        ),
        cel(
            "!has(self.spec.fallback) || !has(self.spec.fallback.safePath) || "
            "!(self.spec.fallback.safePath.service.name.startsWith(self.metadata.name) && "
            "self.spec.fallback.safePath.service.name.matches('-[0-9a-f]{8}$'))",
            "spec.fallback.safePath.service.name: the Services of this model's versions are called so, and a safe path "
            "answers without any of them",
        ),
    )

    api_version: Literal["knowngood.dev/v1alpha1"] = "knowngood.dev/v1alpha1"
    kind: Literal["AIModelDeployment"] = "AIModelDeployment"
    metadata: ObjectMeta

    spec: DeploymentSpec
    """What the user wants."""

    status: DeploymentStatus | None = None
    """What Knowngood does and sees."""
