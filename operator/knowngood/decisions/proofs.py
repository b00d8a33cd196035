"""What triggers have said, written down at the edges of a rollout: what was shown, and on what it went on."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from knowngood.api.v1alpha1 import (
    PassedTrigger,
    PolicyKind,
    ProofStatus,
    RolloutStatus,
    VerdictKind,
)
from knowngood.decisions.plan import Notice, Plan, edge_key
from knowngood.decisions.safety import MESSAGE_LENGTH, numbers_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import TriggerView

KEPT: Final = 32


def remember_proofs(s: Situation, plan: Plan) -> Plan:
    """Note what was shown when it is first seen to be, and tell it.

    It stays while the signal can not be seen, and while a new leader reads the past again. It goes when the test is
    another one that has shown nothing yet.
    """
    rollout = plan.rollout
    if rollout is None:
        return plan
    known = {_key(p.policy_kind, p.policy, p.trigger): p for p in rollout.proofs}
    asking = {_key(t.policy_kind, t.policy, t.trigger): t for t in s.triggers if t.acts and t.asks}
    if not known and not asking:
        return plan
    kept = {k: p for k, p in known.items() if not s.triggers or (k in asking and _holds(asking[k]))}
    new = {k: _proof(t) for k, t in asking.items() if k not in kept and _is_shown(t)}
    found = tuple({**kept, **new}[k] for k in sorted({**kept, **new}))[:KEPT]
    for proof in new.values():
        key = edge_key(rollout, f"shown/{proof.policy_kind}/{proof.policy}/{proof.trigger}")
        plan = plan.tell(Notice("NonInferior", proof.message, key))
    return replace(plan, rollout=rollout.model_copy(update={"proofs": found}))


def passed(s: Situation, rollout: RolloutStatus) -> RolloutStatus:
    """Note what the triggers say as a step is passed; what was noted stays where nothing is judged now."""
    said = tuple(
        PassedTrigger(
            trigger=t.trigger,
            policy=t.policy,
            policy_kind=PolicyKind(t.policy_kind),
            verdict=t.verdict.kind,
            message=_in_words(t)[:MESSAGE_LENGTH],
            at=s.now,
        )
        for t in _acting_first(s.triggers)
    )
    return rollout.model_copy(update={"passed": said}) if said else rollout


def _acting_first(triggers: Iterable[TriggerView]) -> list[TriggerView]:
    return sorted(triggers, key=lambda t: not t.acts)[:KEPT]


def _in_words(t: TriggerView) -> str:
    """Of what only observes, people want to know what it would have done."""
    if t.acts:
        return t.verdict.message
    would = "and would act" if t.verdict.kind is VerdictKind.BREACHED else "and holds nothing up"
    return f"it only observes, {would}: {t.verdict.message}"


def _key(kind: str, policy: str, trigger: str) -> tuple[str, str, str]:
    return str(kind), policy, trigger


def _holds(t: TriggerView) -> bool:
    """Whether nothing says that it is not shown."""
    return t.verdict.proof is None or not t.unproved


def _is_shown(t: TriggerView) -> bool:
    return t.verdict.kind is VerdictKind.HEALTHY and not t.unproved


def _proof(t: TriggerView) -> ProofStatus:
    proof, numbers = t.verdict.proof, numbers_of(t)
    if numbers is not None and proof is not None:
        update = {
            "statistic": f"{proof.statistic:.4g}",
            "limit": f"{proof.limit:.4g}",
            "guarantee": proof.guarantee,
        }
        numbers = numbers.model_copy(update=update)
    at = proof.shown_at if proof is not None and proof.shown_at is not None else t.verdict.at
    return ProofStatus(
        trigger=t.trigger,
        policy=t.policy,
        policy_kind=PolicyKind(t.policy_kind),
        message=t.verdict.message[:MESSAGE_LENGTH],
        evidence=numbers,
        shown_at=datetime.fromtimestamp(at, UTC),
    )
