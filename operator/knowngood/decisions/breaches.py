"""What triggers have found about the version that answers everybody, kept with the numbers of that instant."""

from datetime import UTC, datetime
from typing import Final

from knowngood.api.v1alpha1 import (
    Containment,
    Ending,
    EvidenceNumbers,
    FailureReason,
    IncidentStatus,
    Phase,
    PolicyKind,
    Reason,
    RolloutFailure,
    ServingBreach,
    VerdictKind,
)
from knowngood.decisions.plan import Plan
from knowngood.decisions.safety import MESSAGE_LENGTH, numbers_of, onset_of, rank
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import TriggerView

KEPT: Final = 32

_NOBODY_ACTS: Final = frozenset({Reason.NO_POLICY, Reason.OBSERVE_ONLY})

Which = tuple[str, str, str]


def breaches_of(s: Situation, plan: Plan) -> tuple[ServingBreach, ...]:
    """List the breaches that last; each keeps the numbers with which it was found.

    What can not be seen now, or was not looked at again by this process yet, is not over. What a shift, or the safe
    path, is for stays until that is decided, and told.
    """
    known = {which(b): b for b in plan.breaches if b.version == plan.stable}
    shifting = plan.phase is Phase.CONTAINING or plan.safe_path is not None
    kept = {one: b for one, b in known.items() if shifting or _is_untold(s, b)}
    if s.serving is None or s.serving.version != plan.stable:
        return tuple((kept if nobody_acts(s) else known).values())
    found = (_breach(t, plan.stable, known.get(t.which)) for t in s.serving.triggers)
    lasts = kept | {which(b): b for b in found if b is not None}
    return tuple(sorted(lasts.values(), key=lambda b: -_rank(b)))[:KEPT]


def nobody_acts(s: Situation) -> bool:
    """Say whether no policy would act on what is found about the version that serves."""
    return s.guarded is not None and s.guarded.reason in _NOBODY_ACTS


def _is_untold(s: Situation, breach: ServingBreach) -> bool:
    """Whether its incident does not tell of it yet, or of the shift that has failed: both are told from here alone."""
    if breach.closed or breach.incident in s.incidents_unread:
        return False  # nobody waits for it, or whoever wrote it knew more
    incident = s.incidents.get(breach.incident or "")
    told = (incident.status if incident else None) or IncidentStatus()
    failed = breach.failed_at is not None and told.containment is Containment.PENDING
    return told.phase is None or failed


def _rank(breach: ServingBreach) -> int:
    return rank(breach.severity) if breach.severity else 0


def _breach(t: TriggerView, version: str, before: ServingBreach | None) -> ServingBreach | None:
    """Only health ends a breach: doubt, and what can not be seen, do not."""
    if not t.acts:
        return None
    if before is not None and before.closed is Ending.FALSE_POSITIVE:
        if before.policy_generation == t.policy_generation:
            return before  # a person has said that the trigger is wrong about this version
        before = None  # an edited policy is another word
    if t.verdict.kind is VerdictKind.HEALTHY:
        return None
    if before is not None or t.verdict.kind is not VerdictKind.BREACHED:
        return before
    numbers = numbers_of(t)
    return ServingBreach(
        version=version,
        trigger=t.trigger,
        policy=t.policy,
        policy_kind=PolicyKind(t.policy_kind),
        message=t.verdict.message[:MESSAGE_LENGTH],
        found_at=datetime.fromtimestamp(t.verdict.at, UTC),
        policy_generation=t.policy_generation,
        severity=t.severity,
        onset=onset_of(t.verdict),
        **(numbers.model_dump() if numbers else {}),
    )


def which(breach: ServingBreach) -> Which:
    """What tells the trigger from the others that watch its model."""
    return str(breach.policy_kind), breach.policy, breach.trigger


def failure_told(breach: ServingBreach) -> RolloutFailure:
    """What an incident tells of a breach, in the form in which a version that is taken back is told of."""
    numbers = breach.model_dump(include=set(EvidenceNumbers.model_fields))
    return RolloutFailure(
        reason=FailureReason.BREACHED,
        trigger=breach.trigger,
        policy=breach.policy,
        policy_kind=breach.policy_kind,
        policy_generation=breach.policy_generation,
        severity=breach.severity,
        message=breach.message,
        evidence=EvidenceNumbers(**numbers),
        onset=breach.onset,
        detected_at=breach.found_at,
    )
