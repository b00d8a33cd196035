"""One version of the model: a trained file behind its own preprocessing."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from e2e.models.features import Preprocessing, Row, vector
from e2e.models.feed import Unit

THRESHOLD: Final = 0.5
"""A loan is approved from this probability of repayment on."""


class Kind(StrEnum):
    """Which training: a logistic regression, one that is held to smaller weights, or boosted trees."""

    LOGISTIC = "logistic"
    RIDGE = "ridge"
    BOOSTED = "boosted"


def file_name(kind: Kind) -> str:
    """Return the name of a trained model's file."""
    return f"{kind}.joblib"


@dataclass(frozen=True, slots=True)
class Model:
    """Answers applications."""

    fitted: Any
    preprocessing: Preprocessing

    @classmethod
    def load(cls, directory: Path, kind: Kind, preprocessing: Preprocessing) -> "Model":
        """Load a trained model from the directory that `train.ensure` returned."""
        import joblib  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy; it ships no types

        return cls(joblib.load(directory / file_name(kind)), preprocessing)

    def score(self, row: Any, delivered: Unit = Unit.YEARS) -> float:
        """Return the probability that the loan is repaid, with the features as they are delivered.

        Raises:
            BadRowError: the row is not an application.
        """
        return self.probability(self.numbers(row, delivered))

    def numbers(self, row: Any, delivered: Unit = Unit.YEARS) -> list[float]:
        """Return what the model reads of an application, in the order of `FEATURES`.

        Raises:
            BadRowError: the row is not an application.
        """
        return vector(row, self.preprocessing, delivered)

    def probability(self, numbers: list[float]) -> float:
        """Return the probability that the loan is repaid, of what `numbers` has returned."""
        return float(self.fitted.predict_proba([numbers])[0][1])

    def decide(self, rows: Sequence[Row]) -> list[bool]:
        """Return for each application whether it is approved."""
        vectors = [vector(row, self.preprocessing) for row in rows]
        return [bool(p >= THRESHOLD) for p in self.fitted.predict_proba(vectors)[:, 1]]
