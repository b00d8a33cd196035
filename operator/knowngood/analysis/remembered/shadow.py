"""Is the version that serves worse than the one that stands by, which answers copies of the same requests?

Both answer in the same seconds, so whatever changes with time changes for both, and nothing is remembered. What is left
of a remembered comparison is that a version serves for ever, so that the promise is a time and no probability of a
rollout. Each block has the factor that a canary's comparison has, and the bets begin anew as against a baseline:

    without harm the judged time to a false alarm is at least c on average, and a span of T holds one with a probability
    of at most T/c.

A factor is at most 1 on average where answers of both versions are independent given the block. Here they are answers
to the same requests, where both rather fail together. The factor rises with failures of the judged version and falls
with those of the other one, so its mean is the smaller the more they go together: the promise holds all the more.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from knowngood.analysis.remembered.cusum import log_mean
from knowngood.analysis.remembered.demands import Demands


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowRule(Demands):
    """What is tested; a tolerance of 0 is as good as any other here."""

    @property
    def longest(self) -> float:
        """Seconds that a run may last: no answer ever comes up twice."""
        return math.inf

    @staticmethod
    def combined(logs: Sequence[float]) -> float:
        """The mean of all bets reaches the limit together; in logarithms."""
        return log_mean(logs)
