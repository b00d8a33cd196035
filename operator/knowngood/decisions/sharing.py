"""Many models turn bad at once: what they share may be at fault, and another version of each would do no better.

Whoever can make one signal lie could also move the traffic of every model that it is read for. So nothing is shifted
by itself then; canaries are still taken back, which sends nobody to a version that did not answer before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WITHIN: Final = timedelta(minutes=10)
"""How far apart they may be found to be one."""

LEAST: Final = 3
SHARE: Final = 0.1
_NAMED: Final = 5


@dataclass(frozen=True, slots=True, order=True)
class Harmed:
    """A model that is found to be breached.

    Attributes:
        found_at: When that was found.
        model: Its namespace and name, with a slash between.
        incident: Name of the incident that tells it; empty while there is none.
    """

    found_at: datetime
    model: str
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Shared:
    """Something that models share.

    Attributes:
        what: In words: `policy lending`, `source default`.
        watched: How many models share it.
        harmed: Those of them that are breached.
    """

    what: str
    watched: int
    harmed: tuple[Harmed, ...]


def near(harmed: Iterable[Harmed], at: datetime) -> list[Harmed]:
    """Those that were found at about the same time, the first one first."""
    return sorted(h for h in harmed if abs(h.found_at - at) <= WITHIN)


def common_cause(shared: Iterable[Shared], mine: Harmed) -> tuple[str, Harmed] | None:
    """Say what many models share that turned bad at about the same time, and which was the first; None for a few.

    Args:
        shared: What the model shares with others.
        mine: The model itself, and when it was found to be breached.
    """
    for one in shared:
        together = near((*one.harmed, mine), mine.found_at)
        models = sorted({h.model for h in together})
        if len(models) >= LEAST and len(models) >= SHARE * one.watched:
            more = len(models) - _NAMED
            names = ", ".join(models[:_NAMED]) + (f" and {more} more" if more > 0 else "")
            text = (
                f"{len(models)} of the {one.watched} models of {one.what} turned bad within {WITHIN.seconds // 60} "
                f"minutes ({names}): what they share may be at fault, so a person decides"
            )
            return text, together[0]
    return None
