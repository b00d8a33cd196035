"""A breach that many models have at once is noted as one of many, and moves nobody by itself."""

from dataclasses import replace

from knowngood.api.v1alpha1 import ServingBreach
from knowngood.decisions.breaches import which
from knowngood.decisions.plan import Plan
from knowngood.decisions.sharing import Harmed, common_cause
from knowngood.decisions.situation import Situation


def with_common_causes(s: Situation, plan: Plan) -> Plan:
    """Note with each breach that it is one of many; what was noted stays."""
    noted = tuple(_noted(s, b) for b in plan.breaches)
    return plan if noted == plan.breaches else replace(plan, breaches=noted)


def _noted(s: Situation, breach: ServingBreach) -> ServingBreach:
    if breach.common_cause is not None or breach.closed:
        return breach
    model = f"{s.model.metadata.namespace}/{s.model.metadata.name}"
    mine = Harmed(breach.found_at, model, breach.incident or "")
    found = common_cause(s.shared.get(which(breach), ()), mine)
    if found is None:
        return breach
    text, first = found
    parent = f"{first.model.partition('/')[0]}/{first.incident}"
    update = {
        "common_cause": text,
        "common_since": s.now,
        "parent": parent if first.incident and first.model != model else None,
    }
    return breach.model_copy(update=update)
