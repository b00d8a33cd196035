"""What can be seen at all: the questions before any test."""

from collections.abc import Iterable, Mapping
from typing import Any

from knowngood.analysis.verdicts import Finding, Verdict
from knowngood.analysis.wording import span
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.signals.ledger import Ledger

ENOUGH_PODS = 0.8
"""The part of a version's ready pods that must have fresh samples."""


def unseen(
    ledger: Ledger[Any, Any], signal: str, versions: Iterable[str], now: float
) -> Verdict | None:
    """NoData for the first version without a fresh sample; None when all have one."""
    for version in versions:
        fresh = ledger.freshness(version, now)
        if not fresh.targets:
            message = f"{signal} of version {version} has no fresh sample: {_last(fresh.last, now)}"
            return Verdict(VerdictKind.NO_DATA, Finding.NO_FRESH_SAMPLE, message, now)
    return None


def _last(at: float | None, now: float) -> str:
    if at is None:
        return "there never was one"
    if at > now:
        return f"the last one is of {span(at - now)} in the future; was a clock changed?"
    return f"last {span(now - at)} ago"


def pods_missing(
    ledger: Ledger[Any, Any],
    signal: str,
    versions: Iterable[str],
    expected: Mapping[str, int],
    now: float,
) -> Verdict | None:
    """Inconclusive for the first version of whose ready pods too few are seen; None otherwise."""
    for version in versions:
        seen, ready = ledger.freshness(version, now).targets, expected.get(version, 0)
        if seen < ENOUGH_PODS * ready:
            message = f"{signal} is fresh for {seen} of {ready} ready pods of version {version}"
            return Verdict(VerdictKind.INCONCLUSIVE, Finding.PODS_MISSING, message, now)
    return None
