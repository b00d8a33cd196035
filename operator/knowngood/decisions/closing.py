"""Incidents that a person has closed: the model lets go of them, so that nothing is written to them any more.

Closing moves no traffic. What was found and told in one that is closed is not told, and acted on, once more.
"""

from dataclasses import replace

from knowngood.api.v1alpha1 import Ending, Incident, IncidentPhase
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation


def let_go_of_closed(s: Situation, plan: Plan) -> Plan:
    """Note which incidents are closed; they may be deleted from here on."""
    closed = {name: _ending(i) for name, i in s.incidents.items() if _is_closed(i)}
    if not closed:
        return plan
    rollout = plan.rollout
    if rollout is not None and rollout.failure is not None and rollout.failure.incident in closed:
        failure = rollout.failure.model_copy(update={"incident": None})
        rollout = rollout.model_copy(update={"failure": failure})
    breaches = tuple(
        b.model_copy(update={"closed": closed[b.incident]}) if b.incident in closed else b
        for b in plan.breaches
    )
    latest, taken = "" if plan.incident in closed else plan.incident, plan.safe_path
    if taken is not None and taken.incident in closed:
        taken = taken.model_copy(update={"incident": None})
    return replace(plan, incident=latest, rollout=rollout, breaches=breaches, safe_path=taken)


def _is_closed(incident: Incident) -> bool:
    return incident.status is not None and incident.status.phase is IncidentPhase.CLOSED


def _ending(incident: Incident) -> Ending:
    found = incident.status.resolution if incident.status else None
    return found or Ending.RESOLVED
