"""A canary that does not get the share of the requests that was asked for: nothing that was compared may promote it."""

from dataclasses import replace

from knowngood.api.v1alpha1 import Reason
from knowngood.decisions.plan import Blocked, Notice, Plan, edge_key
from knowngood.decisions.situation import Situation


def not_split(s: Situation, plan: Plan) -> Plan | None:
    """Hold a promotion, and say why; None while the requests are split as asked."""
    wrong = next((t.mismatch for t in s.triggers if t.acts and t.gates and t.mismatch), "")
    if not wrong:
        return None
    text = (
        f"{wrong}; it is not promoted before they are. Look for requests that go past the gateway, clients that stay "
        "with a version (spec.traffic.sticky), or a signal whose total does not count all requests. The promote "
        "command goes past it"
    )
    blocked = Blocked(Reason.SHARE_MISMATCH, text)
    key = edge_key(plan.rollout, "share-mismatch")
    return replace(plan, blocked=blocked).tell(Notice("ShareMismatch", text, key, warning=True))
