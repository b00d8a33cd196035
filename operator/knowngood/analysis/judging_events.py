"""Judge the canary by events without a denominator, or by pairs of answers; what is kept can be rebuilt."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from knowngood.analysis import bounded, disagreeing, excess, rates, rating
from knowngood.analysis.bounded import BoundRule, BoundState
from knowngood.analysis.excess import ExcessState
from knowngood.analysis.looking import pods_missing, unseen
from knowngood.analysis.mismatch import Mismatch, MismatchState, begin_mismatch, look_for_mismatch
from knowngood.analysis.rates import LimitState, RateRule
from knowngood.analysis.splits import Splits
from knowngood.analysis.verdicts import Finding, Verdict
from knowngood.analysis.wording import percentage
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.signals.cells import Counts
from knowngood.signals.ledgers import ShareLedger

GRID = 5
"""Seconds whose events are taken together: next to the half minute that they wait anyway, it costs no time."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is judged.

    Attributes:
        ledger: Counts of both versions since the epoch began.
        signal: Its name, for people.
        canary: The version that is judged.
        stable: The version beside it; None when there is none.
        now: Unix seconds.
        expected: Per version the number of its ready pods.
        splits: The bounds of the canary's share over time; None: the share is not known to be by chance.
    """

    ledger: ShareLedger
    signal: str
    canary: str
    stable: str | None
    now: float
    expected: Mapping[str, int]
    splits: Splits | None = None


@dataclass(frozen=True, slots=True)
class RatedState:
    """What a rate test knows of one version, or of a pair."""

    subject: tuple[str, str | None, float, RateRule]
    evidence: LimitState | ExcessState


@dataclass(frozen=True, slots=True)
class BoundedState:
    """What a test of disagreement knows of one version."""

    subject: tuple[str, float, BoundRule]
    evidence: BoundState


def judge_rate(state: object, rule: RateRule, asked: Question) -> tuple[RatedState, Verdict]:
    """Judge events; the state of another subject begins anew."""
    ledger, canary, stable, now = asked.ledger, asked.canary, asked.stable, asked.now
    subject = (canary, stable, ledger.since, rule)
    if not isinstance(state, RatedState) or state.subject != subject:
        nothing = rates.begin_limit if rule.limit is not None else excess.begin
        state = RatedState(subject, nothing(ledger.since))
    versions = (canary,) if rule.limit is not None or stable is None else (canary, stable)
    blind = unseen(ledger, asked.signal, versions, now) or pods_missing(
        ledger, asked.signal, versions, asked.expected, now
    )
    evidence = _folded(state.evidence, rule, asked, blind=blind is not None)
    words = (asked.signal, canary, now)
    known = isinstance(evidence, LimitState) or (asked.splits is not None and stable is not None)
    verdict = (
        rating.breached(evidence, rule, *words)
        or blind
        or (None if known else rating.no_share(*words))
        or rating.not_breached(evidence, rule, *words)
    )
    return RatedState(subject, evidence), verdict


def _folded(
    evidence: LimitState | ExcessState, rule: RateRule, asked: Question, *, blind: bool
) -> LimitState | ExcessState:
    ledger = asked.ledger
    column, late = ledger.column(asked.canary), ledger.lateness.of(asked.canary)
    if isinstance(evidence, LimitState):
        return rates.fold_limit(evidence, rule, column, late, ledger.settled_until)
    splits = asked.splits
    if splits is None or asked.stable is None:
        return replace(evidence, until=max(evidence.until, ledger.settled_until))

    def most(second: int) -> float | None:
        bounds = splits.at(second)
        return None if bounds is None else bounds.most

    source = excess.Source(column, ledger.column(asked.stable), _events, late, most, GRID)
    return excess.fold(evidence, rule.excess, source, ledger.settled_until, blind=blind)


def _events(counts: Counts) -> int:
    return counts.events


def judge_disagreement(
    state: object, rule: BoundRule, asked: Question
) -> tuple[BoundedState, Verdict]:
    """Judge pairs of answers, which are counted for the judged version alone."""
    ledger, canary, now = asked.ledger, asked.canary, asked.now
    subject = (canary, ledger.since, rule)
    if not isinstance(state, BoundedState) or state.subject != subject:
        state = BoundedState(subject, bounded.begin(ledger.since))
    evidence = bounded.fold(state.evidence, rule, ledger.column(canary), ledger.settled_until)
    words = (asked.signal, canary, now)
    verdict = (
        disagreeing.breached(evidence, rule, *words)
        or unseen(ledger, asked.signal, (canary,), now)
        or disagreeing.not_breached(evidence, rule, *words)
    )
    return BoundedState(subject, evidence), verdict


def look_at_split(
    state: MismatchState | None, asked: Question, horizon: float
) -> tuple[MismatchState, str]:
    """Compare the canary's share of a signal's requests with its weight.

    Returns:
        What is known now, and what is wrong with the share; empty when nothing is.
    """
    ledger, stable = asked.ledger, asked.stable
    if state is None or state.more.since != ledger.since:
        state = begin_mismatch(ledger.since)
    if stable is None or asked.splits is None:
        return state, ""
    versions = (asked.canary, stable)
    blind = unseen(ledger, asked.signal, versions, asked.now) or pods_missing(
        ledger, asked.signal, versions, asked.expected, asked.now
    )
    state = look_for_mismatch(
        state,
        (ledger.column(asked.canary), ledger.column(stable)),
        (ledger.lateness.of(asked.canary), ledger.lateness.of(stable)),
        asked.splits,
        ledger.settled_until,
        horizon=horizon,
        blind=blind is not None,
    )
    return state, _words(state.present, asked)


def _words(found: Mismatch | None, asked: Question) -> str:
    if found is None:
        return ""
    return (
        f"version {asked.canary} gets {percentage(round(found.share, 3))} of the requests of signal {asked.signal} "
        f"where {percentage(round(found.expected, 3))} is asked for: they are not split by chance"
    )


def marked(verdict: Verdict, mismatch: str) -> Verdict:
    """A verdict about requests that are not split as asked: a breach says so, and nothing is healthy."""
    if not mismatch:
        return verdict
    text = f"{verdict.message}; {mismatch}"
    if verdict.kind is VerdictKind.HEALTHY:
        return replace(
            verdict, kind=VerdictKind.INCONCLUSIVE, reason=Finding.SHARE_MISMATCH, message=text
        )
    return replace(verdict, message=text)
