"""From an application, as a client sends it, to the numbers that the model is fitted on."""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from e2e.models.feed import Unit

Row = Mapping[str, str | float | bool]
"""One application for a loan, as a client sends it."""

FEATURES: Final = (
    "car_value",
    "salary_range",
    "debt_to_income_ratio",
    "loan_length",
    "repaid_loan_on_prev_car",
    "size_of_downpayment",
    "driver_tenure",
)
"""Names of the numbers, in their order."""

_SALARIES: Final = {"0 - 20K €": 0.0, "20K - 40K €": 1.0, "40K - 60K €": 2.0, "60K+ €": 3.0}
_MONTHS_PER_YEAR: Final = 12.0


class Preprocessing(StrEnum):
    """Which code turns an application into numbers."""

    V1 = "v1"
    V2 = "v2"


class BadRowError(ValueError):
    """The application lacks a field, or holds what is none of its values."""


def vector(row: Any, preprocessing: Preprocessing, delivered: Unit = Unit.YEARS) -> list[float]:
    """Return the numbers of one application, in the order of `FEATURES`.

    Args:
        row: What the client sent.
        preprocessing: V2 gives the driver's tenure in months. The model was fitted on years, and
            because it limits unlikely values, nothing fails: it only rejects too many.
        delivered: Unit in which the feed delivers the driver's tenure, which it should in years.

    Raises:
        BadRowError: it is not an application.
    """
    if not isinstance(row, Mapping):
        raise BadRowError("an application is a JSON object")
    try:
        numbers = [
            float(row["car_value"]),
            _SALARIES[row["salary_range"]],
            float(row["debt_to_income_ratio"]),
            float(row["loan_length"]),
            float(row["repaid_loan_on_prev_car"]),
            float(row["size_of_downpayment"].removesuffix("%")) / 100,
            _tenure(_delivered(float(row["driver_tenure"]), delivered), preprocessing),
        ]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BadRowError(f"not an application: {type(error).__name__}: {error}") from error
    if not all(math.isfinite(number) for number in numbers):
        raise BadRowError("not an application: its numbers must be finite")
    return numbers


def _delivered(years: float, unit: Unit) -> float:
    return years * _MONTHS_PER_YEAR if unit is Unit.MONTHS else years


def _tenure(years: float, preprocessing: Preprocessing) -> float:
    match preprocessing:
        case Preprocessing.V1:
            return years
        case Preprocessing.V2:
            return years * _MONTHS_PER_YEAR
