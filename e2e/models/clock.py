"""The wall clock, for programs whose records are compared with those of other processes."""

from datetime import UTC, datetime


def unix_seconds() -> float:
    """Return the present time in seconds since 1970."""
    return datetime.now(UTC).timestamp()  # noqa: TID251 - these programs run on their own, in real time
