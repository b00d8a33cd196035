"""Which part of a season a second belongs to. All of it in UTC, without daylight saving time."""

from typing import Final

from knowngood.api.v1alpha1.comparisons import Seasonality

_HOUR: Final = 3600
_THURSDAY: Final = 3  # the first of January 1970 was one; days are counted from Monday
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

STRATA: Final = {
    Seasonality.NONE: 1,
    Seasonality.HOUR_OF_DAY: 24,
    Seasonality.HOUR_OF_WEEK: 168,
}
"""How many strata a seasonality has."""


def stratum_of(second: float, seasonality: Seasonality) -> int:
    """The stratum of a unix second; hours of the week begin with Monday, 00:00."""
    hours = int(second // _HOUR)
    if seasonality is Seasonality.HOUR_OF_WEEK:
        hours += 24 * _THURSDAY
    return hours % STRATA[seasonality]


def name_of(stratum: int, seasonality: Seasonality) -> str:
    """A stratum in words: `Mondays at 03:00 UTC`, `03:00 UTC`; without a season `all hours`."""
    if seasonality is Seasonality.NONE:
        return "all hours"
    hour = f"{stratum % 24:02d}:00 UTC"
    is_of_week = seasonality is Seasonality.HOUR_OF_WEEK
    return f"{_DAYS[stratum // 24]}s at {hour}" if is_of_week else hour
