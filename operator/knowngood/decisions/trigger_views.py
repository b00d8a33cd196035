"""What a trigger of a policy says of a version, as a decision sees it."""

from dataclasses import dataclass
from enum import StrEnum

from knowngood.analysis.verdicts import Verdict
from knowngood.api.v1alpha1 import PolicyMode, Severity, VerdictKind


class ActionKind(StrEnum):
    """What a policy may ask for when a trigger fires."""

    ROLLBACK = "Rollback"
    HOLD = "Hold"


@dataclass(frozen=True, slots=True)
class TriggerView:
    """One trigger of one policy, and what it says of the canary now.

    Attributes:
        gates: Promotion waits until this trigger's verdict is Healthy.
        stable_breached: The stable version fails the same test too, so going back to it would not help.
    """

    policy: str
    policy_kind: str
    policy_generation: int
    trigger: str
    mode: PolicyMode
    action: ActionKind
    severity: Severity
    verdict: Verdict
    gates: bool
    stable_breached: bool = False

    @property
    def acts(self) -> bool:
        """Whether this trigger may move traffic or stop a promotion."""
        return self.mode is PolicyMode.ACT

    @property
    def blind(self) -> bool:
        """Whether the signal cannot be seen now."""
        return self.verdict.kind in {VerdictKind.NO_DATA, VerdictKind.OBSERVER_ERROR}
