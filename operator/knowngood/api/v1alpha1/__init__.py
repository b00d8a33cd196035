"""Group `knowngood.dev`, version `v1alpha1`. `crds/` is generated from these models."""

from knowngood.api.v1alpha1.baseline import (  # noqa: I001 - it would take every alias apart
    Baseline as Baseline,
    BaselineSource as BaselineSource,
    SegmentBaseline as SegmentBaseline,
)
from knowngood.api.v1alpha1.actions import (
    ActionRecord as ActionRecord,
    ActionState as ActionState,
    ActionType as ActionType,
)
from knowngood.api.v1alpha1.command_status import (
    CommandResult as CommandResult,
    GivenCommand as GivenCommand,
    LastCommand as LastCommand,
    RouteOverride as RouteOverride,
    Share as Share,
    Undo as Undo,
    UndoneAction as UndoneAction,
)
from knowngood.api.v1alpha1.comparisons import (
    ComparedTo as ComparedTo,
    Direction as Direction,
    DistributionTest as DistributionTest,
    Effect as Effect,
    ProportionTest as ProportionTest,
)
from knowngood.api.v1alpha1.deployment import (
    AIModelDeployment as AIModelDeployment,
    DeletionPolicy as DeletionPolicy,
    DeploymentSpec as DeploymentSpec,
    Mirror as Mirror,
    SideEffects as SideEffects,
)
from knowngood.api.v1alpha1.deployment_status import (
    DeploymentStatus as DeploymentStatus,
    DrainingVersion as DrainingVersion,
    RejectedVersion as RejectedVersion,
    IncidentRef as IncidentRef,
    Phase as Phase,
    WatchedBy as WatchedBy,
)
from knowngood.api.v1alpha1.traffic_status import (
    Backend as Backend,
    Intent as Intent,
    OriginalRule as OriginalRule,
    TrafficStatus as TrafficStatus,
)
from knowngood.api.v1alpha1.epochs import (
    EFFECTS_KEPT as EFFECTS_KEPT,
    LATER_KEPT as LATER_KEPT,
    Basis as Basis,
    BudgetShares as BudgetShares,
    FixedEffect as FixedEffect,
)
from knowngood.api.v1alpha1.event_tests import (
    DisagreementKind as DisagreementKind,
    DisagreementTest as DisagreementTest,
    DisagreesWith as DisagreesWith,
    RateComparedTo as RateComparedTo,
    RateTest as RateTest,
)
from knowngood.api.v1alpha1.fallback import (
    AskedRequest as AskedRequest,
    ExpectedAnswer as ExpectedAnswer,
    ExpectedField as ExpectedField,
    FallbackSpec as FallbackSpec,
    FallbackState as FallbackState,
    FallbackStatus as FallbackStatus,
    GoldenHeader as GoldenHeader,
    GoldenRequest as GoldenRequest,
    Method as Method,
    ProvedBy as ProvedBy,
)
from knowngood.api.v1alpha1.false_alarms import (
    FalseAlarmBudget as FalseAlarmBudget,
    FalseAlarms as FalseAlarms,
)
from knowngood.api.v1alpha1.answers import (
    Acknowledgement as Acknowledgement,
    Close as Close,
    Decision as Decision,
    Declaration as Declaration,
    Outcome as Outcome,
)
from knowngood.api.v1alpha1.clocks import Attained as Attained, Clocks as Clocks
from knowngood.api.v1alpha1.incident import (
    Incident as Incident,
    IncidentSpec as IncidentSpec,
    Origin as Origin,
    PolicyRef as PolicyRef,
)
from knowngood.api.v1alpha1.export_status import Export as Export
from knowngood.api.v1alpha1.incident_status import (
    Containment as Containment,
    Ending as Ending,
    EvidenceEntry as EvidenceEntry,
    Fallback as Fallback,
    IncidentPhase as IncidentPhase,
    IncidentStatus as IncidentStatus,
    Resolution as Resolution,
    Subject as Subject,
)
from knowngood.api.v1alpha1.handover import (
    Affected as Affected,
    CountedAnswers as CountedAnswers,
    Task as Task,
    TaskRole as TaskRole,
    WayBack as WayBack,
)
from knowngood.api.v1alpha1.holdback_status import Holdback as Holdback
from knowngood.api.v1alpha1.meta import (
    Condition as Condition,
    ConditionType as ConditionType,
    ObjectMeta as ObjectMeta,
    Reason as Reason,
)
from knowngood.api.v1alpha1.policy import (
    Action as Action,
    ClusterIncidentPolicy as ClusterIncidentPolicy,
    ClusterPolicySpec as ClusterPolicySpec,
    Hold as Hold,
    IncidentPolicy as IncidentPolicy,
    Limits as Limits,
    PolicyMode as PolicyMode,
    PolicySpec as PolicySpec,
    PolicyStatus as PolicyStatus,
    Response as Response,
    Rollback as Rollback,
    When as When,
)
from knowngood.api.v1alpha1.resources import (
    Column as Column,
    GROUP as GROUP,
    RESOURCES as RESOURCES,
    Resource as Resource,
    Scope as Scope,
    VERSION as VERSION,
)
from knowngood.api.v1alpha1.roles import (
    ShadowSpec as ShadowSpec,
    Standby as Standby,
    VersionHeader as VersionHeader,
    VersionNames as VersionNames,
)
from knowngood.api.v1alpha1.rollout import (
    CanaryReplicas as CanaryReplicas,
    EndEarly as EndEarly,
    OnInconclusive as OnInconclusive,
    Pause as Pause,
    Probation as Probation,
)
from knowngood.api.v1alpha1.rollout import (
    RolloutSpec as RolloutSpec,
    Step as Step,
)
from knowngood.api.v1alpha1.rollout_said import (
    PassedTrigger as PassedTrigger,
    ProofStatus as ProofStatus,
)
from knowngood.api.v1alpha1.rollout_status import (
    RolloutFailure as RolloutFailure,
    RolloutStatus as RolloutStatus,
    WaitingFor as WaitingFor,
)
from knowngood.api.v1alpha1.rollout_traffic import GivenWeight as GivenWeight, Power as Power
from knowngood.api.v1alpha1.scalars import (
    Duration as Duration,
    VersionName as VersionName,
    percent as percent,
    points as points,
    seconds as seconds,
)
from knowngood.api.v1alpha1.segments import Segments as Segments
from knowngood.api.v1alpha1.selectors import (
    LabelRequirement as LabelRequirement,
    LabelSelector as LabelSelector,
    SelectorOperator as SelectorOperator,
)
from knowngood.api.v1alpha1.serving import (
    DeploymentServing as DeploymentServing,
    ModelSpec as ModelSpec,
    Port as Port,
    ServiceVersion as ServiceVersion,
    Serving as Serving,
)
from knowngood.api.v1alpha1.serving_status import ServingBreach as ServingBreach
from knowngood.api.v1alpha1.shared import (
    EvidenceNumbers as EvidenceNumbers,
    FailureReason as FailureReason,
    ModelRef as ModelRef,
    PolicyKind as PolicyKind,
    Role as Role,
    SegmentNumbers as SegmentNumbers,
    Severity as Severity,
    VerdictKind as VerdictKind,
    Watch as Watch,
)
from knowngood.api.v1alpha1.signal_template import (
    Categories as Categories,
    ClusterSignalTemplate as ClusterSignalTemplate,
    Histogram as Histogram,
    Identity as Identity,
    IdentityBy as IdentityBy,
    Ratio as Ratio,
    SignalForm as SignalForm,
    SignalTemplateSpec as SignalTemplateSpec,
    SignalTemplateStatus as SignalTemplateStatus,
    Value as Value,
)
from knowngood.api.v1alpha1.threshold_tests import ThresholdTest as ThresholdTest
from knowngood.api.v1alpha1.timeline import Chain as Chain, TimelineEntry as TimelineEntry
from knowngood.api.v1alpha1.traffic import (
    GatewayAPI as GatewayAPI,
    ParentRef as ParentRef,
    RouteFilter as RouteFilter,
    RouteKind as RouteKind,
    RouteMetadata as RouteMetadata,
    RouteRef as RouteRef,
    RouteRule as RouteRule,
    RouteTimeouts as RouteTimeouts,
    TrafficSpec as TrafficSpec,
)
from knowngood.api.v1alpha1.trial import (
    TRIAL_HEADER as TRIAL_HEADER,
    TrialMetrics as TrialMetrics,
    TrialTraffic as TrialTraffic,
)
from knowngood.api.v1alpha1.statistics import Statistic as Statistic
from knowngood.api.v1alpha1.triggers import (
    JudgedRole as JudgedRole,
    SignalKind as SignalKind,
    SignalRef as SignalRef,
    Trigger as Trigger,
    TriggerTest as TriggerTest,
)
from knowngood.api.v1alpha1.uses import Use as Use
from knowngood.api.v1alpha1.version import (
    AIModelVersion as AIModelVersion,
    Observed as Observed,
    RecordedDeployment as RecordedDeployment,
    RecordedService as RecordedService,
    RecordedServing as RecordedServing,
    Rejection as Rejection,
    Standing as Standing,
    Transition as Transition,
    VersionSpec as VersionSpec,
    VersionStatus as VersionStatus,
)
