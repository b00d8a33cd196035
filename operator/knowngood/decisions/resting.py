"""Nothing moves: one version answers everybody, until the spec asks for another one."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from knowngood.api.v1alpha1 import Containment, IncidentStatus, Phase, Standing
from knowngood.decisions.adopting import DRAIN
from knowngood.decisions.freezing import freeze_start
from knowngood.decisions.incident_phases import UNCONTAINED
from knowngood.decisions.phases import GONE_BACK
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.proving import prove
from knowngood.decisions.returning import may_return
from knowngood.decisions.situation import Situation
from knowngood.decisions.standings import stands
from knowngood.decisions.starting import start_return, start_rollout

OVERDUE: Final = timedelta(seconds=30)
"""How long a gateway may take to follow, or an incident to be written, before people are told."""


def resting(s: Situation, plan: Plan) -> Plan:
    """Decide in Probation, Guarding and RolledBack."""
    if s.problem is not None:
        return plan
    if s.desired == plan.stable:
        if s.standing_of(plan.stable) is Standing.CANDIDATE:
            # Its record was deleted, and is written anew.
            plan = plan.stand(plan.stable, Standing.PROBATION, "RecordedAnew")
        plan = prove(s, plan)
        good = stands(s, plan, plan.stable) is Standing.KNOWN_GOOD
        phase = Phase.GUARDING if good else Phase.PROBATION
        return replace(plan, phase=phase, rollout=None)
    if not is_rejected(s, plan):
        return freeze_start(s, plan) if s.frozen else _start(s, plan)
    if plan.rollout is not None and plan.rollout.version == s.desired:
        return plan  # it was told why just now
    key = f"rejected/{s.desired}/{s.model.metadata.generation}"
    return plan.tell(Notice("VersionRejected", not_again(s, plan), key, warning=True))


def _start(s: Situation, plan: Plan) -> Plan:
    return start_return(s, plan) if may_return(s) else start_rollout(s, plan, "Rollout")


def not_again(s: Situation, plan: Plan) -> str:
    """Say that the desired version is not tried, and what can be done."""
    why = "is suspect" if s.standing_of(s.desired) is Standing.SUSPECT else "was rejected"
    return (
        f"version {s.desired} {why} and is not tried again by itself: set another version, "
        f"apply the manifest of version {plan.stable} again, or give the retry command"
    )


def is_rejected(s: Situation, plan: Plan) -> bool:
    """Say whether the desired version must not be tried again by itself.

    The model's status says so, and its record; either may be lost, and the record is written a moment later.
    """
    if s.desired == plan.stable:
        return False
    if s.standing_of(s.desired) in {Standing.REJECTED, Standing.SUSPECT}:
        return True
    return any(r.version == s.desired and r.digest in {None, s.digest} for r in plan.rejected)


def is_untold(s: Situation, plan: Plan) -> bool:
    """Say whether the incident of the last rollback is still to be written.

    It is told from the model's status, so the status must stay as it is until then.
    """
    failure = plan.rollout.failure if plan.rollout else None
    if plan.phase not in GONE_BACK or failure is None or failure.incident is None:
        return False
    if failure.incident in s.incidents_unread:  # it is there, and whoever wrote it knew more
        return False
    incident = s.incidents.get(failure.incident)
    told = (incident.status if incident else None) or IncidentStatus()
    if told.containment is Containment.UNDONE:
        return False  # all was told, and what came after hangs on no pass: commands and breaches must not wait for it
    return told.phase is None or told.phase in UNCONTAINED


def drop_drained(s: Situation, plan: Plan) -> Plan:
    """Take versions out of the route whose last requests have long been answered."""
    left = tuple(d for d in plan.draining if s.now < d.since + DRAIN)
    gone = (
        {d.version for d in plan.draining} - {d.version for d in left} - {plan.stable, plan.canary}
    )
    for version in left:
        plan = plan.wake(version.since + DRAIN)
    weights = (
        None if plan.weights is None else {v: w for v, w in plan.weights.items() if v not in gone}
    )
    return replace(plan, draining=left, weights=weights)
