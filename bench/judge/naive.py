"""The rules of Flagger and Argo Rollouts: one number against a limit, minute by minute.

What was taken from where: `bench/README.md`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.judge.streams import Counts, Course, Stream

INTERVAL: Final = 60
"""Seconds between two checks, and of the window that each looks at: Flagger's defaults."""


@dataclass(frozen=True, slots=True)
class Naive:
    """One way to set such a rule up.

    Attributes:
        name: For tables and JSON.
        margin: How much worse the canary's share may be, as a fraction.
        limit: The share that it is compared with; None: the stable version's in the same minute.
        checks: The failed check that ends it: Flagger's `threshold`, Argo's `failureLimit` + 1.
        late: Checks from there to the rollback: Flagger counts now and acts at the next one.
    """

    name: str
    margin: float
    limit: float | None
    checks: int
    late: int

    def alarm(self, stream: Stream, *, rises: bool) -> int | None:
        """The second of the rollback; None: there is none."""
        minutes = stream.per(INTERVAL)
        share = _share(minutes.x, minutes.n_c)
        reference = self.limit if self.limit is not None else _share(minutes.y, minutes.n_s)
        worse = share - reference if rises else reference - share
        # Neither passes what it cannot compute: a minute without requests is a failed check.
        failed = np.cumsum(~(worse <= self.margin))
        found = int(np.searchsorted(failed, self.checks)) + self.late
        return (found + 1) * INTERVAL if found < len(failed) else None


def flagger(margin: float, limit: float | None = None, threshold: int = 5) -> Naive:
    """Failed checks are counted over the whole run; a good one in between does not reset them."""
    return Naive(f"flagger {threshold}, {_against(limit)}", margin, limit, threshold, 1)


def argo(margin: float, limit: float | None = None, failure_limit: int = 0) -> Naive:
    """More failed measurements than `failureLimit`, counted likewise, end it at once."""
    name = f"argo {failure_limit}, {_against(limit)}"
    return Naive(name, margin, limit, failure_limit + 1, 0)


def _against(limit: float | None) -> str:
    return "to stable" if limit is None else "fixed limit"


def _share(events: Counts, total: Counts) -> Course:
    with np.errstate(invalid="ignore", divide="ignore"):
        return events / total
