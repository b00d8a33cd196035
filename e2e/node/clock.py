"""Timestamps as the API server writes them."""

from datetime import UTC, datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a node stamps what it did when it did it


def seconds() -> str:
    """Return the present time to the second (`metav1.Time`)."""
    return _utc_now().strftime("%Y-%m-%dT%H:%M:%SZ")


def microseconds() -> str:
    """Return the present time to the microsecond (`metav1.MicroTime`)."""
    return _utc_now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seconds_until(timestamp: str) -> float:
    """Return how far away a timestamp of the API server is; negative if it has passed."""
    return (datetime.fromisoformat(timestamp) - _utc_now()).total_seconds()
