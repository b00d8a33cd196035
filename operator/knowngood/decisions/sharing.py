"""Write down how a rollout's budget of false alarms is shared, when it begins and when a trigger comes."""

from dataclasses import replace

from knowngood.decisions.allotting import shared
from knowngood.decisions.phases import ROLLING
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation


def with_shares(s: Situation, plan: Plan) -> Plan:
    """Add the triggers that are new; a rollout that has just begun has none yet."""
    rollout = plan.rollout
    if rollout is None or plan.phase not in ROLLING:
        return plan
    shares = shared(rollout.shares, s.spending)
    return replace(plan, rollout=rollout.model_copy(update={"shares": shares}))
