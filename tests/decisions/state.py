"""One way in which something may have been written down about a model before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from knowngood.api.v1alpha1 import (
    Backend,
    DeploymentStatus,
    DrainingVersion,
    FailureReason,
    Holdback,
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
    trigger: str = ""
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
    held: str = ""
    ends: bool = False
    holdback: int = 0

    def status(self) -> DeploymentStatus | None:
        if self.phase is None:
            return None
        backends = tuple(
            Backend(
                version=v,
                service=child_name("loan", v),
                port=80,
                weight=w,
                mirror_percent=self.mirror or None if v == (self.canary or self.shadow) else None,
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
            holdback=self._holdback() if self.held else None,
            incidents=int(self.incident),
            incident_ref=IncidentRef(name="loan-1") if self.incident else None,
        )

    def _holdback(self) -> Holdback:
        began = NOW - timedelta(hours=1)
        since = NOW - timedelta(minutes=30)
        ends = self.ends or None
        return Holdback(version=self.held, since=since, evidence_since=began, ends=ends)

    def _undo(self) -> Undo:
        action = UndoneAction.RETURN if self.returning else UndoneAction.PROMOTION
        words = {"what": "it is taken back", "command": f"undo {self.stable}"}
        return Undo(action=action, version=self.stable, to=self.undo_to, **words)

    def _rollout(self, version: str) -> RolloutStatus:
        share = (self.weights or {}).get(version, 0) or self.mirror
        answers = share > 0 or self.failed is not None
        failure = self.failed and RolloutFailure(
            reason=self.failed,
            message="it failed",
            trigger=self.trigger or None,
            detected_at=NOW - self.age,
            incident="loan-1" if self.incident else None,
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
