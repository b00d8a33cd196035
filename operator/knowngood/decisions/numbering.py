"""Numbers of incidents: reserved in the model's status before an incident is created, so that none is created twice."""

from dataclasses import replace

from knowngood.api.v1alpha1 import FailureReason, RolloutFailure
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation


def opens_incident(failure: RolloutFailure) -> bool:
    """Say whether a failure is worth an incident.

    A person who merely changed their mind is not, and neither is a version that did no harm that anybody has seen.
    """
    quiet = {
        FailureReason.ABORTED,
        FailureReason.UNDONE,
        FailureReason.SUPERSEDED,
        FailureReason.INCONCLUSIVE,
    }
    return failure.reason not in quiet


def numbered(s: Situation, plan: Plan) -> Plan:
    """Reserve the next number, and name the incident that gets it.

    Incidents outlive a model, and a model of the same name counts anew.
    """
    number = max(plan.incidents, s.incidents_taken) + 1
    return replace(plan, incidents=number, incident=f"{s.model.metadata.name}-{number}")


def joined(plan: Plan) -> Plan | None:
    """Name the open incident that tells already what the version did that goes; None where there is none."""
    version = plan.rollout.version if plan.rollout else ""
    about = (b for b in plan.breaches if b.version == version and b.incident and not b.closed)
    found = next(about, None)
    return replace(plan, incident=found.incident or "") if found else None


def with_failure(plan: Plan) -> Plan:
    """Note with the failure of the rollout that the latest incident tells of it."""
    rollout = plan.rollout
    if rollout is None or rollout.failure is None:
        return plan
    failure = rollout.failure.model_copy(update={"incident": plan.incident})
    return replace(plan, rollout=rollout.model_copy(update={"failure": failure}))
