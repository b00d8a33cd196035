"""How requests spread over bins, compared with a frozen baseline."""

from dataclasses import dataclass

from knowngood.analysis.distribution.bins import VectorBlock
from knowngood.analysis.distribution.comparing import breached, not_breached
from knowngood.analysis.distribution.evidence import DistributionState, begin, fold
from knowngood.analysis.distribution.rule import DistributionRule
from knowngood.analysis.remembered.stretches import GRID, alongside
from knowngood.analysis.verdicts import Verdict
from knowngood.signals.ledgers import VectorLedger
from knowngood.signals.partition import Partition


@dataclass(frozen=True, slots=True)
class LanesJudged:
    """What a comparison knows; can be rebuilt from the ledger.

    Attributes:
        until: Cells before this second are folded; on the grid.
    """

    subject: tuple[str, float, DistributionRule]
    until: int
    evidence: DistributionState


def judge_lanes(
    state: LanesJudged | None,
    rule: DistributionRule,
    partition: Partition,
    ledger: VectorLedger,
    names: tuple[str, str],
    *,
    now: float,
    blind: Verdict | None = None,
) -> tuple[LanesJudged, Verdict]:
    """Compare a version's distribution with a frozen one.

    Args:
        state: What the last call returned; None, or that of another version, epoch or test, begins anew.
        rule: The test, with the baseline in it.
        partition: The baseline's bins.
        ledger: Counts of the version.
        names: The signal, and the version.
        now: Unix seconds.
        blind: The verdict if the version can not be seen; a breach outranks it.
    """
    signal, version = names
    subject = (version, ledger.since, rule)
    if state is None or state.subject != subject:
        start = alongside(ledger.since).until
        state = LanesJudged(subject, start, begin(rule, ledger.since))
    until = max(state.until, ledger.settled_until // GRID * GRID)
    evidence = state.evidence
    for block in _blocks(ledger, version, partition, (state.until, until)):
        evidence = fold(evidence, rule, block)
    verdict = (
        breached(evidence, rule, signal, (version, None), now)
        or blind
        or not_breached(evidence, rule, signal, (version, None), now)
    )
    return LanesJudged(subject, until, evidence), verdict


def lanes_between(
    ledger: VectorLedger, version: str, partition: Partition, span: tuple[float, float]
) -> tuple[int, ...]:
    """Requests of a version by bin in a span of unix seconds."""
    column = ledger.column(version)
    found = [0] * len(partition.labels)
    places = partition.places(column.lanes.names)
    for lane, number in enumerate(column.between(*span).counts):
        found[places[lane] if lane < len(places) else -1] += number
    return tuple(found)


def _blocks(
    ledger: VectorLedger, version: str, partition: Partition, span: tuple[int, int]
) -> list[VectorBlock]:
    """One for each part of the grid in which somebody was answered; the same for every leader."""
    column, blocks = ledger.column(version), list[VectorBlock]()
    index, seconds = column.index_of(span[0]), column.seconds
    while index < len(seconds) and seconds[index] < span[1]:
        start = seconds[index] // GRID * GRID
        index = column.index_of(start + GRID)
        counts = lanes_between(ledger, version, partition, (start, start + GRID))
        if any(counts):
            blocks.append(VectorBlock(counts, (), start, start + GRID))
    return blocks
