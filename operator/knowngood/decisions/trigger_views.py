"""What a trigger of a policy says of a version, as a decision sees it."""

from dataclasses import dataclass
from enum import StrEnum

from knowngood.analysis.seeing import Measured
from knowngood.analysis.verdicts import Finding, Verdict
from knowngood.api.v1alpha1 import PolicyMode, Severity, VerdictKind
from knowngood.api.v1alpha1.approvals import Approval
from knowngood.decisions.feeds import SuspendRule


@dataclass(frozen=True, slots=True)
class Read:
    """What a trigger's numbers were counted from.

    Attributes:
        signal: Name of the signal template.
        query: What was asked of Prometheus.
        since: From when on it was counted, unix seconds.
    """

    signal: str
    query: str
    since: float


class ActionKind(StrEnum):
    """What a policy may ask for when a trigger fires; a Gate only keeps a version from being promoted."""

    ROLLBACK = "Rollback"
    SHIFT = "ShiftToShadow"
    SAFE_PATH = "SafePath"
    HOLD = "Hold"
    GATE = "Gate"


@dataclass(frozen=True, slots=True)
class TriggerView:
    """One trigger of one policy, and what it says of the canary now.

    Attributes:
        gates: Promotion waits until this trigger's verdict is Healthy.
        stable_breached: The stable version fails the same test too, so going back to it would not help.
        critical: The rollout waits for it while it can not be seen; it also `gates` if it can be Healthy at all.
        asks: It must be shown that the version is not worse by a margin.
        mismatch: Why the requests that it compares were not split as asked; empty while nothing says so.
        measured: Its traffic; None where too little was counted to tell, or nothing is counted.
        read: What its numbers were counted from; None where its signal can not be read.
        serving_action: What its policy answers when it fires for the version that serves.
        approval: Who decides about a shift to another version, as its policy says; None where nobody is asked.
        safe_path_approval: Who decides about the safe path, as its policy says; None where it says nothing.
        suspends: Which feeds its policy wants suspended then; None for none.
        sided: Whether its test says which of two versions is better.
        digest: Of its test and of how its signal is read: one that was edited has another.
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
    critical: bool = True
    asks: bool = False
    mismatch: str = ""
    measured: Measured | None = None
    read: Read | None = None
    serving_action: ActionKind = ActionKind.HOLD
    approval: Approval | None = None
    safe_path_approval: Approval | None = None
    suspends: SuspendRule | None = None
    sided: bool = True
    digest: str = ""

    @property
    def which(self) -> tuple[str, str, str]:
        """What tells it from the other triggers that watch its model."""
        return str(self.policy_kind), self.policy, self.trigger

    @property
    def acts(self) -> bool:
        """Whether this trigger may move traffic or stop a promotion."""
        return self.mode is PolicyMode.ACT

    @property
    def breached(self) -> bool:
        """Whether it acts, and is breached."""
        return self.acts and self.verdict.kind is VerdictKind.BREACHED

    @property
    def shut(self) -> bool:
        """Whether it is a gate that nobody goes through: it takes nothing back, and it is breached."""
        return self.action is ActionKind.GATE and self.verdict.kind is VerdictKind.BREACHED

    @property
    def blind(self) -> bool:
        """Whether the signal cannot be seen now."""
        return self.verdict.kind in {VerdictKind.NO_DATA, VerdictKind.OBSERVER_ERROR}

    @property
    def unproved(self) -> bool:
        """Whether it asks for proof that is not there."""
        return self.asks and not (self.verdict.proof and self.verdict.proof.shown_at is not None)

    @property
    def unjudged(self) -> bool:
        """Whether this process has not looked at all of what is there yet."""
        return self.verdict.reason in {Finding.NOT_LOOKED, Finding.REPLAYING}
