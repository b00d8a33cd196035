"""Counts of two versions as scrapes show them: at their own seconds, in lumps."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from knowngood.signals.cells import CellColumn

Course = npt.NDArray[np.int64]
"""One number per second."""


def scraped(
    events: Course, total: Course | None = None, *, every: int = 1, first: int = 0
) -> CellColumn:
    """Cells of a version that is read every few seconds, from a second on."""
    column, total = CellColumn(), events if total is None else total
    sums = np.concatenate([[0], np.cumsum(events)]), np.concatenate([[0], np.cumsum(total)])
    before = 0
    for second in range(first, len(events), every):
        counted = [int(one[second + 1] - one[before]) for one in sums]
        column.append(second, *counted)
        before = second + 1
    return column


def column_of(cells: Sequence[tuple[int, int, int]]) -> CellColumn:
    """Cells as (second, events, requests)."""
    column = CellColumn()
    for second, events, total in cells:
        column.append(second, events, total)
    return column
