"""How often requests of what serves may be shifted by itself: whoever can make a signal lie must not make them swing.

What people ask for is neither counted nor limited, and nor is a canary that is taken back: that sends users to a
version that answers them already.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import seconds
from knowngood.api.v1alpha1.policy import Limits
from knowngood.decisions.timeline import instant, span

HOUR: Final = timedelta(hours=1)
KEPT: Final = 16
"""Shifts that are remembered: more than may be made in an hour."""


@dataclass(frozen=True, slots=True)
class ShiftLimits:
    """How often; None for as often as there is a reason.

    Attributes:
        per_hour: Shifts that may begin within an hour.
        cooldown: How long after one has begun none begins.
    """

    per_hour: int | None = None
    cooldown: timedelta | None = None


UNLIMITED: Final = ShiftLimits()


def strictest(limits: Iterable[Limits]) -> ShiftLimits:
    """What several policies say together."""
    found = list(limits)
    numbers = [one.actions_per_hour for one in found if one.actions_per_hour is not None]
    pauses = [seconds(one.cooldown) for one in found if one.cooldown is not None]
    return ShiftLimits(
        min(numbers, default=None), timedelta(seconds=max(pauses)) if pauses else None
    )


def counted(shifts: Sequence[datetime], now: datetime) -> tuple[datetime, ...]:
    """Remember that a shift begins."""
    return (*shifts, now)[-KEPT:]


def limited_until(limits: ShiftLimits, shifts: Sequence[datetime], now: datetime) -> datetime:
    """When the limits let the next shift begin; `now` where they do already."""
    return max((end for end, _ in _reached(limits, shifts, now)), default=now)


def why_limited(
    limits: ShiftLimits,
    shifts: Sequence[datetime],
    now: datetime,
    held: str = "nothing is shifted",
) -> str:
    """Name the limit that lasts longest, and when it ends; empty where none is reached.

    Args:
        limits: What the policies say.
        shifts: When that which they count was done.
        now: The present instant.
        held: What follows, in words.
    """
    end, name = max(_reached(limits, shifts, now), default=(now, ""))
    if not name:
        return ""
    return f"the limit {name} of the policies is reached: {held} by itself before {instant(end)}"


def _reached(
    limits: ShiftLimits, shifts: Sequence[datetime], now: datetime
) -> list[tuple[datetime, str]]:
    found = []
    if shifts and limits.cooldown is not None:
        pause = span(now + limits.cooldown, now)
        found.append((shifts[-1] + limits.cooldown, f"cooldown: {pause}"))
    most = limits.per_hour
    if most is not None and len(shifts) >= most:
        found.append((shifts[-most] + HOUR, f"actionsPerHour: {most}"))
    return [(end, name) for end, name in found if end > now]
