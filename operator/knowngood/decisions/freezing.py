"""Rollouts that people have frozen: none starts or goes on, and what protects users acts as always."""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import Phase, RolloutStatus, WaitingFor
from knowngood.decisions.plan import Notice, Plan, edge_key
from knowngood.decisions.situation import Situation

FREEZE_ANNOTATION: Final = "knowngood.dev/freeze"
"""On a model, on its namespace, or on the namespace of the operator (then for every model); its value says why."""

WORDS: Final = 200


def why_frozen(model: str, namespace: str, everything: str) -> str:
    """Say why rollouts of a model are frozen; empty when they are not.

    Args:
        model: The annotation of the model.
        namespace: That of its namespace.
        everything: That of the operator's namespace.
    """
    for where, why in (
        ("every model", everything),
        ("this namespace", namespace),
        ("this model", model),
    ):
        if why.strip():
            return f"rollouts of {where} are frozen: {why.strip()[:WORDS]}"
    return ""


def freeze_start(s: Situation, plan: Plan) -> Plan:
    """Start no rollout."""
    return plan.tell(Notice("RolloutFrozen", s.frozen, f"frozen/{s.model.metadata.generation}"))


def freeze_step(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    """Take no further step; the canary keeps the share that it has."""
    key = edge_key(rollout, f"frozen/{rollout.step}")
    held = replace(plan, phase=Phase.PAUSED).waiting(WaitingFor.THAW)
    return held.tell(Notice("RolloutFrozen", s.frozen, key))
