"""What may have been written down about a model before: every phase, in the ways that matter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from knowngood.api.v1alpha1 import (
    Backend,
    DeploymentStatus,
    DrainingVersion,
    FailureReason,
    IncidentRef,
    Phase,
    RolloutFailure,
    RolloutStatus,
    Standing,
    Step,
    TrafficStatus,
    Undo,
    UndoneAction,
    VersionNames,
    WaitingFor,
)
from knowngood.decisions.edits import steps_digest
from knowngood.decisions.naming import child_name

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEPS = [
    {"setWeight": 10},
    {"pause": {"duration": "5m", "minSamples": 100}},
    {"setWeight": 50},
    {"pause": {}},
]
GATE = len(STEPS)


@dataclass(frozen=True, slots=True)
class State:
    """What was written down before: the phase, the shares, and the rollout."""

    phase: Phase | None
    stable: str = "7"
    canary: str = ""
    weights: Mapping[str, int] | None = None
    step: int | None = None
    waiting: WaitingFor = WaitingFor.NONE
    failed: FailureReason | None = None
    incident: bool = False
    draining: tuple[str, ...] = ()
    age: timedelta = timedelta(seconds=20)
    recorded: bool = True
    resume: Phase | None = None
    mirror: int = 0
    returns: bool = False
    shadow: str = ""
    stands: Mapping[str, Standing] = field(default_factory=dict)
    undo_to: str = ""
    returning: str = ""
    paused: bool = False
    tested: bool = False

    def status(self) -> DeploymentStatus | None:
        if self.phase is None:
            return None
        backends = tuple(
            Backend(
                version=v,
                service=child_name("loan", v),
                port=80,
                weight=w,
                mirror_percent=self.mirror or None if v == self.canary else None,
                tested=self.tested or None if v == self.canary else None,
            )
            for v, w in (self.weights or {}).items()
        )
        return DeploymentStatus(
            phase=self.phase,
            resume=self.resume,
            versions=VersionNames(
                desired="8", stable=self.stable, canary=self.canary, shadow=self.shadow
            ),
            undo=self._undo() if self.undo_to else None,
            rollout=None if self.step is None else self._rollout(self.canary or "8"),
            traffic=None if self.weights is None else TrafficStatus(backends=backends),
            draining=tuple(DrainingVersion(version=v, since=NOW) for v in self.draining),
            incidents=int(self.incident),
            incident_ref=IncidentRef(name="loan-1") if self.incident else None,
        )

    def _undo(self) -> Undo:
        action = UndoneAction.RETURN if self.returning else UndoneAction.PROMOTION
        words = {"what": "it is taken back", "command": f"undo {self.stable}"}
        return Undo(action=action, version=self.stable, to=self.undo_to, **words)

    def _rollout(self, version: str) -> RolloutStatus:
        share = (self.weights or {}).get(version, 0) or self.mirror
        answers = share > 0 or self.failed is not None
        failure = self.failed and RolloutFailure(
            reason=self.failed, message="it failed", detected_at=NOW - self.age
        )
        return RolloutStatus(
            paused=self.paused or None,
            returning=self.returning or None,
            version=version,
            digest="v1:sha256:" + "0" * 64,
            step=self.step or 0,
            steps=GATE,
            returns=self.returns or None,
            done=steps_digest(tuple(Step.model_validate(step) for step in STEPS[: self.step or 0])),
            started_at=NOW - timedelta(hours=1),
            step_started_at=NOW - self.age,
            evidence_since=NOW - timedelta(minutes=30) if answers else None,
            waiting_for=self.waiting,
            failure=failure or None,
            mirror=self.mirror,
            tested=self.tested or None,
        )


ROLLING_STATES = {
    "no share yet": State(
        Phase.PROGRESSING,
        canary="8",
        weights={"7": 100, "8": 0},
        step=0,
        waiting=WaitingFor.PODS,
    ),
    "first share asked for": State(
        Phase.PROGRESSING,
        canary="8",
        weights={"7": 90, "8": 10},
        step=0,
        waiting=WaitingFor.ROUTE,
    ),
    "copies are sent": State(
        Phase.PAUSED, canary="8", weights={"7": 100, "8": 0}, step=1, mirror=40
    ),
    "tried by people": State(
        Phase.PAUSED, canary="8", weights={"7": 90, "8": 10}, step=1, tested=True
    ),
    "pausing": State(
        Phase.PAUSED, canary="8", weights={"7": 90, "8": 10}, step=1, waiting=WaitingFor.TIME
    ),
    "pause is over": State(
        Phase.PAUSED,
        canary="8",
        weights={"7": 90, "8": 10},
        step=1,
        age=timedelta(minutes=6),
    ),
    "larger share wanted": State(
        Phase.PROGRESSING, canary="8", weights={"7": 90, "8": 10}, step=2, draining=("6",)
    ),
    "waiting for a person": State(
        Phase.PAUSED, canary="8", weights={"7": 50, "8": 50}, step=3, waiting=WaitingFor.PERSON
    ),
    "all steps done": State(Phase.PROGRESSING, canary="8", weights={"7": 50, "8": 50}, step=GATE),
    "at the gate": State(
        Phase.PAUSED, canary="8", weights={"7": 50, "8": 50}, step=GATE, waiting=WaitingFor.SAMPLES
    ),
    "promoting": State(
        Phase.PROMOTING, canary="8", weights={"7": 50, "8": 50}, step=GATE, waiting=WaitingFor.PODS
    ),
    "promoted without a share": State(
        Phase.PROMOTING, canary="8", weights={"7": 100, "8": 0}, step=GATE, waiting=WaitingFor.PODS
    ),
    "promoted, not seen yet": State(
        Phase.PROMOTING, canary="8", weights={"7": 0, "8": 100}, step=GATE, waiting=WaitingFor.ROUTE
    ),
    "coming back": State(
        Phase.PROGRESSING,
        canary="8",
        weights={"7": 100, "8": 0},
        step=GATE,
        returns=True,
        stands={"8": Standing.KNOWN_GOOD},
    ),
    "coming back, not seen yet": State(
        Phase.PROMOTING,
        canary="8",
        weights={"7": 0, "8": 100},
        step=GATE,
        waiting=WaitingFor.ROUTE,
        returns=True,
        stands={"7": Standing.KNOWN_GOOD, "8": Standing.KNOWN_GOOD},
    ),
}
OTHER_STATES = {
    "new": State(None, stable="", recorded=False),
    "status lost": State(None, stable=""),
    "first version starts": State(Phase.INITIALIZING, stable="", step=0, waiting=WaitingFor.PODS),
    "first version gets the traffic": State(
        Phase.INITIALIZING, stable="", weights={"8": 100}, step=0, waiting=WaitingFor.ROUTE
    ),
    "at rest": State(Phase.PROBATION, weights={"7": 100}),
    "at rest, draining": State(Phase.PROBATION, weights={"7": 100, "6": 0}, draining=("6",)),
    "at rest, with a standby": State(
        Phase.PROBATION,
        weights={"7": 100},
        shadow="8",
        stands={"8": Standing.KNOWN_GOOD},
    ),
    "rolling back": State(
        Phase.ROLLING_BACK,
        canary="8",
        weights={"7": 100, "8": 0},
        step=1,
        failed=FailureReason.BREACHED,
        incident=True,
    ),
    "superseded": State(
        Phase.ROLLING_BACK,
        canary="8",
        weights={"7": 100, "8": 0},
        step=1,
        failed=FailureReason.SUPERSEDED,
    ),
    "rolled back": State(
        Phase.ROLLED_BACK,
        weights={"7": 100, "8": 0},
        step=1,
        failed=FailureReason.ABORTED,
        draining=("8",),
    ),
    "just promoted": State(
        Phase.PROBATION, stable="8", weights={"8": 100, "7": 0}, draining=("7",), undo_to="7"
    ),
    "rolled back to a known good version": State(
        Phase.ROLLED_BACK,
        weights={"7": 100, "8": 0},
        step=1,
        failed=FailureReason.ABORTED,
        draining=("8",),
        stands={"7": Standing.KNOWN_GOOD},
    ),
    "at rest, just found good": State(
        Phase.PROBATION, weights={"7": 100}, stands={"7": Standing.KNOWN_GOOD}
    ),
    "guarding": State(
        Phase.GUARDING,
        stable="8",
        weights={"8": 100},
        undo_to="7",
        stands={"8": Standing.KNOWN_GOOD},
    ),
    "guarding, not known good any more": State(Phase.GUARDING, stable="8", weights={"8": 100}),
    "returning": State(
        Phase.ROLLING_BACK,
        stable="8",
        weights={"8": 100, "7": 0},
        step=0,
        waiting=WaitingFor.PODS,
        failed=FailureReason.UNDONE,
        undo_to="7",
        returning="7",
    ),
    "paused by a person": State(
        Phase.PAUSED,
        canary="8",
        weights={"7": 50, "8": 50},
        step=3,
        waiting=WaitingFor.RESUME,
        paused=True,
    ),
    "state lost": State(Phase.PAUSED, canary="8", weights={"7": 50, "8": 50}),
    "suspended": State(
        Phase.SUSPENDED,
        canary="8",
        weights={"7": 90, "8": 10},
        step=1,
        age=timedelta(hours=9),
        resume=Phase.PAUSED,
    ),
    "going": State(Phase.TERMINATING, weights=None),
}
STATES = ROLLING_STATES | OTHER_STATES
