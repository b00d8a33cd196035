"""From a plan to the status that is written: complete every time, and the same when nothing changed."""

from knowngood.api.v1alpha1 import (
    Backend,
    DeploymentStatus,
    IncidentRef,
    Intent,
    Phase,
    TrafficStatus,
    VersionNames,
)
from knowngood.api.v1alpha1.safe_path import SAFE_PATH
from knowngood.decisions.asked import is_asked_already
from knowngood.decisions.conditions import conditions
from knowngood.decisions.fallback import fallback_of
from knowngood.decisions.giving import with_given
from knowngood.decisions.naming import child_name, selector_text
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation


def status_of(s: Situation, plan: Plan) -> DeploymentStatus:
    """Render a plan as the model's status."""
    return DeploymentStatus(
        observed_generation=s.model.metadata.generation,
        phase=plan.phase,
        resume=plan.resume,
        replicas=s.ready_of(plan.stable) if _runs(s, plan) else None,
        selector=selector_text(s.model.metadata.name, plan.stable) if _runs(s, plan) else None,
        versions=VersionNames(
            desired=s.desired, stable=plan.stable, canary=plan.canary, shadow=plan.shadow
        ),
        rollout=with_given(s, plan),
        traffic=_traffic(s, plan),
        watch=plan.watch,
        serving_breaches=plan.breaches,
        safe_path=plan.safe_path,
        judged_since=plan.judged_since,
        vetoes=plan.vetoes,
        shifts=plan.shifts,
        feeds=plan.feeds,
        suspensions=plan.suspensions,
        fallback=fallback_of(s, plan),
        draining=plan.draining,
        holdback=plan.holdback,
        rejected=plan.rejected,
        last_command=plan.last_command,
        commands=plan.commands,
        command_exports=s.model.status.command_exports if s.model.status else (),
        undo=plan.undo,
        incidents=plan.incidents,
        incident_ref=IncidentRef(name=plan.incident) if plan.incident else None,
        conditions=conditions(s, plan),
    )


def _runs(s: Situation, plan: Plan) -> bool:
    return s.model.spec.serving.deployment is not None and plan.stable != ""


def backend_of(s: Situation, version: str) -> tuple[str, int]:
    """Service and port that answer for a version, or for the safe path."""
    taken = s.model.status.safe_path if s.model.status else None
    if version == SAFE_PATH and taken is not None:
        return taken.service, taken.port
    record = s.versions.get(version)
    if record is not None:
        if record.spec.serving.service is not None:
            return record.spec.serving.service.name, record.spec.serving.service.port
        if record.spec.serving.deployment is not None:
            return record.metadata.name, record.spec.serving.deployment.ports[0].port
    traffic = s.model.status.traffic if s.model.status else None
    known = next((b for b in traffic.backends if b.version == version), None) if traffic else None
    if known is not None:
        return known.service, known.port
    deployment = s.model.spec.serving.deployment
    port = deployment.ports[0].port if deployment else 80
    return child_name(s.model.metadata.name, version), port


def _traffic(s: Situation, plan: Plan) -> TrafficStatus | None:
    before = s.model.status.traffic if s.model.status else None
    if plan.weights is None:
        # What is ours in the route, and whom the requests are given back to, must outlive the weights.
        return before if plan.phase is Phase.TERMINATING else None
    verified = s.does(plan.shares, plan.copies, plan.tested)
    same = before is not None and is_asked_already(before, plan)
    drifted = _is_put_back(s, plan)
    intent = (
        before.intent
        if same and before is not None
        else Intent(id=_intent_id(plan, s), fence=s.fence, reason=plan.why or "Keep")
    )
    newly = (
        verified
        and s.route is not None
        and not (same and before is not None and before.verified_at)
    )
    return TrafficStatus(
        backends=_backends(s, plan, before, verified=verified),
        canary_weight=plan.weights.get(plan.canary) if plan.canary else None,
        intent=intent,
        original=before.original if before is not None else (s.route.original if s.route else ()),
        written=_written(s, plan, was=same and before is not None and before.written),
        drifts=plan.drifts if same else (),
        version_header=plan.header,
        override=plan.override,
        verified_at=s.now
        if newly
        else (before.verified_at if same and before is not None and not drifted else None),
    )


def _backends(
    s: Situation, plan: Plan, before: TrafficStatus | None, *, verified: bool
) -> tuple[Backend, ...]:
    applied = {b.version: b.applied_weight for b in before.backends} if before else {}
    backends = []
    for version, weight in plan.shares.items():
        service, port = backend_of(s, version)
        if version == SAFE_PATH and plan.safe_path is not None:
            service, port = plan.safe_path.service, plan.safe_path.port
        seen = weight if verified and s.route is not None else applied.get(version)
        backends.append(
            Backend(
                version=version,
                service=service,
                port=port,
                weight=weight,
                applied_weight=seen,
                mirror_percent=plan.copies.get(version),
                tested=True if version == plan.tested else None,
            )
        )
    return tuple(backends)


def _written(s: Situation, plan: Plan, *, was: bool) -> bool:
    if s.route is None:
        return False
    now = s.route.splits(plan.shares) and dict(s.route.copies) == dict(plan.copies)
    now = now and set(s.route.tested) == {plan.tested} - {""}
    return now or (was and not _is_put_back(s, plan))


def _is_put_back(s: Situation, plan: Plan) -> bool:
    """Whether what somebody else has written to the route is to be replaced from now on."""
    before = s.model.status.traffic if s.model.status else None
    if before is None:
        return False
    released = before.override is not None and plan.override is None
    return released or plan.drifts[-1:] != tuple(before.drifts)[-1:]


def _intent_id(plan: Plan, s: Situation) -> str:
    step = plan.rollout.step if plan.rollout else 0
    return f"{s.now.strftime('%Y%m%dT%H%M%S.%f')}-{plan.phase.value}-{step}"
