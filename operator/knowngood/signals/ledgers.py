"""Which ledger counts what a signal asks for."""

from typing import TypeGuard

from knowngood.signals.above import AboveLedger
from knowngood.signals.categories import CategoryLedger
from knowngood.signals.counting import CountLedger
from knowngood.signals.histograms import HistogramLedger
from knowngood.signals.natives import NativeAboveLedger, NativeLedger
from knowngood.signals.planning import (
    AboveSpec,
    CategoriesSpec,
    HistogramSpec,
    RatioSpec,
    Spec,
    ValueSpec,
)

ShareLedger = CountLedger | AboveLedger | NativeAboveLedger
"""Counts events among requests."""

VectorLedger = CategoryLedger | HistogramLedger | NativeLedger
"""Counts requests by lane."""

AnyLedger = ShareLedger | VectorLedger


def begin(spec: Spec, since: float) -> AnyLedger | None:
    """A ledger for a signal, from an instant in unix seconds; None for a single value, which counts nothing."""
    match spec:
        case RatioSpec():
            return CountLedger(since)
        case AboveSpec(_, above):
            return (NativeAboveLedger if spec.is_native else AboveLedger)(since, above)
        case HistogramSpec():
            return (NativeLedger if spec.is_native else HistogramLedger)(since)
        case CategoriesSpec(_, by):
            return CategoryLedger(since, by)
        case ValueSpec():
            return None


def counts_shares(ledger: AnyLedger) -> TypeGuard[ShareLedger]:
    """Whether a ledger counts events among requests."""
    return isinstance(ledger, ShareLedger)
