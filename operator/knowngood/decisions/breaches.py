"""What triggers have found about the version that answers everybody, kept with the numbers of that instant."""

from datetime import UTC, datetime
from typing import Final

from knowngood.api.v1alpha1 import PolicyKind, ServingBreach, VerdictKind
from knowngood.decisions.plan import Plan
from knowngood.decisions.safety import MESSAGE_LENGTH, numbers_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import TriggerView

KEPT: Final = 32

Which = tuple[str, str, str]


def breaches_of(s: Situation, plan: Plan) -> tuple[ServingBreach, ...]:
    """List the breaches that last; each keeps the numbers with which it was found.

    What can not be seen now, or was not looked at again by this process yet, is not over.
    """
    status = s.model.status
    known = {
        _which(b.policy_kind, b.policy, b.trigger): b
        for b in (status.serving_breaches if status else ())
        if b.version == plan.stable
    }
    if s.serving is None or s.serving.version != plan.stable:
        return tuple(known.values())
    found = (_breach(t, plan.stable, known) for t in s.serving.triggers if t.acts)
    return tuple(b for b in found if b is not None)[:KEPT]


def _breach(
    t: TriggerView, version: str, known: dict[Which, ServingBreach]
) -> ServingBreach | None:
    before = known.get(_which(t.policy_kind, t.policy, t.trigger))
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
        **(numbers.model_dump() if numbers else {}),
    )


def _which(kind: str, policy: str, trigger: str) -> Which:
    return str(kind), policy, trigger
