"""Which ledger counts what a signal asks for."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, TypeGuard, Unpack

from knowngood.signals.above import AboveLedger
from knowngood.signals.categories import CategoryLedger
from knowngood.signals.counting import CountLedger
from knowngood.signals.histograms import HistogramLedger
from knowngood.signals.ledger import TargetOf, VersionOf
from knowngood.signals.natives import NativeAboveLedger, NativeLedger
from knowngood.signals.planning import (
    AboveSpec,
    CategoriesSpec,
    CountedSpec,
    HistogramSpec,
    QueryKind,
    RatioSpec,
)

ShareLedger = CountLedger | AboveLedger | NativeAboveLedger
"""Counts events among requests."""

VectorLedger = CategoryLedger | HistogramLedger | NativeLedger
"""Counts requests by lane."""

AnyLedger = ShareLedger | VectorLedger

Read = Mapping[QueryKind, Sequence[Any]]
"""Series of one read, by what they are read as."""


class How(TypedDict, total=False):
    """How a read is taken; see `CountLedger.advance`."""

    target_of: TargetOf
    scraped_from: float | None
    closed: bool


def begin_whole(spec: CountedSpec, since: float) -> AnyLedger:
    """A ledger for all that a signal counts together, from an instant in unix seconds."""
    match spec:
        case RatioSpec():
            return CountLedger(since)
        case AboveSpec(_, above):
            return (NativeAboveLedger if spec.is_native else AboveLedger)(since, above)
        case HistogramSpec():
            return (NativeLedger if spec.is_native else HistogramLedger)(since)
        case CategoriesSpec(_, by):
            return CategoryLedger(since, by)


def advance(
    ledger: AnyLedger, read: Read, version_of: VersionOf, now: float, **how: Unpack[How]
) -> None:
    """Count what is new in a read; arguments as of `CountLedger.advance`."""
    if isinstance(ledger, CountLedger):
        events, total = read.get(QueryKind.EVENTS, ()), read.get(QueryKind.TOTAL, ())
        ledger.advance(events, total, version_of, now, **how)
        return
    native = isinstance(ledger, NativeLedger | NativeAboveLedger)
    series = read.get(QueryKind.HISTOGRAMS if native else QueryKind.COUNTS, ())
    ledger.advance(series, version_of, now, **how)


def counts_shares(ledger: AnyLedger) -> TypeGuard[ShareLedger]:
    """Whether a ledger counts events among requests."""
    return isinstance(ledger, ShareLedger)
