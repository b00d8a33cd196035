"""Which share a threshold sees."""

import math
from statistics import NormalDist

from knowngood.analysis.power import CHANCE
from knowngood.analysis.threshold import ThresholdRule, wilson

_Z = NormalDist().inv_cdf(CHANCE)
_HALVINGS = 40


def share_seen(rule: ThresholdRule, n: float) -> float | None:
    """The share nearest to the limit that crosses it four times out of five, with n requests; None: none does."""
    far = 1.0 if rule.is_ceiling else 0.0

    def crosses(share: float) -> bool:
        spread = _Z * math.sqrt(share * (1 - share) / n)
        found = share - spread if rule.is_ceiling else share + spread
        found = min(max(found, 0.0), 1.0)
        if rule.confidence is None:
            return rule.crossed_by(found)
        low, high = _wilson_of(found, n, rule.confidence)
        return rule.crossed_by(low if rule.is_ceiling else high)

    if not crosses(far):
        return None
    near = min(max(rule.limit, 0.0), 1.0)
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        near, far = (near, middle) if crosses(middle) else (middle, far)
    return far


def _wilson_of(share: float, n: float, confidence: float) -> tuple[float, float]:
    """Wilson's bounds of a share that was seen in n requests, both rounded to whole ones."""
    total = max(1, round(n))
    return wilson(min(total, round(share * total)), total, confidence)
