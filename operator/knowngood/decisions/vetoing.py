"""What people have said no to stays so for as long as the incident is open: a signal that flaps asks nobody again."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from knowngood.api.v1alpha1 import IncidentPhase, ServingBreach
from knowngood.api.v1alpha1.approvals import ApprovedAction
from knowngood.api.v1alpha1.safe_path import Veto
from knowngood.decisions.breaches import which
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation

KEPT: Final = 32


def with_vetoes(s: Situation, plan: Plan) -> Plan:
    """Keep what was refused apart from the breach, which is gone as soon as its trigger says Healthy."""
    lasting = [v for v in plan.vetoes if _lasts(s, v)]
    known = {_key(v) for v in lasting}
    new = [v for b in plan.breaches for v in _refused(b) if _key(v) not in known]
    return replace(plan, vetoes=(*lasting, *new)[-KEPT:])


def vetoed(plan: Plan, breach: ServingBreach, incident: str | None) -> Mapping[str, Any]:
    """What was refused of a trigger that is breached again in an incident that is open still."""
    found: dict[str, Any] = {}
    for veto in plan.vetoes:
        if (veto.incident, _trigger(veto)) != (incident, which(breach)):
            continue
        if veto.action == ApprovedAction.SAFE_PATH:
            found |= {"safe_path_refused": veto.why, "safe_path_refused_at": veto.at}
        else:
            found |= {"refused_by": veto.by, "refused_at": veto.at, "held": veto.why}
    return found


def _refused(breach: ServingBreach) -> Iterator[Veto]:
    if breach.incident is None or breach.closed:
        return
    about = {
        "policy_kind": breach.policy_kind,
        "policy": breach.policy,
        "trigger": breach.trigger,
        "incident": breach.incident,
    }
    if breach.refused_by is not None and breach.refused_at is not None:
        why = breach.held or f"{breach.refused_by} said no"
        by, at = breach.refused_by, breach.refused_at
        yield Veto(action=ApprovedAction.SHIFT_TO_SHADOW, by=by, at=at, why=why, **about)
    if breach.safe_path_refused is not None and breach.safe_path_refused_at is not None:
        why, at = breach.safe_path_refused, breach.safe_path_refused_at
        yield Veto(action=ApprovedAction.SAFE_PATH, at=at, why=why, **about)


def _lasts(s: Situation, veto: Veto) -> bool:
    if veto.incident in s.incidents_unread:
        return True  # it is there, and nobody here can see that it is closed
    incident = s.incidents.get(veto.incident)
    status = incident.status if incident else None
    return status is not None and status.phase is not IncidentPhase.CLOSED


def _key(veto: Veto) -> tuple[object, ...]:
    return veto.action, veto.incident, _trigger(veto)


def _trigger(veto: Veto) -> tuple[str, str, str]:
    return str(veto.policy_kind), veto.policy, veto.trigger
