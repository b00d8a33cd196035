"""What is remembered of a version: the counts of its signals, as they are when it is called known good."""

from knowngood.analysis.remembered.freezing import collect, collecting, freeze
from knowngood.analysis.remembered.frozen import frozen_lanes, frozen_share
from knowngood.analysis.remembered.lanes import lanes_between
from knowngood.api.v1alpha1 import Baseline
from knowngood.api.v1alpha1.comparisons import Seasonality
from knowngood.signals.ledgers import AnyLedger, VectorLedger, counts_shares


def frozen(signal: str, ledger: AnyLedger, version: str) -> Baseline | None:
    """The baseline of one signal; None when nothing was counted."""
    if isinstance(ledger, VectorLedger):
        return _lanes(signal, ledger, version)
    if not counts_shares(ledger):
        return None
    known = collecting(Seasonality.HOUR_OF_WEEK, ledger.since)
    counts = freeze(collect(known, ledger.column(version), ledger.settled_until))
    return None if counts is None else frozen_share(signal, counts)


def _lanes(signal: str, ledger: VectorLedger, version: str) -> Baseline | None:
    until, seconds = ledger.settled_until, ledger.column(version).seconds
    partition = ledger.partition(until)
    if partition is None or not seconds:
        return None
    counts = lanes_between(ledger, version, partition, (ledger.since, until))
    span = float(seconds[0]), float(seconds[-1] + 1)
    return frozen_lanes(signal, partition, counts, span) if any(counts) else None
