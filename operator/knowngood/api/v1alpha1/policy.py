"""IncidentPolicy and ClusterIncidentPolicy.

What counts as an incident, and what is done about it.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from knowngood.api.hints import between, cel, exactly_one, listed, validated_by
from knowngood.api.v1alpha1.approvals import Approval
from knowngood.api.v1alpha1.escalation import MOST_STEPS, EscalationStep
from knowngood.api.v1alpha1.false_alarms import FalseAlarmBudget
from knowngood.api.v1alpha1.meta import Conditions, ObjectMeta
from knowngood.api.v1alpha1.scalars import DnsLabel, Duration, ObjectName
from knowngood.api.v1alpha1.selectors import LabelSelector
from knowngood.api.v1alpha1.shared import Count
from knowngood.api.v1alpha1.triggers import JudgedRole, Trigger
from knowngood.api.v1alpha1.wire import Wire


class PolicyMode(StrEnum):
    """Observe writes down what would be done; Act does it."""

    OBSERVE = "Observe"
    ACT = "Act"


class Rollback(Wire):
    """Send all requests back to the stable version, and reject the canary."""


class ShiftToShadow(Wire):
    """Send all requests from the version that serves to the one that stands by, if that was seen to be right."""


class SafePath(Wire):
    """Send all requests to the model's safe path: no version is to answer."""


class SuspendFeed(Wire):
    """Suspend the jobs that bring the data which features are made of, until a person resumes them."""

    feeds: Annotated[
        tuple[Annotated[ObjectName, Field(description="The name of a feed.")], ...],
        listed(8),
    ] = ()
    """Which ones, by the names of their objects in spec.feeds of the model. Default: all of them."""


class Hold(Wire):
    """Change nothing: the rollout does not go on."""


class Action(Wire):
    """Something that is done: exactly one kind."""

    model_config = validated_by(
        exactly_one("rollback", "shiftToShadow", "safePath", "suspendFeed", "hold")
    )

    rollback: Rollback | None = None
    """Send all requests back to the stable version, and reject the canary."""

    shift_to_shadow: ShiftToShadow | None = None
    """Walk the model's ladder (spec.fallback.order): send all requests from the version that serves to the one that
    stands by, if that was seen to be right; else to the safe path, if there is one."""

    safe_path: SafePath | None = None
    """Walk the model's ladder from its safe path on: no other version is asked."""

    suspend_feed: SuspendFeed | None = None
    """Suspend what the model's features come from, and leave it so until a person resumes it. People are asked before,
    unless spec.approval says otherwise for SuspendFeed."""

    hold: Hold | None = None
    """Change nothing: the rollout does not go on."""


class When(Wire):
    """Which breaches a response is for. Everything that is set must fit."""

    roles: Annotated[tuple[JudgedRole, ...], listed(4)] = ()
    """Roles of the breached version. Default: all."""

    triggers: Annotated[
        tuple[Annotated[DnsLabel, Field(description="The name of a trigger.")], ...],
        listed(32),
    ] = ()
    """Names of triggers of this policy. Default: all."""


class Response(Wire):
    """What is done about a breach."""

    model_config = validated_by(
        cel(
            "!self.actions.exists(a, has(a.shiftToShadow)) || "
            "(has(self.when) && has(self.when.roles) && self.when.roles == ['Stable'])",
            "shiftToShadow is for the version that serves: set when.roles to [Stable]",
        ),
        cel(
            "!self.actions.exists(a, has(a.safePath)) || "
            "(has(self.when) && has(self.when.roles) && self.when.roles == ['Stable'])",
            "safePath is for the version that serves: set when.roles to [Stable]",
        ),
        cel(
            "!self.actions.exists(a, has(a.suspendFeed)) || "
            "(has(self.when) && has(self.when.roles) && self.when.roles == ['Stable'])",
            "suspendFeed is for the version that serves: set when.roles to [Stable]",
        ),
    )

    name: DnsLabel
    """Name of the response."""

    when: When | None = None
    """Which breaches it is for. Default: all."""

    actions: Annotated[tuple[Action, ...], listed(8, 1)]
    """What is done."""


class Limits(Wire):
    """Bounds for the whole policy, counted for each model."""

    false_alarm_budget: FalseAlarmBudget | None = None
    """False alarms that are accepted over all triggers; shared by those that say nothing
    themselves. Default: 1%."""

    actions_per_hour: Annotated[int, Field(ge=1, le=10)] | None = None
    """How often the requests of what serves may be shifted by itself within an hour, and how often feeds may be
    suspended: each is counted for itself. Of several policies in mode Act the smallest number counts. Default: no
    limit."""

    cooldown: Annotated[Duration, between("1s", "24h")] | None = None
    """How long nothing is shifted by itself after a shift has begun, and no feed is suspended after one was; the
    longest one counts. Default: none."""


class PolicySpec(Wire):
    """Which models are guarded, by which triggers, and what follows."""

    model_config = validated_by(
        cel(
            "!has(self.responses) || "
            "self.responses.all(r, !has(r.when) || !has(r.when.triggers) || "
            "r.when.triggers.all(t, self.triggers.exists(x, x.name == t)))",
            "when.triggers must name triggers of this policy",
            path=".responses",
        )
    )

    selector: LabelSelector
    """Models that are guarded, by their labels. An empty selector chooses all."""

    mode: PolicyMode = PolicyMode.OBSERVE
    """Observe writes down what would be done and moves nothing; Act does it."""

    triggers: Annotated[tuple[Trigger, ...], listed(32, 1, key="name")]
    """What is tested."""

    responses: Annotated[tuple[Response, ...], listed(16)] = ()
    """What is done: the first response that fits. Without one that fits, a breached canary is
    rolled back."""

    approval: Annotated[tuple[Approval, ...], listed(8, key="action")] = ()
    """Who decides about which action. Default: nobody is asked about ShiftToShadow, and one person has to approve
    SafePath and SuspendFeed."""

    limits: Limits | None = None
    """Bounds for the whole policy."""

    escalation: Annotated[tuple[EscalationStep, ...], listed(MOST_STEPS)] = ()
    """Who is told of an incident, and after how long somebody else is. Default: the receivers that the
    operator's own configuration calls default, at once."""


class ClusterPolicySpec(PolicySpec):
    """Which models are guarded in which namespaces, by which triggers, and what follows."""

    namespace_selector: LabelSelector
    """Namespaces whose models are guarded, by their labels. An empty selector chooses all."""


class PolicyStatus(Wire):
    """What the policy does."""

    observed_generation: Count = 0
    """The generation of the spec that the status is about."""

    selected_models: Count = 0
    """How many models are guarded."""

    conditions: Conditions = ()
    """Observations: Ready, SignalsResolved, ReceiversFound."""


class IncidentPolicy(Wire):
    """What counts as an incident of the models in its namespace, and what is done about it."""

    api_version: Literal["knowngood.dev/v1alpha1"] = "knowngood.dev/v1alpha1"
    kind: Literal["IncidentPolicy"] = "IncidentPolicy"
    metadata: ObjectMeta

    spec: PolicySpec
    """Which models are guarded, by which triggers, and what follows."""

    status: PolicyStatus | None = None
    """What the policy does."""


class ClusterIncidentPolicy(Wire):
    """What counts as an incident of the models in many namespaces, and what is done about it."""

    api_version: Literal["knowngood.dev/v1alpha1"] = "knowngood.dev/v1alpha1"
    kind: Literal["ClusterIncidentPolicy"] = "ClusterIncidentPolicy"
    metadata: ObjectMeta

    spec: ClusterPolicySpec
    """Which models are guarded in which namespaces, by which triggers, and what follows."""

    status: PolicyStatus | None = None
    """What the policy does."""
