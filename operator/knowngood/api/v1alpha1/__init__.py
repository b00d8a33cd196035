"""Group `knowngood.dev`, version `v1alpha1`. `crds/` is generated from these models."""

from knowngood.api.v1alpha1.baseline import (
    Baseline as Baseline,
)
from knowngood.api.v1alpha1.baseline import (
    BaselineSource as BaselineSource,
)
from knowngood.api.v1alpha1.command_status import (
    CommandResult as CommandResult,
)
from knowngood.api.v1alpha1.command_status import (
    LastCommand as LastCommand,
)
from knowngood.api.v1alpha1.command_status import (
    RouteOverride as RouteOverride,
)
from knowngood.api.v1alpha1.command_status import (
    Share as Share,
)
from knowngood.api.v1alpha1.command_status import (
    Undo as Undo,
)
from knowngood.api.v1alpha1.command_status import (
    UndoneAction as UndoneAction,
)
from knowngood.api.v1alpha1.comparisons import ComparedTo as ComparedTo
from knowngood.api.v1alpha1.comparisons import Direction as Direction
from knowngood.api.v1alpha1.comparisons import DistributionTest as DistributionTest
from knowngood.api.v1alpha1.comparisons import Effect as Effect
from knowngood.api.v1alpha1.comparisons import FalseAlarmBudget as FalseAlarmBudget
from knowngood.api.v1alpha1.comparisons import FalseAlarms as FalseAlarms
from knowngood.api.v1alpha1.comparisons import ProportionTest as ProportionTest
from knowngood.api.v1alpha1.deployment import (
    AIModelDeployment as AIModelDeployment,
)
from knowngood.api.v1alpha1.deployment import (
    DeletionPolicy as DeletionPolicy,
)
from knowngood.api.v1alpha1.deployment import (
    DeploymentSpec as DeploymentSpec,
)
from knowngood.api.v1alpha1.deployment import (
    Mirror as Mirror,
)
from knowngood.api.v1alpha1.deployment import (
    SideEffects as SideEffects,
)
from knowngood.api.v1alpha1.deployment_status import (
    Backend as Backend,
)
from knowngood.api.v1alpha1.deployment_status import (
    DeploymentStatus as DeploymentStatus,
)
from knowngood.api.v1alpha1.deployment_status import (
    DrainingVersion as DrainingVersion,
)
from knowngood.api.v1alpha1.deployment_status import (
    IncidentRef as IncidentRef,
)
from knowngood.api.v1alpha1.deployment_status import (
    Intent as Intent,
)
from knowngood.api.v1alpha1.deployment_status import (
    OriginalRule as OriginalRule,
)
from knowngood.api.v1alpha1.deployment_status import (
    Phase as Phase,
)
from knowngood.api.v1alpha1.deployment_status import (
    RejectedVersion as RejectedVersion,
)
from knowngood.api.v1alpha1.deployment_status import (
    TrafficStatus as TrafficStatus,
)
from knowngood.api.v1alpha1.deployment_status import (
    WatchedBy as WatchedBy,
)
from knowngood.api.v1alpha1.incident import (
    Acknowledgement as Acknowledgement,
)
from knowngood.api.v1alpha1.incident import (
    Close as Close,
)
from knowngood.api.v1alpha1.incident import (
    Incident as Incident,
)
from knowngood.api.v1alpha1.incident import (
    IncidentSpec as IncidentSpec,
)
from knowngood.api.v1alpha1.incident import (
    Origin as Origin,
)
from knowngood.api.v1alpha1.incident import (
    PolicyRef as PolicyRef,
)
from knowngood.api.v1alpha1.incident_status import (
    ActionRecord as ActionRecord,
)
from knowngood.api.v1alpha1.incident_status import (
    ActionState as ActionState,
)
from knowngood.api.v1alpha1.incident_status import (
    ActionType as ActionType,
)
from knowngood.api.v1alpha1.incident_status import (
    Attained as Attained,
)
from knowngood.api.v1alpha1.incident_status import (
    Clocks as Clocks,
)
from knowngood.api.v1alpha1.incident_status import (
    Containment as Containment,
)
from knowngood.api.v1alpha1.incident_status import (
    Ending as Ending,
)
from knowngood.api.v1alpha1.incident_status import (
    EvidenceEntry as EvidenceEntry,
)
from knowngood.api.v1alpha1.incident_status import (
    Fallback as Fallback,
)
from knowngood.api.v1alpha1.incident_status import (
    IncidentPhase as IncidentPhase,
)
from knowngood.api.v1alpha1.incident_status import (
    IncidentStatus as IncidentStatus,
)
from knowngood.api.v1alpha1.incident_status import (
    Resolution as Resolution,
)
from knowngood.api.v1alpha1.incident_status import (
    Subject as Subject,
)
from knowngood.api.v1alpha1.incident_status import (
    TimelineEntry as TimelineEntry,
)
from knowngood.api.v1alpha1.meta import (
    Condition as Condition,
)
from knowngood.api.v1alpha1.meta import (
    ConditionType as ConditionType,
)
from knowngood.api.v1alpha1.meta import (
    ObjectMeta as ObjectMeta,
)
from knowngood.api.v1alpha1.meta import (
    Reason as Reason,
)
from knowngood.api.v1alpha1.policy import (
    Action as Action,
)
from knowngood.api.v1alpha1.policy import (
    ClusterIncidentPolicy as ClusterIncidentPolicy,
)
from knowngood.api.v1alpha1.policy import (
    ClusterPolicySpec as ClusterPolicySpec,
)
from knowngood.api.v1alpha1.policy import (
    Hold as Hold,
)
from knowngood.api.v1alpha1.policy import (
    IncidentPolicy as IncidentPolicy,
)
from knowngood.api.v1alpha1.policy import (
    Limits as Limits,
)
from knowngood.api.v1alpha1.policy import (
    PolicyMode as PolicyMode,
)
from knowngood.api.v1alpha1.policy import (
    PolicySpec as PolicySpec,
)
from knowngood.api.v1alpha1.policy import (
    PolicyStatus as PolicyStatus,
)
from knowngood.api.v1alpha1.policy import (
    Response as Response,
)
from knowngood.api.v1alpha1.policy import (
    Rollback as Rollback,
)
from knowngood.api.v1alpha1.policy import (
    When as When,
)
from knowngood.api.v1alpha1.resources import (
    GROUP as GROUP,
)
from knowngood.api.v1alpha1.resources import (
    RESOURCES as RESOURCES,
)
from knowngood.api.v1alpha1.resources import (
    VERSION as VERSION,
)
from knowngood.api.v1alpha1.resources import (
    Column as Column,
)
from knowngood.api.v1alpha1.resources import (
    Resource as Resource,
)
from knowngood.api.v1alpha1.resources import (
    Scope as Scope,
)
from knowngood.api.v1alpha1.roles import (
    ShadowSpec as ShadowSpec,
)
from knowngood.api.v1alpha1.roles import (
    Standby as Standby,
)
from knowngood.api.v1alpha1.roles import (
    VersionHeader as VersionHeader,
)
from knowngood.api.v1alpha1.roles import (
    VersionNames as VersionNames,
)
from knowngood.api.v1alpha1.rollout import (
    CanaryReplicas as CanaryReplicas,
)
from knowngood.api.v1alpha1.rollout import (
    EndEarly as EndEarly,
)
from knowngood.api.v1alpha1.rollout import (
    OnInconclusive as OnInconclusive,
)
from knowngood.api.v1alpha1.rollout import (
    Pause as Pause,
)
from knowngood.api.v1alpha1.rollout import (
    Probation as Probation,
)
from knowngood.api.v1alpha1.rollout import (
    RolloutSpec as RolloutSpec,
)
from knowngood.api.v1alpha1.rollout import (
    Step as Step,
)
from knowngood.api.v1alpha1.rollout_status import (
    PassedTrigger as PassedTrigger,
)
from knowngood.api.v1alpha1.rollout_status import (
    ProofStatus as ProofStatus,
)
from knowngood.api.v1alpha1.rollout_status import (
    RolloutFailure as RolloutFailure,
)
from knowngood.api.v1alpha1.rollout_status import (
    RolloutStatus as RolloutStatus,
)
from knowngood.api.v1alpha1.rollout_status import (
    WaitingFor as WaitingFor,
)
from knowngood.api.v1alpha1.scalars import (
    Duration as Duration,
)
from knowngood.api.v1alpha1.scalars import (
    VersionName as VersionName,
)
from knowngood.api.v1alpha1.scalars import (
    percent as percent,
)
from knowngood.api.v1alpha1.scalars import (
    points as points,
)
from knowngood.api.v1alpha1.scalars import (
    seconds as seconds,
)
from knowngood.api.v1alpha1.selectors import (
    LabelRequirement as LabelRequirement,
)
from knowngood.api.v1alpha1.selectors import (
    LabelSelector as LabelSelector,
)
from knowngood.api.v1alpha1.selectors import (
    SelectorOperator as SelectorOperator,
)
from knowngood.api.v1alpha1.serving import (
    DeploymentServing as DeploymentServing,
)
from knowngood.api.v1alpha1.serving import (
    ModelSpec as ModelSpec,
)
from knowngood.api.v1alpha1.serving import (
    Port as Port,
)
from knowngood.api.v1alpha1.serving import (
    ServiceVersion as ServiceVersion,
)
from knowngood.api.v1alpha1.serving import (
    Serving as Serving,
)
from knowngood.api.v1alpha1.shared import (
    EvidenceNumbers as EvidenceNumbers,
)
from knowngood.api.v1alpha1.shared import (
    FailureReason as FailureReason,
)
from knowngood.api.v1alpha1.shared import (
    ModelRef as ModelRef,
)
from knowngood.api.v1alpha1.shared import (
    PolicyKind as PolicyKind,
)
from knowngood.api.v1alpha1.shared import (
    Role as Role,
)
from knowngood.api.v1alpha1.shared import (
    Severity as Severity,
)
from knowngood.api.v1alpha1.shared import (
    VerdictKind as VerdictKind,
)
from knowngood.api.v1alpha1.shared import (
    Watch as Watch,
)
from knowngood.api.v1alpha1.signal_template import (
    Categories as Categories,
)
from knowngood.api.v1alpha1.signal_template import (
    ClusterSignalTemplate as ClusterSignalTemplate,
)
from knowngood.api.v1alpha1.signal_template import (
    Histogram as Histogram,
)
from knowngood.api.v1alpha1.signal_template import (
    Identity as Identity,
)
from knowngood.api.v1alpha1.signal_template import (
    IdentityBy as IdentityBy,
)
from knowngood.api.v1alpha1.signal_template import (
    Ratio as Ratio,
)
from knowngood.api.v1alpha1.signal_template import (
    SignalForm as SignalForm,
)
from knowngood.api.v1alpha1.signal_template import (
    SignalTemplateSpec as SignalTemplateSpec,
)
from knowngood.api.v1alpha1.signal_template import (
    SignalTemplateStatus as SignalTemplateStatus,
)
from knowngood.api.v1alpha1.signal_template import (
    Value as Value,
)
from knowngood.api.v1alpha1.statistics import Statistic as Statistic
from knowngood.api.v1alpha1.traffic import (
    GatewayAPI as GatewayAPI,
)
from knowngood.api.v1alpha1.traffic import (
    ParentRef as ParentRef,
)
from knowngood.api.v1alpha1.traffic import (
    RouteFilter as RouteFilter,
)
from knowngood.api.v1alpha1.traffic import (
    RouteKind as RouteKind,
)
from knowngood.api.v1alpha1.traffic import (
    RouteMetadata as RouteMetadata,
)
from knowngood.api.v1alpha1.traffic import (
    RouteRef as RouteRef,
)
from knowngood.api.v1alpha1.traffic import (
    RouteRule as RouteRule,
)
from knowngood.api.v1alpha1.traffic import (
    RouteTimeouts as RouteTimeouts,
)
from knowngood.api.v1alpha1.traffic import (
    TrafficSpec as TrafficSpec,
)
from knowngood.api.v1alpha1.trial import (
    TRIAL_HEADER as TRIAL_HEADER,
)
from knowngood.api.v1alpha1.trial import (
    TrialMetrics as TrialMetrics,
)
from knowngood.api.v1alpha1.trial import (
    TrialTraffic as TrialTraffic,
)
from knowngood.api.v1alpha1.triggers import JudgedRole as JudgedRole
from knowngood.api.v1alpha1.triggers import SignalKind as SignalKind
from knowngood.api.v1alpha1.triggers import SignalRef as SignalRef
from knowngood.api.v1alpha1.triggers import ThresholdTest as ThresholdTest
from knowngood.api.v1alpha1.triggers import Trigger as Trigger
from knowngood.api.v1alpha1.triggers import TriggerTest as TriggerTest
from knowngood.api.v1alpha1.triggers import Use as Use
from knowngood.api.v1alpha1.version import (
    AIModelVersion as AIModelVersion,
)
from knowngood.api.v1alpha1.version import (
    Observed as Observed,
)
from knowngood.api.v1alpha1.version import (
    RecordedDeployment as RecordedDeployment,
)
from knowngood.api.v1alpha1.version import (
    RecordedService as RecordedService,
)
from knowngood.api.v1alpha1.version import (
    RecordedServing as RecordedServing,
)
from knowngood.api.v1alpha1.version import (
    Rejection as Rejection,
)
from knowngood.api.v1alpha1.version import (
    Standing as Standing,
)
from knowngood.api.v1alpha1.version import (
    Transition as Transition,
)
from knowngood.api.v1alpha1.version import (
    VersionSpec as VersionSpec,
)
from knowngood.api.v1alpha1.version import (
    VersionStatus as VersionStatus,
)
