"""What triggers have found about the version that answers everybody, kept with the numbers of that instant."""

from datetime import UTC, datetime
from typing import Final

from knowngood.api.v1alpha1 import (
    EvidenceNumbers,
    FailureReason,
    PolicyKind,
    RolloutFailure,
    ServingBreach,
    VerdictKind,
)
from knowngood.decisions.plan import Plan
from knowngood.decisions.safety import MESSAGE_LENGTH, numbers_of, onset_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import TriggerView

KEPT: Final = 32

Which = tuple[str, str, str]


def breaches_of(s: Situation, plan: Plan) -> tuple[ServingBreach, ...]:
    """List the breaches that last; each keeps the numbers with which it was found.

    What can not be seen now, or was not looked at again by this process yet, is not over.
    """
    known = {which(b): b for b in plan.breaches if b.version == plan.stable}
    if s.serving is None or s.serving.version != plan.stable:
        return tuple(known.values())
    found = (_breach(t, plan.stable, known) for t in s.serving.triggers if t.acts)
    return tuple(b for b in found if b is not None)[:KEPT]


def _breach(
    t: TriggerView, version: str, known: dict[Which, ServingBreach]
) -> ServingBreach | None:
    before = known.get(t.which)
    if t.verdict.kind is not VerdictKind.BREACHED:
        return before if t.blind or t.unjudged else None
    if before is not None:
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
