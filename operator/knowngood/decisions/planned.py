"""What was planned last, read back from the status of a model."""

from knowngood.api.v1alpha1 import AIModelDeployment, DeploymentStatus, Phase
from knowngood.decisions.phases import COPIED
from knowngood.decisions.plan import Plan


def plan_of(model: AIModelDeployment) -> Plan:
    """Read back what was planned last, from the model's status."""
    status = model.status or DeploymentStatus()
    traffic = status.traffic
    return Plan(
        phase=status.phase or Phase.PENDING,
        resume=status.resume,
        stable=status.versions.stable if status.versions else "",
        canary=status.versions.canary if status.versions else "",
        shadow=status.versions.shadow if status.versions else "",
        mirror=_mirrored(status),
        rollout=status.rollout,
        weights={b.version: b.weight for b in traffic.backends} if traffic else None,
        why=traffic.intent.reason if traffic and traffic.intent else "",
        breaches=tuple(status.serving_breaches),
        safe_path=status.safe_path,
        judged_since=status.judged_since,
        vetoes=tuple(status.vetoes),
        shifts=tuple(status.shifts),
        feeds=tuple(status.feeds),
        suspensions=tuple(status.suspensions),
        watch=tuple(status.watch),
        drifts=tuple(traffic.drifts) if traffic else (),
        header=traffic.version_header if traffic else None,
        draining=tuple(status.draining),
        holdback=status.holdback,
        rejected=tuple(status.rejected),
        incidents=status.incidents,
        incident=status.incident_ref.name if status.incident_ref else "",
        last_command=status.last_command,
        commands=tuple(status.commands),
        override=traffic.override if traffic else None,
        undo=status.undo,
    )


def _mirrored(status: DeploymentStatus) -> int:
    """Which share the version that stands by gets copies of; a canary's is written down with its rollout."""
    if status.traffic is None or status.versions is None or status.phase not in COPIED:
        return 0
    shadow = status.versions.shadow
    found = (b.mirror_percent or 0 for b in status.traffic.backends if shadow == b.version)
    return max(found, default=0)
