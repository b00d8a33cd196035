"""What the models answer: Poisson arrivals, counted up from scrape to scrape."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bench.fleet.scenario import CANARY, CELL, DAY, STABLE, Member, Scenario

Counts = npt.NDArray[np.int64]
Course = npt.NDArray[np.float64]

_VERSIONS: Final = (STABLE, CANARY)


@dataclass(frozen=True, slots=True)
class Counters:
    """Counters of one version: their values at scrape 0, when the traffic begins, and at every later one."""

    total: Counts
    approved: Counts
    failed: Counts

    def at(self, scrape: int) -> tuple[int, int, int]:
        """Requests, approvals and failures by then; they stay as they are after the end."""
        i = min(max(scrape, 0), len(self.total) - 1)
        return int(self.total[i]), int(self.approved[i]), int(self.failed[i])


def draw(scenario: Scenario, member: Member) -> dict[str, Counters]:
    """The counters of both versions of a model; the same scenario and name always give the same."""
    key = [scenario.seed, *member.name.encode()]
    chance = np.random.default_rng(key)
    middle: Course = (np.arange(scenario.cells, dtype=np.float64) + 0.5) * CELL
    swing = np.sin(2 * math.pi * (middle / DAY + member.phase))
    base: Course = member.approved + member.swing * swing
    found = {}
    for version in _VERSIONS:
        asked = member.rate * CELL * _share(member, version, middle)
        total = chance.poisson(asked)
        approved, failed = base, np.full(scenario.cells, member.failed)
        if member.harm is not None and version == CANARY:
            harmed = middle >= member.harm.start
            approved = base + member.harm.approved * harmed
            failed = failed + member.harm.failed * harmed
        found[version] = Counters(
            _added(total),
            _added(chance.binomial(total, approved)),
            _added(chance.binomial(total, failed)),
        )
    return found


def _share(member: Member, version: str, middle: Course) -> Course:
    canary: Course = np.full(len(middle), member.share / 100)
    if member.harm is not None:
        canary = np.where(middle < member.harm.end, canary, 0.0)
    return canary if version == CANARY else 1 - canary


def _added(counts: Counts) -> Counts:
    added: Counts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return added
