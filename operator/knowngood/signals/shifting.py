"""The same cells at another time: how a version's own past stands beside its present."""

from collections.abc import Iterator, Sequence
from typing import overload

from knowngood.signals.cells import NOTHING, CellColumn, Counts


class Shifted:
    """A view of a column in which each cell is `offset` seconds later; it grows with the column.

    What is settled in the column up to a second is settled in the view up to `offset` later.
    """

    __slots__ = ("_column", "_offset")

    def __init__(self, column: CellColumn, offset: int) -> None:
        """Shift a column.

        Args:
            column: The cells.
            offset: Seconds, above 0.
        """
        self._column = column
        self._offset = offset

    @property
    def seconds(self) -> Sequence[int]:
        """The shifted seconds of the cells."""
        return _Later(self._column.seconds, self._offset)

    def index_of(self, instant: float) -> int:
        """The index of the first cell that begins, shifted, at the instant or later."""
        return self._column.index_of(instant - self._offset)

    @property
    def nothing(self) -> Counts:
        """No request."""
        return NOTHING

    def between(self, start: float, end: float) -> Counts:
        """The counts of all cells that begin, shifted, in [start, end)."""
        return self._column.between(start - self._offset, end - self._offset)

    def cell(self, index: int) -> Counts:
        """The counts of the cell whose shifted second is `seconds[index]`."""
        return self._column.cell(index)


class _Later(Sequence[int]):
    """Seconds, each of them later, without a copy of them."""

    __slots__ = ("_offset", "_seconds")

    def __init__(self, seconds: Sequence[int], offset: int) -> None:
        self._seconds = seconds
        self._offset = offset

    def __len__(self) -> int:
        return len(self._seconds)

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...

    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return _Later(self._seconds[index], self._offset)
        return self._seconds[index] + self._offset

    def __iter__(self) -> Iterator[int]:
        return (second + self._offset for second in self._seconds)
