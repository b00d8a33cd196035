"""Situations of a model that serves version 7 and may be trying version 8, built from a few words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from knowngood.analysis.verdicts import Evidence, Verdict
from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    Backend,
    DeploymentStatus,
    DrainingVersion,
    FailureReason,
    IncidentRef,
    Phase,
    PolicyMode,
    RolloutFailure,
    RolloutStatus,
    Severity,
    Standing,
    Step,
    TrafficStatus,
    VerdictKind,
    VersionNames,
    WaitingFor,
)
from knowngood.decisions.edits import steps_digest
from knowngood.decisions.naming import child_name
from knowngood.decisions.situation import ActionKind, RouteView, Situation, TriggerView

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONSET = (NOW - timedelta(seconds=35)).timestamp()
STEPS = [
    {"setWeight": 10},
    {"pause": {"duration": "5m", "minSamples": 100}},
    {"setWeight": 50},
    {"pause": {}},
]
GATE = len(STEPS)
NUMBERS = Evidence(30.0, 20.0, 900, 81, 8100, 80, 0.09, 0.01, 0.08, ONSET, ONSET, "1 in 100")
KINDS = tuple(VerdictKind)
BLIND = (VerdictKind.NO_DATA, VerdictKind.OBSERVER_ERROR)


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

    def status(self) -> DeploymentStatus | None:
        if self.phase is None:
            return None
        backends = tuple(
            Backend(version=v, service=child_name("loan", v), port=80, weight=w)
            for v, w in (self.weights or {}).items()
        )
        return DeploymentStatus(
            phase=self.phase,
            versions=VersionNames(desired="8", stable=self.stable, canary=self.canary),
            rollout=None if self.step is None else self._rollout(self.canary or "8"),
            traffic=None if self.weights is None else TrafficStatus(backends=backends),
            draining=tuple(DrainingVersion(version=v, since=NOW) for v in self.draining),
            incidents=int(self.incident),
            incident_ref=IncidentRef(name="loan-1") if self.incident else None,
        )

    def _rollout(self, version: str) -> RolloutStatus:
        answers = (self.weights or {}).get(version, 0) > 0 or self.failed is not None
        failure = self.failed and RolloutFailure(
            reason=self.failed, message="it failed", detected_at=NOW - self.age
        )
        return RolloutStatus(
            version=version,
            digest="v1:sha256:" + "0" * 64,
            step=self.step or 0,
            steps=GATE,
            done=steps_digest(tuple(Step.model_validate(step) for step in STEPS[: self.step or 0])),
            started_at=NOW - timedelta(hours=1),
            step_started_at=NOW - self.age,
            evidence_since=NOW - timedelta(minutes=30) if answers else None,
            waiting_for=self.waiting,
            failure=failure or None,
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
    "promoted, not seen yet": State(
        Phase.PROMOTING, canary="8", weights={"7": 0, "8": 100}, step=GATE, waiting=WaitingFor.ROUTE
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
    "state lost": State(Phase.PAUSED, canary="8", weights={"7": 50, "8": 50}),
    "going": State(Phase.TERMINATING, weights=None),
}
STATES = ROLLING_STATES | OTHER_STATES


def a_model(
    state: State = OTHER_STATES["at rest"],
    *,
    desired: str = "8",
    command: str = "",
    deleted: bool = False,
    replicas: int = 2,
    **spec: Any,
) -> AIModelDeployment:
    meta: dict[str, Any] = {"name": "loan", "namespace": "lending", "uid": "u1", "generation": 3}
    if command:
        meta["annotations"] = {"knowngood.dev/command": command}
    if deleted:
        meta["deletionTimestamp"] = "2026-03-01T11:59:00Z"
    body = {
        "metadata": meta,
        "spec": {
            "model": {"version": desired},
            "serving": {
                "deployment": {
                    "replicas": replicas,
                    "ports": [{"name": "http", "port": 80, "targetPort": 8080}],
                    "template": {"spec": {"containers": [{"name": "m", "image": "loan"}]}},
                }
            },
            "traffic": {
                "gatewayAPI": {"parentRefs": [{"name": "public"}], "rules": [{"name": "all"}]}
            },
            "rollout": {"steps": STEPS},
            **spec,
        },
    }
    model = AIModelDeployment.model_validate(body)
    return model.model_copy(update={"status": state.status()})


def a_record(version: str, standing: Standing | None = None) -> AIModelVersion:
    body = {
        "metadata": {
            "name": child_name("loan", version),
            "namespace": "lending",
            "uid": f"v{version}",
            "generation": 1,
            "labels": {"knowngood.dev/model": "loan"},
        },
        "spec": {
            "modelRef": {"name": "loan", "uid": "u1"},
            "model": {"version": version},
            "serving": {
                "deployment": {
                    "ports": [{"name": "http", "port": 80, "targetPort": 8080}],
                    "template": {"spec": {"containers": [{"name": "m", "image": "loan"}]}},
                }
            },
            "digest": "v1:sha256:" + "0" * 64,
        },
    }
    if standing is not None:
        body["status"] = {"standing": standing.value}
    return AIModelVersion.model_validate(body)


STANDINGS = {
    "6": Standing.RETIRED,
    "7": Standing.PROBATION,
    "8": Standing.TRIAL,
    "9": None,
    "bad": Standing.REJECTED,
}


def a_trigger(
    kind: VerdictKind,
    *,
    mode: PolicyMode = PolicyMode.ACT,
    action: ActionKind = ActionKind.ROLLBACK,
    severity: Severity = Severity.HIGH,
    stable_breached: bool = False,
    name: str = "errors",
) -> TriggerView:
    verdict = Verdict(kind, "Because", f"the verdict is {kind}", NOW.timestamp(), NUMBERS)
    return TriggerView(
        policy="lending",
        policy_kind="IncidentPolicy",
        policy_generation=1,
        trigger=name,
        mode=mode,
        action=action,
        severity=severity,
        verdict=verdict,
        gates=True,
        stable_breached=stable_breached,
    )


def a_situation(
    state: State,
    *,
    triggers: tuple[TriggerView, ...] = (),
    ready: Mapping[str, int] | None = None,
    route: RouteView | None = None,
    standings: Mapping[str, Standing | None] | None = None,
    samples: int | None = 5000,
    model: AIModelDeployment | None = None,
    **rest: Any,
) -> Situation:
    known = standings or (STANDINGS if state.recorded else {})
    return Situation(
        now=NOW,
        model=model or a_model(state),
        versions={v: a_record(v, stands) for v, stands in known.items() if v != "9"},
        ready={"6": 1, "7": 2, "8": 2} if ready is None else ready,
        route=route or programmed(state.weights),
        digest="v1:sha256:" + "0" * 64,
        triggers=triggers,
        samples=samples,
        fence=1,
        **rest,
    )


def programmed(weights: Mapping[str, int] | None) -> RouteView:
    return RouteView(dict(weights or {}), programmed=weights is not None)
