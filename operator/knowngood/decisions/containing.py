"""Containment of what serves: all requests go to the version that stands by, if it was seen to do better.

Every breach of the version that serves is told in an incident. What the policy says, and whether the version that
stands by can be trusted with the requests, decides whether they are shifted; where not, the incident says why.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from knowngood.api.v1alpha1 import (
    ActionState,
    ActionType,
    Containment,
    IncidentStatus,
    Phase,
    Role,
    ServingBreach,
)
from knowngood.api.v1alpha1.safe_path import Rung
from knowngood.decisions.approving import is_undecided
from knowngood.decisions.breaches import which
from knowngood.decisions.incident_phases import GONE, UNCONTAINED
from knowngood.decisions.ladder import breached_now, next_rung, views_of, why_not_shifted
from knowngood.decisions.limiting import counted
from knowngood.decisions.numbering import numbered, with_failure
from knowngood.decisions.plan import Plan
from knowngood.decisions.questions import without_questions
from knowngood.decisions.safety import MESSAGE_LENGTH, failure_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.taking_back import bring_back
from knowngood.decisions.vetoing import vetoed


def contain(s: Situation, plan: Plan) -> Plan | None:
    """Begin to shift the requests for the worst breach that allows it; None where nothing is to be shifted."""
    for breach, trigger in breached_now(s, plan):
        rung = next_rung(s, plan, breach, trigger)
        if rung is Rung.KNOWN_GOOD and not is_undecided(breach, trigger):
            failure = failure_of(trigger, s.now)
            begun = (
                b.model_copy(update={"held": None}) if b == breach else b for b in plan.breaches
            )
            told = without_questions(begun, breach, safe_path=True)
            named = replace(plan, incident=breach.incident or "", breaches=told)
            named = replace(named, shifts=counted(plan.shifts, s.now))
            return with_failure(bring_back(s, named, plan.shadow, failure, Phase.CONTAINING))
    return None


def with_incidents(s: Situation, plan: Plan) -> Plan:
    """Give each new breach its incident, the open one about this version where there is one, and say what is held."""
    told: list[ServingBreach] = []
    views = views_of(s, plan)
    for breach in plan.breaches:
        if breach.incident is not None:
            told.append(breach)
            continue
        joined = _joined(s, plan, told)
        if not joined:
            plan = numbered(s, plan)
            joined = {"incident": plan.incident}
        named = breach.model_copy(update={**joined, **vetoed(plan, breach, joined["incident"])})
        why = named.held or why_not_shifted(s, plan, named, views.get(which(breach)))
        told.append(named.model_copy(update={"held": why[:MESSAGE_LENGTH] or None}))
    return replace(plan, breaches=tuple(told))


def _joined(s: Situation, plan: Plan, told: list[ServingBreach]) -> Mapping[str, Any]:
    """Which open incident a new breach is told in, and what has failed in it already; empty where there is none."""
    both = (b for b in (*plan.breaches, *told) if b.incident and not b.closed)
    other = next(both, None)
    if other is not None:
        return {"incident": other.incident, "failed_at": other.failed_at}
    status = s.incident.status if s.incident else None
    if status is None or status.subject is None or status.phase not in UNCONTAINED | GONE:
        return {}
    if (status.subject.version, status.subject.role) != (plan.stable, Role.STABLE):
        return {}
    return {"incident": plan.incident, "failed_at": s.now if _has_failed(status) else None}


def _has_failed(status: IncidentStatus) -> bool:
    """Whether the requests were to go to another version, and did not; the safe path does not count."""
    failed = [a for a in status.actions if a.state is ActionState.FAILED]
    safe = bool(failed) and all(a.type is ActionType.SAFE_PATH for a in failed)
    return status.containment is Containment.FAILED and status.phase in UNCONTAINED and not safe
