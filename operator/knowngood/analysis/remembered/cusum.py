"""Evidence for a change at a moment that nobody knows: products of bets that begin anew.

`M <- max(M, w) e`, with w the judged minutes of a stretch and e its factor, an e-value while there
is no harm. Without harm, M needs at least c minutes of judged time on average to reach c, whatever
the traffic is, and it stays where it is while nobody answers.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from knowngood.analysis.remembered.tallies import NO_TALLY, Tally

_NEVER = -math.inf


class Run(NamedTuple):
    """One bet, from the moment at which a change would have begun.

    Attributes:
        log_wealth: Logarithm of M.
        began: Start of the first stretch that is in it, unix seconds.
        tally: What was seen since then.
    """

    log_wealth: float = _NEVER
    began: float = 0.0
    tally: Tally = NO_TALLY


class Step(NamedTuple):
    """One more stretch, before anything is known of its outcome but its tally.

    Attributes:
        start: Its first second, unix time.
        end: The second behind its last one.
        judged: Minutes that it stands for.
        tally: What was seen in it.
    """

    start: float
    end: float
    judged: float
    tally: Tally


@dataclass(frozen=True, slots=True)
class Watch:
    """The bets on one direction of change.

    Attributes:
        falls: Whether it is about a fall of events.
        runs: One per bet; empty before the first stretch.
        log_evidence: Logarithm of what is compared with the limit, after the last stretch.
    """

    falls: bool
    runs: tuple[Run, ...] = ()
    log_evidence: float = _NEVER

    @property
    def best(self) -> Run:
        """The run of the bet that does best: it tells when the change began, and how large it is."""
        return max(self.runs, key=lambda run: run.log_wealth, default=Run())

    def after(
        self,
        log_factors: Sequence[float],
        step: Step,
        combined: Callable[[Sequence[float]], float],
        longest: float = math.inf,
    ) -> "Watch":
        """With one more stretch.

        Args:
            log_factors: Per bet the logarithm of its factor.
            step: The stretch.
            combined: How the bets are combined, in logarithms.
            longest: Seconds that a run may last; a longer one begins anew.
        """
        floor = math.log(step.judged)
        runs = []
        for run, factor in zip(self.runs or (Run(),) * len(log_factors), log_factors, strict=True):
            if run.log_wealth <= floor or step.end - run.began > longest:
                runs.append(Run(floor + factor, step.start, step.tally))
            else:
                tally = run.tally.plus(step.tally)
                runs.append(Run(run.log_wealth + factor, run.began, tally))
        return Watch(self.falls, tuple(runs), combined([run.log_wealth for run in runs]))


def log_mean(logs: Sequence[float]) -> float:
    """The logarithm of the mean of the numbers whose logarithms are given."""
    high = max(logs)
    if high == _NEVER:
        return _NEVER
    return high + math.log(sum(math.exp(log - high) for log in logs) / len(logs))
