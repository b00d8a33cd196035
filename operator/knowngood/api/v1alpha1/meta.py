"""What every resource carries: its metadata and its conditions."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.wire import Time, Wire


class ObjectMeta(Wire):
    """The part of Kubernetes' metadata that Knowngood reads."""

    name: str = ""
    namespace: str = ""
    """Empty for cluster-scoped resources."""
    uid: str = ""
    generation: int = 0
    resource_version: str = ""
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    finalizers: tuple[str, ...] = ()
    creation_timestamp: Time | None = None
    deletion_timestamp: Time | None = None


class ConditionType(StrEnum):
    """What is observed about an object."""

    READY = "Ready"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"
    AVAILABLE = "Available"
    GUARDED = "Guarded"
    KNOWN_GOOD = "KnownGood"
    KNOWN_GOOD_AVAILABLE = "KnownGoodAvailable"
    ROUTE_PROGRAMMED = "RouteProgrammed"
    ROLLOUTS_FROZEN = "RolloutsFrozen"
    INCIDENTS_READABLE = "IncidentsReadable"
    SIGNALS_RESOLVED = "SignalsResolved"
    SERIES_FOUND = "SeriesFound"
    RECEIVERS_FOUND = "ReceiversFound"
    SAFE_PATH = "SafePath"


class Reason(StrEnum):
    """Why a condition is what it is."""

    ABORTED = "Aborted"
    AWAITING_PROMOTION = "AwaitingPromotion"
    BLIND = "Blind"
    BREACHED = "Breached"
    CANARY_ONLY = "CanaryOnly"
    CLAIMED = "Claimed"
    CONTAINED = "Contained"
    CONTAINING = "Containing"
    CONTENT_CHANGED = "ContentChanged"
    EVERY_VERSION_BREACHED = "EveryVersionBreached"
    FALLBACK_NOT_READY = "FallbackNotReady"
    FOREIGN_BACKEND = "ForeignBackend"
    FROZEN = "Frozen"
    GOLDEN_REQUEST_WRONG = "GoldenRequestWrong"
    GUARDING = "Guarding"
    INCIDENT_NOT_RECORDED = "IncidentNotRecorded"
    INCIDENT_OPEN = "IncidentOpen"
    INCIDENT_UNREADABLE = "IncidentUnreadable"
    INITIALIZING = "Initializing"
    KNOWN_GOOD = "KnownGood"
    MANUAL = "Manual"
    MIRROR_NOT_PROVED = "MirrorNotProved"
    MIRROR_TAKEN = "MirrorTaken"
    MIRROR_UNSUPPORTED = "MirrorUnsupported"
    NO_DATA = "NoData"
    NO_ENDPOINTS = "NoEndpoints"
    NO_POLICY = "NoPolicy"
    NO_SERIES = "NoSeries"
    NO_SIGNALS = "NoSignals"
    NOT_PROGRAMMED = "NotProgrammed"
    NOT_SERVING = "NotServing"
    OBSERVER_DOWN = "ObserverDown"
    OBSERVE_ONLY = "ObserveOnly"
    ONLY_ONE_VERSION = "OnlyOneVersion"
    PAUSED = "Paused"
    PENDING = "Pending"
    PROBATION = "Probation"
    PROGRAMMED = "Programmed"
    PROGRESS_DEADLINE_EXCEEDED = "ProgressDeadlineExceeded"
    PROGRESSING = "Progressing"
    PROMOTING = "Promoting"
    QUERY_REFUSED = "QueryRefused"
    RECEIVER_UNKNOWN = "ReceiverUnknown"
    RECEIVERS_FOUND = "ReceiversFound"
    REFERENCED_OBJECT_MISSING = "ReferencedObjectMissing"
    ROLLED_BACK = "RolledBack"
    ROLLING_BACK = "RollingBack"
    ROUTE_AMBIGUOUS = "RouteAmbiguous"
    ROUTE_CONTESTED = "RouteContested"
    ROUTE_NOT_FOUND = "RouteNotFound"
    ROUTE_OVERRIDDEN = "RouteOverridden"
    RULE_AMBIGUOUS = "RuleAmbiguous"
    SAFE_PATH_ANSWERS = "SafePathAnswers"
    SAFE_PATH_AWAITED = "SafePathAwaited"
    SAFE_PATH_NOT_READY = "SafePathNotReady"
    SAFE_PATH_OVERDUE = "SafePathOverdue"
    SERIES_FOUND = "SeriesFound"
    SERIES_UNFIT = "SeriesUnfit"
    SERVING = "Serving"
    SERVING_BREACHED = "ServingBreached"
    SHARE_MISMATCH = "ShareMismatch"
    SIGNAL_NOT_FOUND = "SignalNotFound"
    SIGNALS_FOUND = "SignalsFound"
    SOURCE_UNKNOWN = "SourceUnknown"
    STABLE_SERVING = "StableServing"
    STANDS_BY = "StandsBy"
    STATE_LOST = "StateLost"
    STILL_ANSWERING = "StillAnswering"
    SUPERSEDED = "Superseded"
    SUSPENDED = "Suspended"
    TEMPLATE_INVALID = "TemplateInvalid"
    TERMINATING = "Terminating"
    UNSUPPORTED_FIELD = "UnsupportedField"
    VALID = "Valid"
    VERSION_MEANING_CHANGED = "VersionMeaningChanged"
    VERSION_REJECTED = "VersionRejected"
    VERSION_UNAVAILABLE = "VersionUnavailable"
    WATCHED = "Watched"


class Condition(Wire):
    """One observation about the object."""

    type: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?$", max_length=316)
    ]
    """What is observed: Ready, Reconciling, Stalled and others."""

    status: Literal["True", "False", "Unknown"]
    """Whether it is so: True, False or Unknown."""

    reason: Annotated[
        str, Field(pattern=r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$", max_length=1024)
    ]
    """Why, in one word for machines."""

    message: Annotated[str, Field(max_length=32768)]
    """Why, in words for people."""

    observed_generation: Annotated[int, Field(ge=0)] = 0
    """The generation of the spec that the observation is about."""

    last_transition_time: Time
    """When the status last changed."""


Conditions = Annotated[tuple[Condition, ...], listed(16, key="type")]
"""Conditions, known by their type."""
