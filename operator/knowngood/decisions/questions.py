"""What people may be asked about: another version, or the safe path; and who decides about each."""

from collections.abc import Iterable
from typing import Final

from knowngood.api.v1alpha1 import ServingBreach
from knowngood.api.v1alpha1.approvals import (
    Approval,
    ApprovalMode,
    ApprovalRequest,
    ApprovedAction,
    OnTimeout,
)
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import TriggerView

ASKED: Final = Approval(action=ApprovedAction.SAFE_PATH, mode=ApprovalMode.REQUIRE)
"""Who decides about the safe path where a policy does not say."""


def rule_for(
    breach: ServingBreach, trigger: TriggerView, *, safe_path: bool = False
) -> Approval | None:
    """Who decides. About the safe path people do where a policy does not say.

    Whatever it says they do for one of many, and where the safe path was lost before.
    """
    if not safe_path:
        return trigger.approval
    rule = trigger.safe_path_approval or ASKED
    if breach.common_cause is None and breach.safe_path_lost_at is None:
        return rule
    held = {"mode": ApprovalMode.REQUIRE, "on_timeout": OnTimeout.HOLD}
    return rule.model_copy(update=held)


def without_questions(
    breaches: Iterable[ServingBreach], of: ServingBreach, *, safe_path: bool
) -> tuple[ServingBreach, ...]:
    """Ask nobody any more about one of the two, in the incident of a breach."""
    return tuple(
        b.model_copy(update={"approval": None}) if _is_about(b, of, safe_path=safe_path) else b
        for b in breaches
    )


def target(asked: ApprovalRequest) -> str:
    """Name whom people are asked about: another version, or the safe path."""
    return f"the safe path ({asked.service})" if asked.is_safe_path else f"version {asked.to}"


def is_another(s: Situation, plan: Plan, asked: ApprovalRequest) -> bool:
    """Whether the requests would go to somebody else by now than whom people were asked about."""
    if not asked.is_safe_path:
        return plan.shadow not in {"", asked.to}
    spec = s.model.spec.safe_path
    return spec is None or spec.service.name != asked.service


def _is_about(breach: ServingBreach, of: ServingBreach, *, safe_path: bool) -> bool:
    if breach.approval is None or breach.incident != of.incident or breach.safe_path_refused:
        return False
    return breach.approval.is_safe_path is safe_path
