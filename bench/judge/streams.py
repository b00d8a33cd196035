"""Random traffic of two versions: Poisson arrivals, and what each answer was."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

DAY: Final = 86_400
"""Seconds."""

Counts = npt.NDArray[np.int64]
Course = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plan:
    """How the traffic of a run comes about.

    Attributes:
        name: For tables and JSON.
        rate: Requests per second of both versions together.
        weights: (from this second on, the canary's share of the requests).
        base: The share of events of both versions without harm.
        seconds: Length of the run.
        cell: Seconds from one scrape to the next; counts are known per scrape.
        swing: By how much the base goes up and down over a day, as a fraction.
        harmed: The canary's share of events once it is harmed; None: it never is.
        harmed_at: The second in which the harm begins.
        rises: Whether more events are worse; else fewer are.
    """

    name: str
    rate: float
    weights: Sequence[tuple[int, float]]
    base: float
    seconds: int
    cell: int = 1
    swing: float = 0.0
    harmed: float | None = None
    harmed_at: int = 0
    rises: bool = False


@dataclass(frozen=True, slots=True)
class Stream:
    """The counts of a run, one number per cell.

    Attributes:
        cell: Seconds of a cell; the first one begins at second 0.
        x: Events of the canary.
        n_c: Requests of the canary.
        y: Events of the stable version.
        n_s: Requests of the stable version.
    """

    cell: int
    x: Counts
    n_c: Counts
    y: Counts
    n_s: Counts

    def per(self, seconds: int) -> "Stream":
        """The same traffic in longer cells; what does not fill the last one is left out."""
        joined = seconds // self.cell
        whole = len(self.x) // joined

        def summed(counts: Counts) -> Counts:
            added: Counts = counts[: whole * joined].reshape(whole, joined).sum(axis=1)
            return added

        return Stream(seconds, summed(self.x), summed(self.n_c), summed(self.y), summed(self.n_s))

    def asked(self, start: int, end: int) -> int:
        """Requests of the canary in the cells within [start, end), in seconds."""
        return int(self.n_c[start // self.cell : end // self.cell].sum())


def draw(plan: Plan, chance: np.random.Generator) -> Stream:
    """One run."""
    middle: Course = np.arange(0, plan.seconds, plan.cell, dtype=np.float64) + plan.cell / 2
    weight = _course(middle, plan.weights)
    base: Course = plan.base + plan.swing * np.sin(2 * np.pi * middle / DAY)
    share = base
    if plan.harmed is not None:
        share = np.where(middle >= plan.harmed_at, plan.harmed, base)
    n_c = chance.poisson(plan.rate * weight * plan.cell)
    n_s = chance.poisson(plan.rate * (1 - weight) * plan.cell)
    return Stream(plan.cell, chance.binomial(n_c, share), n_c, chance.binomial(n_s, base), n_s)


def _course(middle: Course, parts: Sequence[tuple[int, float]]) -> Course:
    """A course that takes each value from its second on."""
    course = np.zeros(len(middle))
    for start, value in parts:
        course[middle >= start] = value
    return course
