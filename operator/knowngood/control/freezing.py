"""What is remembered of a version: the counts of its signals, as they are when it is called known good."""

from knowngood.analysis.remembered.freezing import collect, collecting, freeze
from knowngood.analysis.remembered.frozen import check, frozen_lanes, frozen_segments, frozen_share
from knowngood.analysis.remembered.lanes import lanes_between
from knowngood.api.v1alpha1 import Baseline
from knowngood.api.v1alpha1.comparisons import Seasonality
from knowngood.signals.ledgers import AnyLedger, VectorLedger, counts_shares
from knowngood.signals.segments import SegmentedLedger


def frozen(signal: str, ledger: AnyLedger | SegmentedLedger, version: str) -> Baseline | None:
    """The baseline of one signal; None when nothing was counted, or nothing that can be written down.

    Names and numbers are whatever a metric says: a category may be too long, and there may be too many.
    """
    try:
        found = _frozen(signal, ledger, version)
        if found is not None:
            check(found)
    except ValueError:
        return None
    return found


def _frozen(signal: str, ledger: AnyLedger | SegmentedLedger, version: str) -> Baseline | None:
    if isinstance(ledger, SegmentedLedger):
        return _segments(signal, ledger, version)
    if isinstance(ledger, VectorLedger):
        return _lanes(signal, ledger, version)
    if not counts_shares(ledger):
        return None
    known = collecting(Seasonality.HOUR_OF_WEEK, ledger.since)
    counts = freeze(collect(known, ledger.column(version), ledger.settled_until))
    return None if counts is None else frozen_share(signal, counts)


def _segments(signal: str, ledger: SegmentedLedger, version: str) -> Baseline | None:
    """The same of each segment that is large enough to be told of."""
    least = ledger.segments.min_samples
    found = {value: frozen(signal, part, version) for value, part in ledger.parts.items()}
    large = {value: one for value, one in found.items() if one and one.samples >= least}
    return frozen_segments(large, least)


def _lanes(signal: str, ledger: VectorLedger, version: str) -> Baseline | None:
    until, seconds = ledger.settled_until, ledger.column(version).seconds
    partition = ledger.partition(until)
    if partition is None or not seconds:
        return None
    counts = lanes_between(ledger, version, partition, (ledger.since, until))
    span = float(seconds[0]), float(seconds[-1] + 1)
    return frozen_lanes(signal, partition, counts, span) if any(counts) else None
