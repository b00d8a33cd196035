"""What a test says of each segment, as a short table."""

from collections.abc import Mapping
from typing import Final

from knowngood.api.v1alpha1 import EvidenceNumbers, SegmentNumbers, VerdictKind
from knowngood.cli.views.lines import EMPTY, Cell, Part, Table, Tone

_INDENT: Final = "  "
_TONES: Final[Mapping[VerdictKind, Tone]] = {
    VerdictKind.BREACHED: Tone.BAD,
    VerdictKind.HEALTHY: Tone.GOOD,
}


def segments(numbers: EvidenceNumbers, judged: str, other: str) -> tuple[Part, ...]:
    """Each segment with its numbers, the named ones first; nothing where the signal has none.

    Args:
        numbers: The evidence of a trigger.
        judged: Who was judged, for people.
        other: Who it was compared with.
    """
    if not numbers.segments:
        return ()
    named = numbers.named or ()
    beside = other if other.startswith("version") else "other"
    ordered = sorted(numbers.segments, key=lambda one: _place(one.segment, named))
    header = (
        f"{_INDENT}SEGMENT",
        "VERDICT",
        judged.upper(),
        beside.upper(),
        "DIFFERENCE",
        "EVIDENCE",
        "LIMIT",
        "NAMED",
    )
    return (Table(header, tuple(_row(one, named) for one in ordered)),)


def _place(segment: str, named: tuple[str, ...]) -> int:
    return named.index(segment) if segment in named else len(named)


def _row(one: SegmentNumbers, named: tuple[str, ...]) -> tuple[Cell, ...]:
    return (
        Cell(_INDENT + one.segment),
        Cell(one.verdict, _TONES.get(one.verdict, Tone.WARNING)),
        Cell(_counts(one.events, one.samples)),
        Cell(_counts(one.reference_events, one.reference_samples)),
        Cell(one.effect or EMPTY),
        Cell(one.statistic or EMPTY),
        Cell(one.limit or EMPTY),
        Cell("yes" if one.segment in named else EMPTY),
    )


def _counts(events: int | None, samples: int | None) -> str:
    """Requests, and how many of them showed the event where one is counted."""
    if samples is None:
        return EMPTY
    return str(samples) if events is None else f"{events} of {samples}"
