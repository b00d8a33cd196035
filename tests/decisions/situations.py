"""Situations of a model that serves version 7 and may be trying version 8, built from a few words."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from knowngood.analysis.verdicts import Evidence, Proof, Verdict
from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    Incident,
    IncidentPhase,
    PolicyMode,
    Severity,
    Standing,
    VerdictKind,
)
from knowngood.decisions.naming import child_name
from knowngood.decisions.plan import Plan
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import RouteView, Situation
from knowngood.decisions.trigger_views import ActionKind, TriggerView
from tests.decisions.states import NOW, OTHER_STATES, STEPS, State

ONSET = (NOW - timedelta(seconds=35)).timestamp()
NUMBERS = Evidence(30.0, 20.0, 900, 81, 8100, 80, 0.09, 0.01, 0.08, ONSET, ONSET, "1 in 100")
KINDS = tuple(VerdictKind)
BLIND = (VerdictKind.NO_DATA, VerdictKind.OBSERVER_ERROR)


TRIAL = {"header": "X-Preview", "value": "canary", "metrics": "Excluded"}


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
                "gatewayAPI": {"parentRefs": [{"name": "public"}], "rules": [{"name": "all"}]},
                **({"testTraffic": TRIAL} if state.tested else {}),
            },
            "rollout": {
                "steps": STEPS,
                **({"probation": {"holdback": state.holdback}} if state.holdback else {}),
            },
            **_copies(state),
            **spec,
        },
    }
    model = AIModelDeployment.model_validate(body)
    return model.model_copy(update={"status": state.status()})


def _copies(state: State) -> dict[str, Any]:
    declared: dict[str, Any] = {"mirror": {"sideEffects": "None"}}
    if state.shadow:
        declared["shadow"] = {"mirrorPercent": state.mirror}
    return declared


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


def an_incident(name: str, phase: IncidentPhase | None = None) -> Incident:
    body: dict[str, Any] = {
        "metadata": {"name": name, "namespace": "lending", "uid": f"i-{name}", "generation": 1},
        "spec": {"modelRef": {"name": "loan", "uid": "u1"}, "origin": "Trigger"},
    }
    if phase is not None:
        body["status"] = {"phase": phase.value}
    return Incident.model_validate(body)


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
    reason: str = "Because",
    critical: bool = True,
    shown: bool | None = None,
) -> TriggerView:
    """A trigger; with `shown`, one that asks for proof, which is there or not."""
    at = NOW.timestamp()
    proof = (
        None
        if shown is None
        else Proof(0.05, 0.95, 30.0, 20.0, at if shown else None, -0.05, 0.03, "5 %")
    )
    verdict = Verdict(kind, reason, f"the verdict is {kind}", at, NUMBERS, proof=proof)
    return TriggerView(
        policy="lending",
        policy_kind="IncidentPolicy",
        policy_generation=1,
        trigger=name,
        mode=mode,
        action=action,
        severity=severity,
        verdict=verdict,
        gates=critical,
        stable_breached=stable_breached,
        critical=critical,
        asks=shown is not None,
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
    incident = rest.get("incident")
    if incident is not None:
        rest = {"incidents": {incident.metadata.name: incident}} | rest
    known = standings or (STANDINGS | dict(state.stands) if state.recorded else {})
    return Situation(
        now=NOW,
        model=model or a_model(state),
        versions={v: a_record(v, stands) for v, stands in known.items() if v != "9"},
        ready={"6": 1, "7": 2, "8": 2} if ready is None else ready,
        route=route or programmed(state.weights, state.mirror),
        digest="v1:sha256:" + "0" * 64,
        triggers=triggers,
        samples=samples,
        fence=1,
        **rest,
    )


def programmed(weights: Mapping[str, int] | None, mirror: int = 0) -> RouteView:
    copies = {"8": mirror} if mirror else {}
    return RouteView(dict(weights or {}), programmed=weights is not None, copies=copies)


def written(s: Situation, plan: Plan) -> Situation:
    """The same once the model's status is written."""
    return replace(s, model=s.model.model_copy(update={"status": status_of(s, plan)}))
