"""The table of the docs on what a replay finds, to be held against what one has found."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parents[2] / "docs" / "replay.md"

_ROW = re.compile(
    r"^\| `([a-z-]+)` \| (yes|no) \| (-?[0-9.]+) \| ([<>]) ([0-9.]+) \| (-|[0-9 ]+) \|$", re.M
)


@dataclass(frozen=True, slots=True)
class Row:
    """What the docs say of one trigger.

    Attributes:
        named: Whether it is breached.
        distance: Of the rows of other people from those of the validation.
        least: Evidence that there is at least at an alarm, over what is asked for; 0 without one.
        most: Evidence that there is at most without an alarm; infinite with one.
        rows: Within how many rows it is named; None: it is not.
    """

    named: bool
    distance: float
    least: float
    most: float
    rows: int | None

    def agrees(self, evidence: float, rows: int | None) -> bool:
        """Whether a replay has found the same.

        Args:
            evidence: At the alarm, or at the end.
            rows: After how many it was named; None: it was not.
        """
        if rows is None or self.rows is None:
            return rows is self.rows and evidence < self.most
        return evidence > self.least and rows <= self.rows


def documented(path: Path = DOCS) -> Mapping[str, Row]:
    """Read the table, by trigger."""
    found = {}
    for name, named, distance, sign, bound, rows in _ROW.findall(path.read_text(encoding="utf-8")):
        least, most = (float(bound), float("inf")) if sign == ">" else (0.0, float(bound))
        within = None if rows == "-" else int(rows.replace(" ", ""))
        found[name] = Row(named == "yes", float(distance), least, most, within)
    return found
