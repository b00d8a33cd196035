"""Remembered comparisons as the shell sees them: fold what is new in a column, and say what it means."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowngood.analysis.blocks import Cutter, Span, cut
from knowngood.analysis.remembered import baseline as with_baseline
from knowngood.analysis.remembered import past as with_past
from knowngood.analysis.remembered.baseline import BaselineRule, BaselineState
from knowngood.analysis.remembered.counts import BaselineCounts, harmless_share
from knowngood.analysis.remembered.past import PastRule, PastState, both_times
from knowngood.analysis.remembered.saying import Compared, breached, not_breached
from knowngood.analysis.remembered.shadow import ShadowRule
from knowngood.analysis.remembered.strata import name_of, stratum_of
from knowngood.analysis.remembered.stretches import Alongside, alongside, cut_alone
from knowngood.analysis.verdicts import Finding, Verdict
from knowngood.analysis.wording import count, span
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.signals.cells import CellColumn, Counts
from knowngood.signals.shifting import Shifted


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at.

    Attributes:
        signal: Name of the signal, for people.
        version: The version that is judged.
        column: Its cells; for a comparison with the past they reach back by its offset.
        settled_until: Cells before this second are settled.
        since: When the epoch began, unix seconds. A replay that begins later finds the same as soon
            as the evidence was at its lowest in between, and never more.
        excluded: Spans that are not judged: incidents, drills, changes of weights, overrides.
    """

    signal: str
    version: str
    column: CellColumn
    settled_until: int
    since: float
    excluded: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class BaselineJudged:
    """What a comparison with a baseline knows; can be rebuilt from the column."""

    subject: tuple[str, float, BaselineRule, BaselineCounts]
    place: Alongside
    evidence: BaselineState


@dataclass(frozen=True, slots=True)
class PastJudged:
    """What a comparison with the past knows; can be rebuilt from the column."""

    subject: tuple[str, float, PastRule]
    cutter: Cutter
    evidence: PastState


@dataclass(frozen=True, slots=True)
class ShadowJudged:
    """What a comparison with a version that answers copies knows; can be rebuilt from both columns."""

    subject: tuple[str, str, float, ShadowRule]
    cutter: Cutter
    evidence: PastState


def judge_shadow(
    state: ShadowJudged | None,
    rule: ShadowRule,
    watched: Watched,
    shadow: tuple[str, CellColumn],
    now: float,
    *,
    blind: Verdict | None = None,
) -> tuple[ShadowJudged, Verdict]:
    """Compare a version with the one that stands by: `shadow` is its name, and its cells.

    It answers copies of the same requests. All else is as of `judge_baseline`.
    """
    subject = (watched.version, shadow[0], watched.since, rule)
    if state is None or state.subject != subject:
        first = with_past.begin(rule, watched.since)
        state = ShadowJudged(subject, Cutter(alongside(watched.since).until), first)
    excluded = tuple(watched.excluded)
    cutter, blocks = cut(state.cutter, watched.column, shadow[1], watched.settled_until, excluded)
    evidence = state.evidence
    for block in blocks:
        evidence = with_past.fold(evidence, rule, block, excluded)
    words = (watched.signal, watched.version, f"version {shadow[0]} (by copies)")
    judged = ShadowJudged(subject, cutter, evidence)
    if evidence.breached_by:
        by, window = evidence.breached_by, evidence.window
        return judged, breached(Compared(*words, rule, by, window, at_once=True), now)
    window = evidence.window.as_of(now)
    compared = Compared(*words, rule, evidence.leading, window, at_once=True)
    return judged, blind or not_breached(compared, now)


def judge_baseline(
    state: BaselineJudged | None,
    rule: BaselineRule,
    baseline: BaselineCounts,
    watched: Watched,
    now: float,
    *,
    blind: Verdict | None = None,
) -> tuple[BaselineJudged, Verdict]:
    """Compare a version with a frozen baseline.

    Args:
        state: What the last call returned; None, or that of another version, epoch, test or
            baseline, begins anew.
        rule: The test.
        baseline: In as many strata as the rule's seasonality has, or in finer ones.
        watched: The version.
        now: Unix seconds.
        blind: The verdict if the version can not be seen (`looking.unseen`, `pods_missing`); a
            breach outranks it.

    Raises:
        ValueError: The baseline is too coarse for the rule's seasonality.
    """
    subject = (watched.version, watched.since, rule, baseline)
    if state is None or state.subject != subject:
        first = with_baseline.begin(rule, watched.since)
        state = BaselineJudged(subject, alongside(watched.since), first)
    counts = baseline.coarsened(rule.seasonality)
    place, stretches = cut_alone(
        state.place, watched.column, watched.settled_until, watched.excluded
    )
    evidence = state.evidence
    for stretch in stretches:
        evidence = with_baseline.fold(evidence, rule, counts, stretch)
    whole = Counts(baseline.events, baseline.samples)
    words = (watched.signal, watched.version, "its baseline")
    if evidence.breached_by:
        compared = Compared(*words, rule, evidence.breached_by, evidence.window, whole)
        return BaselineJudged(subject, place, evidence), breached(compared, now)
    compared = Compared(*words, rule, evidence.leading, evidence.window.as_of(now), whole)
    verdict = blind or _incomparable(compared, rule, counts, now) or not_breached(compared, now)
    return BaselineJudged(subject, place, evidence), verdict


def _incomparable(
    compared: Compared, rule: BaselineRule, counts: BaselineCounts, now: float
) -> Verdict | None:
    """Inconclusive when the present hour can not be compared; None when it can."""
    present, few = counts.at(now), max(1, rule.min_samples)
    of = f"{compared.signal} of version {compared.version}: its baseline"
    hours = name_of(stratum_of(now, rule.seasonality), rule.seasonality)
    if present.total < few:
        message = (
            f"{of} has {count(present.total)} of {count(few)} requests for {hours}, "
            "and nothing is borrowed from other hours"
        )
        return Verdict(VerdictKind.INCONCLUSIVE, Finding.BASELINE_TOO_SMALL, message, now)
    if not any(
        harmless_share(present, watch.falls, rule.tolerance, rule.design_effect) > 0
        for watch in rule.watches()
    ):
        message = f"{of} for {hours} is so close to the end of the scale that nothing is beyond the tolerance"
        return Verdict(VerdictKind.INCONCLUSIVE, Finding.TOLERANCE_TOO_LARGE, message, now)
    return None


def judge_past(
    state: PastJudged | None,
    rule: PastRule,
    watched: Watched,
    now: float,
    *,
    blind: Verdict | None = None,
) -> tuple[PastJudged, Verdict]:
    """Compare a version with itself, some time before; arguments as of `judge_baseline`."""
    subject = (watched.version, watched.since, rule)
    if state is None or state.subject != subject:
        first = with_past.begin(rule, watched.since)
        state = PastJudged(subject, Cutter(alongside(watched.since).until), first)
    excluded = both_times(tuple(watched.excluded), rule.offset)
    then = Shifted(watched.column, rule.offset)
    cutter, blocks = cut(state.cutter, watched.column, then, watched.settled_until, excluded)
    evidence = state.evidence
    for block in blocks:
        evidence = with_past.fold(evidence, rule, block, excluded)
    words = (watched.signal, watched.version, f"its own past of {span(rule.offset)} before")
    if evidence.breached_by:
        compared = Compared(*words, rule, evidence.breached_by, evidence.window)
        return PastJudged(subject, cutter, evidence), breached(compared, now)
    window = evidence.window.as_of(now)
    compared = Compared(*words, rule, evidence.leading, window)
    judged = replace(state, cutter=cutter, evidence=evidence)
    return judged, blind or not_breached(compared, now)
