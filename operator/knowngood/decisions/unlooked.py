"""Before a process has looked at what serves it says what was said before: that it knows nothing yet is no news."""

from collections.abc import Collection
from typing import Final

from knowngood.api.v1alpha1 import (
    ConditionType,
    FallbackStatus,
    ProvedBy,
    Reason,
)
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation

Said = tuple[ConditionType, bool, str, str]
"""Type, whether it holds, reason, message."""

_OF_LOOKS: Final = frozenset({Reason.SERVING_BREACHED, Reason.WATCHED})


def guarded_before(s: Situation, plan: Plan) -> Said | None:
    """What was said of the version that serves; None where somebody has looked since, or it was said of another."""
    said = _before(s, ConditionType.GUARDED, _OF_LOOKS)
    bad = said is not None and said[2] == Reason.SERVING_BREACHED
    if bad and all(b.version != plan.stable for b in plan.breaches):
        return None
    return said


def standby_before(s: Situation, plan: Plan) -> Said | None:
    """What copies have shown of the version that stands by; None where somebody has looked since."""
    said = _before(s, ConditionType.KNOWN_GOOD_AVAILABLE, {Reason.BREACHED})
    return said if fallback_before(s, plan) is not None else None


def fallback_before(s: Situation, plan: Plan) -> FallbackStatus | None:
    """What is known of the version that stands by from before; None where it is known anew, or can not be any more."""
    known = s.model.status.fallback if s.model.status else None
    if s.serving is not None or known is None or known.version != plan.shadow:
        return None
    copied = known.by is ProvedBy.COPIES and plan.shadow in plan.copies
    asked = known.by is ProvedBy.GOLDEN_REQUESTS and bool(s.model.spec.golden)
    return known if copied or (asked and plan.shadow not in s.tried) else None


def _before(s: Situation, kind: ConditionType, reasons: Collection[str]) -> Said | None:
    if s.serving is not None or s.model.status is None:
        return None
    said = next((c for c in s.model.status.conditions if c.type == kind), None)
    if said is None or said.reason not in reasons:
        return None
    return kind, said.status == "True", said.reason, said.message
