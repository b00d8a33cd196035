"""What golden requests prove: that one version answers right where another one, asked the same, does not.

A standby that answers them right is no better by that alone: a feed that breaks what users send leaves golden requests
as they are, so every version would answer them right. What counts is the difference between both, asked in the same
minutes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

RECENT: Final = timedelta(minutes=5)
"""How far back rounds count; what was found before says nothing of now."""

ROUNDS: Final = 10
"""Rounds that prove: were both versions alike, all of so many faults would be the other one's once in 1024 times."""


@dataclass(frozen=True, slots=True)
class Round:
    """What some pods of a version have answered, asked side by side.

    Attributes:
        at: When it ended.
        fault: What was wrong, in words for people; empty when each answer was right.
        missing: No answer was wrong, and one did not come.
    """

    at: datetime
    fault: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """What the pods of a version have answered to golden requests in the last minutes.

    Attributes:
        right: Rounds in which each pod that was asked gave each right answer.
        wrong: Rounds in which one gave a wrong answer.
        at: When the latest round ended.
        fault: What was wrong in it, in words for people; empty when it was right.
        missing: Rounds in which no answer was wrong, and one did not come.
        silent: Whether the latest round is one of those.
    """

    right: int
    wrong: int
    at: datetime
    fault: str = ""
    missing: int = 0
    silent: bool = False

    def is_recent(self, now: datetime) -> bool:
        """Whether the latest round says something of now."""
        return now - self.at <= RECENT


def tried_in(rounds: Iterable[Round], now: datetime) -> Tried | None:
    """Sum up the rounds that say something of now; None where there are none.

    Args:
        rounds: In the order in which they ended.
        now: The present instant.
    """
    found = [one for one in rounds if now - one.at <= RECENT]
    if not found:
        return None
    missing = sum(1 for one in found if one.missing)
    wrong = sum(1 for one in found if one.fault) - missing
    right = len(found) - wrong - missing
    last = found[-1]
    return Tried(right, wrong, last.at, last.fault, missing, last.missing)


def recent(tried: Mapping[str, Tried], version: str, now: datetime) -> Tried | None:
    """What a version has answered lately; None where nobody knows."""
    found = tried.get(version)
    return found if found is not None and found.is_recent(now) else None


def latest_fault(tried: Mapping[str, Tried], version: str, now: datetime) -> tuple[str, bool]:
    """Say what is wrong with a version's latest answers, and whether none was wrong and one did not come.

    The words are empty where it answers right, or where nobody knows.
    """
    found = recent(tried, version, now)
    if found is None or not found.fault:
        return "", False
    return f"version {version}: {found.fault}", found.silent


def not_better(
    tried: Mapping[str, Tried], serves: str, stands_by: str, now: datetime, *, brought: bool = True
) -> str:
    """Say why golden requests do not show that one version answers right where another one does not; empty if they do.

    Args:
        tried: What versions have answered.
        serves: The version that serves, and is breached.
        stands_by: The other one.
        now: The present instant.
        brought: Whether the other one has pods that can be asked; where not, only what the first one answers counts.
    """
    bad = recent(tried, serves, now)
    if bad is None:
        return f"version {serves} was not asked golden requests yet"
    if bad.wrong == 0 and bad.missing:
        return (
            f"version {serves} gives no answer to golden requests, and no wrong one: it may have too much to do, and "
            "another version would have as much"
        )
    if bad.wrong == 0:
        return f"version {serves} answers golden requests right: what it is asked may have changed, and not the version"
    if bad.wrong < ROUNDS:
        return f"version {serves} is asked golden requests some more times"
    return _not_right(recent(tried, stands_by, now), stands_by) if brought else ""


def _not_right(good: Tried | None, version: str) -> str:
    """Say why it is not shown that a version answers right; empty where it is."""
    if good is None:
        return f"version {version} was not asked golden requests yet"
    if good.wrong:
        return f"version {version} has answered golden requests wrong too"
    if good.missing:
        return f"version {version} has left golden requests without an answer"
    return (
        ""
        if good.right >= ROUNDS
        else f"version {version} is asked golden requests some more times"
    )
