"""What has moved since the harm began, and at which versions: what steps say of what was counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from knowngood.analysis.moved import ENOUGH, Move, moved
from knowngood.api.v1alpha1.playbook_status import StepState
from knowngood.decisions.playbook.steps import Finding

TOLD: Final = 5
"""Features that are named in a sentence: those with the most evidence."""

_ASKED: Final = 0.5
"""From which share of the requests on, by those of before, a version was asked the same since the harm began."""

_PERCENT: Final = 100.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a version.

    Attributes:
        version: Its name.
        parts: How far each part has moved; None where it has too few requests.
    """

    version: str
    parts: Mapping[str, Move | None]

    @property
    def known(self) -> dict[str, Move]:
        """The parts with enough requests."""
        return {name: move for name, move in self.parts.items() if move is not None}


def feature_distributions(bad: Seen, other: Seen | None, unread: Sequence[str]) -> Finding:
    """Say which features have moved.

    Args:
        bad: The version that the incident is about.
        other: The one that stands by; None where there is none.
        unread: What could not be read, and why, in words.
    """
    missed = _missed(unread)
    if not bad.known:
        return _nothing(bad, unread)
    names = moved(bad.known)
    if not names:
        few = len(bad.parts) - len(bad.known)
        rest = f"; {few} have too few requests to say" if few else ""
        text = f"none of {len(bad.known)} features has moved at version {bad.version} {_counted(bad)}{rest}{missed}"
        return Finding(StepState.PASSED, text)
    far = ", ".join(_far(name, bad.known[name]) for name in names[:TOLD])
    more = f" and {len(names) - TOLD} more" if len(names) > TOLD else ""
    text = (
        f"{len(names)} of {len(bad.known)} features have moved at version {bad.version} {_counted(bad)}: {far}{more}; "
        f"{_elsewhere(names, bad, other)}{missed}"
    )
    both = _at_both(names, other)
    shared = f"{', '.join(both[:TOLD])} moved at all of them" if both else ""
    return Finding(StepState.FOUND, text, shared=shared)


def _at_both(names: Sequence[str], other: Seen | None) -> list[str]:
    """What of it has moved at the version that stands by, too."""
    return [name for name in moved(other.known) if name in names] if other is not None else []


def _nothing(bad: Seen, unread: Sequence[str]) -> Finding:
    if unread and not bad.parts:
        return Finding(StepState.FAILED, f"nothing could be read{_missed(unread)}")
    if not bad.parts:
        return Finding(StepState.SKIPPED, f"no feature of version {bad.version} is counted")
    text = f"version {bad.version} has too few requests: {ENOUGH} are needed, before the harm began and since"
    return Finding(StepState.SKIPPED, f"{text}{_missed(unread)}")


def _elsewhere(names: Sequence[str], bad: Seen, other: Seen | None) -> str:
    """Whether the same has moved at the version that stands by, and what that speaks for."""
    known = other.known if other is not None else {}
    asked = [name for name in names if name in known]
    if other is None or not asked:
        return "no other version answered enough of the same requests to compare"
    both = _at_both(names, other)
    if both:
        return (
            f"at version {other.version}, which is asked the same, {', '.join(both[:TOLD])} moved too: "
            f"that speaks for what reaches every version, and not for version {bad.version}"
        )
    if not any(_went_on(bad.known[name], known[name]) for name in asked):
        return (
            f"at version {other.version} they were not seen to move, but it was asked less than before since the "
            "harm began: that speaks for nothing"
        )
    return (
        f"at version {other.version}, which is asked the same, they were not seen to move: that speaks "
        f"for version {bad.version} itself"
    )


def _went_on(bad: Move, other: Move) -> bool:
    """Whether a version was asked as before since the harm began: what it answered first may not have met the harm."""
    return other.since * bad.before >= _ASKED * bad.since * other.before


def common_move(signal: str, other: Seen) -> str:
    """Say that what serves and what stands by moved together, by the signal that is breached; empty where not."""
    if not moved(other.known):
        return ""
    return (
        f"{signal} has moved at version {other.version} too, which is asked the same: that speaks for "
        "what reaches every version"
    )


def _far(name: str, move: Move) -> str:
    shifts = "; ".join(
        f"{s.label}: {s.before * _PERCENT:.0f} % to {s.after * _PERCENT:.0f} %" for s in move.shifts
    )
    return f"{name} (PSI {move.distance:.2f}; {shifts})"


def _counted(seen: Seen) -> str:
    moves = seen.known.values()
    since, before = max(m.since for m in moves), max(m.before for m in moves)
    return f"({since} requests since the harm began, {before} before)"


def _missed(unread: Sequence[str]) -> str:
    return f"; not looked at: {'; '.join(unread)}" if unread else ""
