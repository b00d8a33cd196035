"""Sentences with numbers, for people who are paged."""

from datetime import UTC, datetime

from knowngood.signals.cells import Counts

_YEAR = 365 * 86400


def count(number: int) -> str:
    """A whole number with its thousands set apart: `5 061`."""
    return f"{number:,}".replace(",", " ")


def share(counts: Counts) -> str:
    """A share with its counts: `0.512 (410 of 801)`; for no requests, `unknown (0 of 0)`."""
    what = f"{counts.events / counts.total:.4g}" if counts.total else "unknown"
    return f"{what} ({count(counts.events)} of {count(counts.total)})"


def percentage(fraction: float) -> str:
    """A fraction in percent, without digits that say nothing: `1 %`."""
    return f"{100 * fraction:.4g} %"


def points(fraction: float) -> str:
    """A difference of shares: `4.2 points`."""
    return f"{100 * fraction:.4g} points"


def span(seconds: float) -> str:
    """A span of time: `42 s`, `12 min`."""
    limit = 120
    return f"{seconds:.0f} s" if seconds < limit else f"{seconds / 60:.0f} min"


def long_span(seconds: float) -> str:
    """A long span of time: `12 min`, `5 h`, `30 days`, `10 years`."""
    many, few = 1e6, 10
    if seconds > many * _YEAR:
        return "over a million years"
    for unit, length in (("years", _YEAR), ("days", 86400), ("h", 3600)):
        if seconds >= 2 * length:
            number = round(seconds / length, 1)
            return f"{number:g} {unit}" if number < few else f"{count(round(number))} {unit}"
    return span(seconds)


def instant(unix_seconds: float) -> str:
    """A point in time, in UTC."""
    return datetime.fromtimestamp(unix_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def missing(name: str, have: int, wanted: int) -> str:
    """What a version lacks: `version 8 has 120 of 500 requests`."""
    return f"version {name} has {count(have)} of {count(wanted)} requests"


def odds(to_one: float) -> str:
    """How much likelier one thing is than another: `1.4 to 1`, `1 070 to 1`, `over a million to 1`."""
    few, many = 10, 1_000_000
    if to_one >= many:
        return "over a million to 1"
    return f"{to_one:.2g} to 1" if to_one < few else f"{count(round(to_one))} to 1"


def about(seconds: float) -> str:
    """A span that nobody knows better than roughly: `about 20 minutes`, `about an hour`, `about 17 hours`."""
    minutes, hours = seconds / 60, seconds / 3600
    if minutes < 1.5:  # noqa: PLR2004 - what is nearer to one than to two
        return "about a minute"
    if minutes < 50:  # noqa: PLR2004 - above it, an hour is nearer
        return f"about {_roundly(minutes)} minutes"
    return "about an hour" if hours < 1.5 else f"about {round(hours)} hours"  # noqa: PLR2004 - likewise


def _roundly(minutes: float) -> int:
    """Whole minutes below ten, fives above."""
    few = 10
    return round(minutes) if minutes < few else 5 * round(minutes / 5)
