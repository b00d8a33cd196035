"""What an incident answers to somebody who sees nothing else."""

from collections.abc import Mapping

from knowngood.api.v1alpha1 import (
    ActionRecord,
    ActionType,
    Clocks,
    Containment,
    Incident,
    IncidentStatus,
    VerdictKind,
)
from knowngood.api.v1alpha1.notification_status import Notification
from knowngood.decisions.acknowledging import acknowledged_by


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


def answered_about_people(incident: Incident) -> Mapping[str, str]:
    """Answers where no version was right, and people decided; empty where it has none.

    Two of the questions of `answered` have another answer here: users are back at the version that was bad, so what was
    verified before is over, and stands in the timeline and with the action alone.
    """
    status = incident.status or IncidentStatus()
    clocks, decision = status.clocks or Clocks(), incident.spec.decision
    of = {kind: [a for a in status.actions if a.type is kind] for kind in ActionType}
    said = [f"{a.by} said {a.decision.value} to {a.action_id}" for a in status.answers]
    if decision is not None:
        said.append(f"{decision.by} decided {decision.outcome.value}: {decision.rationale}")
    began = clocks.onset or clocks.detected
    safe = next((a.finished_at for a in of[ActionType.SAFE_PATH] if a.finished_at), None)
    return {
        "how that was verified": "; ".join(
            entry.text for entry in status.timeline if entry.csf == "RS.MI" and "seen" in entry.text
        ),
        "how many were harmed": _counted(status),
        "how the requests came back": "; ".join(
            a.reversed for a in of[ActionType.SAFE_PATH] if a.reversed
        ),
        "by which numbers it is well again": "; ".join(
            e.message for e in status.evidence if e.verdict is VerdictKind.HEALTHY
        ),
        "who was told, and when": "; ".join(map(_told, status.notifications)),
        "who has it, and since when": (
            f"{acknowledged_by(incident)}, {clocks.acknowledged:%H:%M:%S} UTC"
            if clocks.acknowledged
            else ""
        ),
        "how long it took": (
            f"{(safe - began).total_seconds():.1f} s from its beginning" if safe and began else ""
        ),
        "why no other version got the requests": "; ".join(
            a.result or "" for a in of[ActionType.HOLD]
        ),
        "who was asked, and what they said": "; ".join(said),
        "which feed was stopped": "; ".join(
            f"{a.feed}: {a.state.value}, {a.result or ''}" for a in of[ActionType.SUSPEND_FEED]
        ),
        "how far it is": status.phase.value if status.phase else "",
    }


def _told(note: Notification) -> str:
    many = f"{note.sent} message{'s' if note.sent > 1 else ''}"
    first = f"{note.first_at:%H:%M:%S} UTC" if note.first_at else "a time that is not told"
    last = f"{note.occasion.value} at {note.at:%H:%M:%S} UTC"
    return f"receiver {note.receiver}: {many}, the first one at {first}, the last one, {last}"


def _counted(status: IncidentStatus) -> str:
    found = status.affected
    if found is None or found.decisions is None or found.to is None:
        return ""
    return f"{found.decisions.at_least} answers at least, from {found.from_:%H:%M:%S} to {found.to:%H:%M:%S} UTC"


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
    decided = action.decided_by or granted
    by = f"the operator, as decided by {decided}" if decided else "the operator"
    back = f", reversed ({action.reversed})" if action.reversed else ""
    return f"{action.type.value}: {action.state.value}, by {by}{result}{back}"


def _verified(status: IncidentStatus) -> str:
    if status.containment is not Containment.VERIFIED:
        return ""
    return next((entry.text for entry in reversed(status.timeline) if entry.csf == "RS.MI"), "")
