"""Sentences with numbers, for people who are paged."""

from datetime import UTC, datetime

from knowngood.signals.cells import Counts


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


def span(seconds: float) -> str:
    """A span of time: `42 s`, `12 min`."""
    limit = 120
    return f"{seconds:.0f} s" if seconds < limit else f"{seconds / 60:.0f} min"


def instant(unix_seconds: float) -> str:
    """A point in time, in UTC."""
    return datetime.fromtimestamp(unix_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def missing(name: str, have: int, wanted: int) -> str:
    """What a version lacks: `version 8 has 120 of 500 requests`."""
    return f"version {name} has {count(have)} of {count(wanted)} requests"
