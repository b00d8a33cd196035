"""What an incident answers to somebody who sees nothing else."""

from collections.abc import Mapping

from knowngood.api.v1alpha1 import ActionRecord, Clocks, Containment, Incident, IncidentStatus


def answered(incident: Incident) -> Mapping[str, str]:
    """Answers by question; empty where it has none."""
    status = incident.status or IncidentStatus()
    clocks = status.clocks or Clocks()
    since = clocks.onset or clocks.detected
    return {
        "what it is": status.summary or "",
        "since when": f"{since:%Y-%m-%d %H:%M:%S} UTC" if since else "",
        "who was harmed": _harmed(status),
        "what was done, and by whom": "; ".join(map(_done, status.actions)),
        "how that was verified": _verified(status),
        "what was ruled out or found": "; ".join(
            f"{step.name}: {step.state.value}, {step.result}" for step in status.steps
        ),
        "what changed before": "; ".join(f"{c.kind} {c.name}: {c.text}" for c in status.changes),
        "what is left, and whose it is": "; ".join(
            f"{task.role.value}: {task.text}" for task in status.tasks if not task.done
        ),
        "what to do first": status.next_for_human or "",
        "how long it took": f"{status.attained.rto} from its beginning" if status.attained else "",
    }


def _harmed(status: IncidentStatus) -> str:
    found = status.affected
    if found is None:
        return ""
    until = f"to {found.to:%H:%M:%S} UTC" if found.to else "until now"
    whose = f"; their pods: {found.selector}" if found.selector else ""
    return f"whoever was answered by version {', '.join(found.versions)} {until}{whose}"


def _done(action: ActionRecord) -> str:
    result = f" ({action.result})" if action.result else ""
    granted = action.approval.granted_by if action.approval else None
    by = f"the operator, as decided by {granted}" if granted else "the operator"
    return f"{action.type.value}: {action.state.value}, by {by}{result}"


def _verified(status: IncidentStatus) -> str:
    if status.containment is not Containment.VERIFIED:
        return ""
    return next((entry.text for entry in reversed(status.timeline) if entry.csf == "RS.MI"), "")
