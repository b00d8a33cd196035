"""The car-loan rows with what their own model said of them, and what became of the loans."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from e2e.models.data import ANALYSIS, OUTCOMES, REFERENCE

NUMBERS: Final = ("car_value", "debt_to_income_ratio", "loan_length", "driver_tenure")
"""Features that are numbers."""

WORDS: Final = ("salary_range", "repaid_loan_on_prev_car", "size_of_downpayment")
"""Features that are one of a few words."""

CHANGING: Final = frozenset({"car_value", "loan_length", "salary_range", "repaid_loan_on_prev_car"})
"""Features that are different from the sixth chunk on."""

CHUNK: Final = 5000
"""Rows of one chunk, as the data set's own documentation cuts it: ten of them, and from the sixth on they differ."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One application, what was decided, and what was right.

    Attributes:
        numbers: By the names in `NUMBERS`.
        words: By the names in `WORDS`.
        score: Probability that the loan is repaid, as the model said.
        approved: The model's decision.
        repaid: What became of it.
    """

    numbers: Mapping[str, float]
    words: Mapping[str, str]
    score: float
    approved: bool
    repaid: bool


def reference(directory: Path) -> Sequence[Decision]:
    """Read the 50 000 rows that the model was tested with."""
    return [_decision(record) for record in _read(directory / REFERENCE)]


def analysis(directory: Path) -> Sequence[Decision]:
    """Read the 50 000 rows that came later; from row 25 000 on other people apply."""
    joined = zip(_read(directory / ANALYSIS), _read(directory / OUTCOMES), strict=True)
    return [_decision({**record, **outcome}) for record, outcome in joined]


def chunk(number: int) -> range:
    """The rows of a chunk, counted from 0."""
    return range(number * CHUNK, (number + 1) * CHUNK)


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _decision(record: Mapping[str, str]) -> Decision:
    return Decision(
        {name: float(record[name]) for name in NUMBERS},
        {name: record[name] for name in WORDS},
        float(record["y_pred_proba"]),
        float(record["y_pred"]) == 1,
        float(record["repaid"]) == 1,
    )
