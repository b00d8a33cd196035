"""Which policies speak for a model, which trigger means what, and what is wrong with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    ClusterIncidentPolicy,
    ClusterSignalTemplate,
    ComparedTo,
    Direction,
    IncidentPolicy,
    JudgedRole,
    PolicyMode,
    PolicySpec,
    SignalForm,
    SignalTemplateSpec,
    Statistic,
    Trigger,
    Use,
    When,
)
from knowngood.api.v1alpha1.approvals import Approval
from knowngood.decisions.feeds import REQUIRED, SuspendRule
from knowngood.decisions.responding import response_for_serving
from knowngood.decisions.trigger_views import ActionKind

Policy = IncidentPolicy | ClusterIncidentPolicy

SERVED_BY: Mapping[str, tuple[SignalForm, ...]] = {
    "proportion": (SignalForm.RATIO,),
    "threshold": (SignalForm.RATIO, SignalForm.VALUE),
    "distribution": (SignalForm.HISTOGRAM, SignalForm.CATEGORIES),
    "rate": (SignalForm.RATIO,),
    "disagreement": (SignalForm.RATIO,),
}
"""Which kinds of signals serve a test, by its field."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A trigger of a policy, bound to a model.

    Attributes:
        alpha: This trigger's share of the model's false-alarm budget for a rollout; only tests that compare with the
            version beside it spend one.
        once_in: Judged minutes in which it may raise one false alarm about what serves; only tests that compare with
            what is remembered have them.
        design_effect: How many requests count as one; None: that is still to be measured.
        read: What its signal's template says; empty where there is none.
        digest: Of its test and of what its signal's template says.
    """

    policy: Policy
    trigger: Trigger
    action: ActionKind
    alpha: float
    once_in: float = 0.0
    design_effect: float | None = 1.0
    read: str = ""
    digest: str = ""

    @property
    def acts(self) -> bool:
        """Whether it may do more than be told."""
        return self.policy.spec.mode is PolicyMode.ACT and self.trigger.use is not Use.NOTIFY

    @property
    def takes_back(self) -> bool:
        """Whether a breach may do something about the version, and not only keep it from being promoted."""
        return self.acts and self.action is not ActionKind.GATE

    @property
    def critical(self) -> bool:
        """Whether a rollout waits for it, if it acts; a gate that nobody waits for would be none."""
        return self.trigger.use is Use.GATE or self.trigger.critical is not False

    @property
    def asks(self) -> bool:
        """Whether it must be shown that the version is not worse by a margin."""
        test = self.trigger.test.proportion
        return test is not None and test.non_inferior is not None

    @property
    def bad_change(self) -> Direction | None:
        """Which change of a share is bad; None where the test does not say, or is not about a share."""
        proportion, threshold = self.trigger.test.proportion, self.trigger.test.threshold
        if proportion is not None:
            return None if proportion.direction is Direction.EITHER else proportion.direction
        if threshold is not None:
            return Direction.INCREASE if threshold.above is not None else Direction.DECREASE
        return None

    @property
    def compares(self) -> bool:
        """Whether it compares a version with the one beside it, request by request."""
        test = self.trigger.test.proportion or self.trigger.test.distribution
        return test is not None and test.compared_to is ComparedTo.STABLE

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What tells this trigger from every other one."""
        meta = self.policy.metadata
        return self.policy.kind, meta.namespace or "", meta.name, self.trigger.name


def policies_for(
    model: AIModelDeployment, policies: Iterable[Policy], namespace_labels: Mapping[str, str]
) -> list[Policy]:
    """Select the policies that speak for a model."""
    return [p for p in policies if selects(p, model, namespace_labels)]


def selects(policy: Policy, model: AIModelDeployment, namespace_labels: Mapping[str, str]) -> bool:
    """Say whether a policy speaks for a model."""
    if isinstance(policy, ClusterIncidentPolicy):
        if not policy.spec.namespace_selector.matches(namespace_labels):
            return False
    elif policy.metadata.namespace != model.metadata.namespace:
        return False
    return policy.spec.selector.matches(model.metadata.labels)


def serving_action_of(spec: PolicySpec, trigger: Trigger) -> ActionKind:
    """Find what a policy answers when a trigger fires for what serves; to hold where no response does."""
    response = response_for_serving(spec, trigger)
    actions = response.actions if response else ()
    if any(action.shift_to_shadow is not None for action in actions):
        return ActionKind.SHIFT
    if any(action.safe_path is not None for action in actions):
        return ActionKind.SAFE_PATH
    return ActionKind.HOLD


def feeds_of(spec: PolicySpec, trigger: Trigger) -> SuspendRule | None:
    """Find which feeds a policy wants suspended when a trigger fires for what serves; None for none.

    It is said by the first response that answers it, as for the requests themselves.
    """
    response = response_for_serving(spec, trigger)
    actions = response.actions if response else ()
    said = [a.suspend_feed for a in actions if a.suspend_feed is not None]
    if not said:
        return None
    every = any(not one.feeds for one in said)
    names = () if every else tuple(name for one in said for name in one.feeds)
    rule = next((a for a in spec.approval if a.action is REQUIRED.action), REQUIRED)
    return SuspendRule(names, rule)


def approval_of(spec: PolicySpec, action: ActionKind) -> Approval | None:
    """Find who decides about an action of a policy; None where it does not say."""
    return next((a for a in spec.approval if a.action.value == action.value), None)


def action_of(spec: PolicySpec, trigger: Trigger) -> ActionKind:
    """Find what a policy answers when a trigger fires for a canary: the first response that fits, else a rollback."""
    if trigger.use is Use.GATE:
        return ActionKind.GATE
    for response in spec.responses:
        when = response.when or When()
        if when.triggers and trigger.name not in when.triggers:
            continue
        if when.roles and JudgedRole.CANARY not in when.roles:
            continue
        hold = all(action.hold is not None for action in response.actions)
        return ActionKind.HOLD if hold else ActionKind.ROLLBACK
    return ActionKind.ROLLBACK


def unresolved(policy: Policy, templates: Mapping[str, ClusterSignalTemplate]) -> str | None:
    """Say which trigger names a signal that cannot serve it; None when all can."""
    for trigger in policy.spec.triggers:
        template = templates.get(trigger.signal.name)
        where = f"spec.triggers[{trigger.name}]"
        if template is None:
            return f"{where}.signal.name: there is no ClusterSignalTemplate {trigger.signal.name}"
        words = _unserved(trigger, template.spec)
        if words is not None:
            return f"{where}.test.{words}"
        if template.spec.delayed and JudgedRole.CANARY in trigger.roles:
            return f"{where}.roles: {_early(trigger.signal.name)}"
        if trigger.use is Use.GATE and template.spec.form is SignalForm.VALUE:
            name = trigger.signal.name
            return f"{where}.use: signal {name} is a value, which holds no promotion; use Act or Notify"
    return None


def _early(signal: str) -> str:
    return (
        f"signal {signal} is delayed: what is known of a canary's decisions are those that turned out early, so it is "
        "not judged by them; set roles: [Stable]"
    )


_ORDERED = {Statistic.MAX_GAP, Statistic.WASSERSTEIN}  # categories have no order to measure by
_INSTEAD = {
    SignalForm.RATIO: "use proportion or threshold",
    SignalForm.HISTOGRAM: "use distribution, or a ratio of a histogram above an edge",
    SignalForm.CATEGORIES: "use distribution, or a ratio of one category",
    SignalForm.VALUE: "use threshold",
}


def _unserved(trigger: Trigger, template: SignalTemplateSpec) -> str | None:
    """Which test of a trigger a signal can not serve, and which ones it can; None when it serves it."""
    form = template.form
    if form is None:
        return None  # the template's own condition says so
    name = trigger.signal.name
    for test, serving in SERVED_BY.items():
        if getattr(trigger.test, test) is not None and form not in serving:
            wanted = " or ".join(serving)
            return (
                f"{test}: signal {name} is of kind {form}, and {wanted} is needed; {_INSTEAD[form]}"
            )
    compared = trigger.test.distribution
    if compared is not None and compared.name is not None and template.segments is None:
        return f"distribution.name: signal {name} has no segments that could be named"
    if compared is not None and form is SignalForm.CATEGORIES and compared.statistic in _ORDERED:
        return (
            f"distribution.statistic: {compared.statistic} needs a histogram, and signal {name} is of "
            f"kind {form}; use PSI or JS"
        )
    threshold = trigger.test.threshold
    if threshold is not None and threshold.samples is not None and form is not SignalForm.RATIO:
        return f"threshold.samples: signal {name} counts no requests; use window"
    return None
