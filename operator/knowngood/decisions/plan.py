"""What a decision says: the state that the model should be written down in, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from knowngood.api.v1alpha1 import (
    Baseline,
    DrainingVersion,
    FailureReason,
    GivenCommand,
    Holdback,
    LastCommand,
    PassedTrigger,
    Phase,
    RejectedVersion,
    RolloutFailure,
    RolloutStatus,
    RouteOverride,
    ServingBreach,
    Standing,
    Undo,
    VersionHeader,
    WaitingFor,
    WatchedBy,
)
from knowngood.api.v1alpha1.feed_status import HeldFeed
from knowngood.api.v1alpha1.safe_path import SAFE_PATH, SafePathStatus, Veto
from knowngood.decisions.phases import COPIED


@dataclass(frozen=True, slots=True)
class Notice:
    """One Event for people, told once per edge.

    Attributes:
        key: What makes the edge unique for this model: the same notice with the same key is told once, also across
            restarts.
    """

    reason: str
    message: str
    key: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class StandingChange:
    """A version's standing changes."""

    version: str
    standing: Standing
    reason: str
    passed: tuple[PassedTrigger, ...] = ()


@dataclass(frozen=True, slots=True)
class Blocked:
    """Something that has to be done cannot be done safely; a person has to look."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The state to write down, before anything is done about it.

    Attributes:
        resume: The phase in which a suspended model goes on.
        mirror: Percent of the requests that the version which stands by gets copies of, at rest.
        weights: Percent by version that the route should have; 0 keeps who is draining in the route.
        why: The reason of these weights, one word.
        header: The header of answers that names the version.
        drifts: When somebody else was found to have changed the weights.
        override: Weights that a person has set by hand, and that are kept for a while.
        undo: What the command undo would do.
        commands: What people have asked for lately, in order.
        holdback: The version from before the promotion, while it keeps a share.
        breaches: What is found about the version that answers everybody.
        safe_path: The safe path, while requests go there or are to.
        judged_since: Since when what serves is judged anew, as a person has given it the requests back.
        vetoes: What is not done again while its incident is open.
        shifts: When requests of what serves were last shifted by itself.
        feeds: Feeds that are suspended, or are to be.
        suspensions: When feeds were last suspended by itself.
        watch: Triggers that have watched rollouts since the last promotion.
        handed_in: Baselines that a person hands in, by version.
        wake_at: When the next decision is due although nothing else happens; None for never.
    """

    phase: Phase
    resume: Phase | None = None
    stable: str = ""
    canary: str = ""
    shadow: str = ""
    mirror: int = 0
    rollout: RolloutStatus | None = None
    weights: Mapping[str, int] | None = None
    why: str = ""
    breaches: tuple[ServingBreach, ...] = ()
    safe_path: SafePathStatus | None = None
    judged_since: datetime | None = None
    vetoes: tuple[Veto, ...] = ()
    shifts: tuple[datetime, ...] = ()
    feeds: tuple[HeldFeed, ...] = ()
    suspensions: tuple[datetime, ...] = ()
    watch: tuple[WatchedBy, ...] = ()
    drifts: tuple[datetime, ...] = ()
    header: VersionHeader | None = None
    draining: tuple[DrainingVersion, ...] = ()
    holdback: Holdback | None = None
    rejected: tuple[RejectedVersion, ...] = ()
    incidents: int = 0
    incident: str = ""
    last_command: LastCommand | None = None
    commands: tuple[GivenCommand, ...] = ()
    override: RouteOverride | None = None
    undo: Undo | None = None
    standings: tuple[StandingChange, ...] = ()
    handed_in: Mapping[str, tuple[Baseline, ...]] | None = None
    notices: tuple[Notice, ...] = ()
    blocked: Blocked | None = None
    wake_at: datetime | None = None

    @property
    def shares(self) -> Mapping[str, int]:
        """The weights, empty when there are none yet."""
        return self.weights or {}

    @property
    def copies(self) -> Mapping[str, int]:
        """Percent of the requests that versions should get copies of.

        A canary does in a rollout's steps, and the version that stands by at rest: one of them at most.
        """
        if self.phase in COPIED and self.shadow and self.mirror:
            return {self.shadow: self.mirror}
        stepping = self.phase in {Phase.PROGRESSING, Phase.PAUSED}
        if self.rollout is None or not stepping or self.rollout.mirror == 0:
            return {}
        return {self.rollout.version: self.rollout.mirror}

    @property
    def tested(self) -> str:
        """The version that should answer requests by which people try it; empty outside of a rollout's steps."""
        if self.rollout is None or self.phase not in {Phase.PROGRESSING, Phase.PAUSED}:
            return ""
        return self.rollout.version if self.rollout.tested else ""

    def tell(self, notice: Notice) -> "Plan":
        """Add a notice."""
        return replace(self, notices=(*self.notices, notice))

    def stand(
        self,
        version: str,
        standing: Standing,
        reason: str,
        passed: tuple[PassedTrigger, ...] = (),
    ) -> "Plan":
        """Change a version's standing; for a promotion, with what the triggers said."""
        change = StandingChange(version, standing, reason, passed)
        return replace(self, standings=(*self.standings, change))

    def wake(self, at: datetime) -> "Plan":
        """Be asked again at `at`, or earlier if something else wants that."""
        return replace(self, wake_at=at if self.wake_at is None else min(at, self.wake_at))

    def waiting(self, what: WaitingFor, lacks: tuple[str, ...] = ()) -> "Plan":
        """Note what the rollout waits for, and what is missing by trigger."""
        if self.rollout is None:
            return self
        update = {"waiting_for": what, "lacks": lacks}
        return replace(self, rollout=self.rollout.model_copy(update=update))


def edge_key(rollout: RolloutStatus | None, what: str) -> str:
    """Name an edge of one rollout so that it is told once, also by the next process."""
    return f"{rollout.version}/{rollout.started_at.isoformat()}/{what}" if rollout else what


def enter_step(rollout: RolloutStatus, index: int, now: datetime) -> RolloutStatus:
    """Go to a step."""
    return rollout.model_copy(
        update={
            "step": index,
            "step_started_at": now,
            "waiting_for": WaitingFor.NONE,
            "lacks": (),
            "unseen_for": None,
        }
    )


def go_back(plan: Plan, failure: RolloutFailure, now: datetime) -> Plan:
    """Send all traffic back to the stable version."""
    if plan.rollout is None:
        return plan
    changed = {"failure": failure, "step_started_at": now, "lacks": ()}
    rollout = plan.rollout.model_copy(update={**changed, "waiting_for": WaitingFor.ROUTE})
    gone = [*(d.version for d in plan.draining), *({SAFE_PATH} & plan.shares.keys())]
    return replace(
        plan,
        phase=Phase.ROLLING_BACK,
        rollout=rollout,
        weights={**dict.fromkeys(gone, 0), plan.stable: 100, rollout.version: 0},
        why="Rollback" if failure.reason is not FailureReason.SUPERSEDED else "Superseded",
        blocked=None,
    )
