"""One verdict for all segments of a signal: the worst of them.

Each segment is judged on its own, with an equal part of the trigger's false-alarm budget. Nothing is told of one that
has had fewer requests than the minimum cell. Those with a tenth of the requests of the largest one hold a promotion
until they are judged; a rarer one would hold it for ever, so it only takes a version back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowngood.analysis.distribution.naming import FALSE_NAMES, e_bh
from knowngood.analysis.verdicts import Evidence, Finding, Proof, SegmentFound, Verdict
from knowngood.analysis.wording import percentage
from knowngood.api.v1alpha1.shared import VerdictKind

RARE = 0.1
"""Of the requests of the largest segment: one with fewer is not waited for."""

MOST_NAMED = 20
"""Segments that are named at most, where a trigger says nothing."""

_NO_SIGHT = {VerdictKind.NO_DATA, VerdictKind.OBSERVER_ERROR}


@dataclass(frozen=True, slots=True)
class Part:
    """What a test says of one segment.

    Attributes:
        segment: The value of the label.
        verdict: As if there were no other segment, under its part of the budget.
        samples: Requests of the judged version.
        beside: Those of the other version, or of what is remembered; None where there is neither.
        is_compared: Whether the verdict compares both: then nothing is told before both are large enough.
        e_value: The evidence that it has changed, as of now; None where the test has none.
    """

    segment: str
    verdict: Verdict
    samples: int
    beside: int | None = None
    is_compared: bool = True
    e_value: float | None = None

    def is_told(self, least: int) -> bool:
        """Whether the sides that it tells of are large enough for anything to be said."""
        return self.samples >= least and (not self.is_compared or (self.beside or 0) >= least)

    def numbers(self, least: int) -> Evidence | None:
        """The numbers behind the verdict; None where they are of fewer requests, as a span of time may have."""
        found = self.verdict.evidence
        return found if found and (found.samples >= least or not found.samples) else None


@dataclass(frozen=True, slots=True)
class Division:
    """How the segments of a signal are told apart, and how many of them are named.

    Attributes:
        signal: Its name.
        by: The label.
        min_samples: The minimum cell.
        most_named: Names at most.
    """

    signal: str
    by: str
    min_samples: int
    most_named: int = MOST_NAMED


def waited_for(samples: Sequence[int], beside: Sequence[int | None]) -> tuple[bool, ...]:
    """Which segments hold a promotion: on either side they have a tenth of the requests of the largest one.

    So one that the judged version does not show at all is waited for where the other side has it: no data promotes
    nothing.
    """
    known = [number or 0 for number in beside]
    most, most_known = max(samples, default=0), max(known, default=0)
    return tuple(
        a >= RARE * most or (b > 0 and b >= RARE * most_known)
        for a, b in zip(samples, known, strict=True)
    )


def combined(parts: Sequence[Part], division: Division, now: float) -> Verdict:
    """The verdict over all segments.

    Args:
        parts: In the order in which the segments are named; at least one.
        division: How they are told apart.
        now: Unix seconds.
    """
    least = division.min_samples
    told = [part for part in parts if part.is_told(least)]
    breached = [part for part in told if part.verdict.kind is VerdictKind.BREACHED]
    found = tuple(SegmentFound(p.segment, p.verdict.kind, p.numbers(least)) for p in told)
    if breached:
        return replace(_breached(breached, parts, division, now), segments=found)
    return replace(_unseen(parts, now) or _judged(parts, division, now), segments=found)


def names(parts: Sequence[Part], division: Division) -> tuple[str, ...]:
    """Which segments have changed, by e-BH over all that were tested; of small ones nothing is said.

    A segment that is breached keeps the evidence that it had then, which is as valid at any later time.
    """
    evidence = {
        part.segment: (part.e_value or 0.0) if part.is_told(division.min_samples) else 0.0
        for part in parts
    }
    return e_bh(evidence, FALSE_NAMES, division.most_named)


def _breached(
    breached: Sequence[Part], parts: Sequence[Part], division: Division, now: float
) -> Verdict:
    # The first that was breached: with more of them it stays the one that is told of. One that fails for the stable
    # version too must not hide one for which going back helps.
    worst = min(breached, key=lambda part: (_fails_everywhere(part.verdict), _since(part.verdict)))
    named = names(parts, division)
    which = ", ".join(part.segment for part in breached)
    message = f"{len(breached)} of {len(parts)} segments by {division.by} breached ({which})"
    if named:
        sure = f"at most {percentage(FALSE_NAMES)} of such names are wrong in the mean"
        message += f"; named as changed: {', '.join(named)} ({sure})"
    verdict, evidence = worst.verdict, _of_each(worst.verdict.evidence, parts)
    text = f"{message}; {verdict.message}"
    return replace(verdict, message=text, at=now, evidence=evidence, named=named)


def _of_each(evidence: Evidence | None, parts: Sequence[Part]) -> Evidence | None:
    """The numbers of one segment, whose promise is one of as many."""
    if evidence is None:
        return None
    text = f"{evidence.guarantee}; the same is promised of each of the {len(parts)} segments"
    return replace(evidence, guarantee=text)


def _fails_everywhere(verdict: Verdict) -> bool:
    return verdict.reference is not None and verdict.reference.kind is VerdictKind.BREACHED


def _since(verdict: Verdict) -> float:
    evidence = verdict.evidence
    return evidence.crossed_at if evidence and evidence.crossed_at is not None else verdict.at


def _unseen(parts: Sequence[Part], now: float) -> Verdict | None:
    """The verdict where some segment can not be read, or none can be seen or compared; None otherwise."""
    error = next((p for p in parts if p.verdict.kind is VerdictKind.OBSERVER_ERROR), None)
    if error is not None:
        return replace(error.verdict, at=now, evidence=None, proof=None)
    for same in (
        all(part.verdict.kind is VerdictKind.NO_DATA for part in parts),
        all(_has_nothing_to_compare(part.verdict) for part in parts),
    ):
        if same:
            return replace(parts[0].verdict, at=now, evidence=None, proof=None)
    return None


def _has_nothing_to_compare(verdict: Verdict) -> bool:
    return verdict.reason == Finding.NOTHING_TO_COMPARE


def _judged(parts: Sequence[Part], division: Division, now: float) -> Verdict:
    sides = [part.samples for part in parts], [part.beside for part in parts]
    waited = [
        part
        for part, is_waited in zip(parts, waited_for(*sides), strict=True)
        if is_waited and not _has_nothing_to_compare(part.verdict)
    ]
    small = [part for part in parts if not part.is_told(division.min_samples)]
    open_ = [p for p in waited if p in small or p.verdict.kind is not VerdictKind.HEALTHY]
    least = division.min_samples
    shown = [part for part in parts if part not in small and part.numbers(least) is not None]
    nearest = max(shown, key=_strength, default=None)
    text = _sentence(parts, open_, small, division)
    if nearest is not None and nearest.is_compared:
        text += f"; nearest to a breach is {nearest.segment}, {_evidence_in_words(nearest.verdict)}"
    evidence = _of_each(nearest.verdict.evidence, parts) if nearest else None
    proof = _least([part.verdict.proof for part in waited])
    if open_:
        kind, reason = VerdictKind.INCONCLUSIVE, _reason(open_, small)
    elif not waited:
        kind, reason = VerdictKind.INCONCLUSIVE, Finding.NOTHING_TO_COMPARE.value
    else:
        kind, reason = VerdictKind.HEALTHY, waited[0].verdict.reason
    return Verdict(kind, reason, text, now, evidence, proof=proof)


def _reason(open_: Sequence[Part], small: Sequence[Part]) -> str:
    large = [part.verdict.reason for part in open_ if part not in small]
    return large[0] if large else Finding.TOO_FEW_SAMPLES


def _sentence(
    parts: Sequence[Part], open_: Sequence[Part], small: Sequence[Part], division: Division
) -> str:
    healthy = sum(p.verdict.kind is VerdictKind.HEALTHY for p in parts if p not in small)
    text = f"{division.signal}: {healthy} of {len(parts)} segments by {division.by} are healthy"
    doubtful = [f"{p.segment} is {p.verdict.reason}" for p in open_ if p not in small]
    if doubtful:
        text += f", {', '.join(doubtful)}"
    if small:
        held = sum(part in open_ for part in small)
        text += (
            f", {len(small)} have fewer than {division.min_samples} requests on a side and are not told of"
            f" ({held} of them waited for)"
        )
    return text


def _strength(part: Part) -> float:
    evidence = part.verdict.evidence
    return evidence.statistic / evidence.limit if evidence and evidence.limit else 0.0


def _evidence_in_words(verdict: Verdict) -> str:
    found = verdict.evidence
    return "" if found is None else f"{found.statistic:.3g} where {found.limit:.3g} is a breach"


def _least(proofs: Sequence[Proof | None]) -> Proof | None:
    """The proof that is furthest from being shown; None where a segment has none."""
    known = [proof for proof in proofs if proof is not None]
    if not known or len(known) < len(proofs):
        return None
    return min(known, key=lambda proof: (proof.shown_at is not None, proof.statistic / proof.limit))
