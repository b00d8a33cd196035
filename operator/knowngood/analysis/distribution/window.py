"""The distributions of both sides over a span, so weighted that a change of weights is no drift.

In each block both sides get the same weight n_c n_s/(n_c + n_s): if both always follow one common
law, however it moves, the two sums differ by chance alone. The chance is that of as many
independent requests as `judged` and `other` return.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from knowngood.analysis.distribution.bins import VectorBlock

PARTS = 32
"""A window is kept in so many parts; its old edge is exact to one of them."""


@dataclass(frozen=True, slots=True)
class VectorSums:
    """Running sums of blocks.

    Attributes:
        canary: Weighted requests of the judged version per bin.
        stable: Those of the other one; they sum up to the same number.
        of_canary: Sum of n_c n_s^2/n^2: the spread of `canary`.
        of_stable: Sum of n_c^2 n_s/n^2: that of `stable`.
        n_c: Requests of the judged version.
        n_s: Requests of the other one.
    """

    canary: tuple[float, ...] = ()
    stable: tuple[float, ...] = ()
    of_canary: float = 0.0
    of_stable: float = 0.0
    n_c: int = 0
    n_s: int = 0

    def plus_judged(self, block: VectorBlock) -> "VectorSums":
        """With the judged requests of one more block, as they are; for a frozen reference."""
        n_c = sum(block.canary)
        counts, of_canary = _sum(self.canary, block.canary, 1.0), self.of_canary + n_c
        return VectorSums(counts, (), of_canary, 0.0, self.n_c + n_c)

    def plus(self, block: VectorBlock) -> "VectorSums":
        """With one more block."""
        n_c, n_s = sum(block.canary), sum(block.stable)
        if not n_c or not n_s:
            return VectorSums(
                self.canary,
                self.stable,
                self.of_canary,
                self.of_stable,
                self.n_c + n_c,
                self.n_s + n_s,
            )
        of_judged, of_stable = n_c / (n_c + n_s), n_s / (n_c + n_s)
        weight = n_c * of_stable
        return VectorSums(
            _sum(self.canary, block.canary, of_stable),
            _sum(self.stable, block.stable, of_judged),
            self.of_canary + weight * of_stable,
            self.of_stable + weight * of_judged,
            self.n_c + n_c,
            self.n_s + n_s,
        )

    def judged(self, design_effect: float) -> list[float]:
        """As many independent requests of the judged version per bin as the sums are worth."""
        return _worth(self.canary, self.of_canary * design_effect)

    def other(self, design_effect: float) -> list[float]:
        """The same for the version that it is compared with."""
        return _worth(self.stable, self.of_stable * design_effect)


NO_SUMS = VectorSums()


def _sum(sums: Sequence[float], counts: Sequence[float], weight: float) -> tuple[float, ...]:
    if not sums:
        return tuple([weight * count for count in counts])
    return tuple([old + weight * new for old, new in zip(sums, counts, strict=True)])


def _worth(sums: Sequence[float], spread: float) -> list[float]:
    scale = sum(sums) / spread if spread else 0.0
    return [scale * each for each in sums]


@dataclass(frozen=True, slots=True)
class VectorWindow:
    """The sums over the last `over` seconds of blocks, and over the last tumbling window.

    Attributes:
        over: Seconds.
        is_paired: Whether both sides are in the blocks; otherwise the judged one alone.
        parts: Sums by number of their part; the parts are on an absolute grid of time.
        tumbled: Index and sums of the last window of `PARTS` whole parts that is complete.
    """

    over: float
    is_paired: bool
    parts: tuple[tuple[int, VectorSums], ...] = ()
    tumbled: tuple[int, VectorSums] | None = None

    def plus(self, block: VectorBlock) -> "VectorWindow":
        """With one more block, and without the parts that are too old by its end.

        A block belongs to the part in which its last second lies.
        """
        newest = int((block.end - 1) * PARTS // self.over)
        if self.parts and self.parts[-1][0] == newest:
            last = self._grown(self.parts[-1][1], block)
            return replace(self, parts=(*self.parts[:-1], (newest, last)))
        kept = tuple(part for part in self.parts if part[0] >= newest - PARTS)
        parts = (*kept, (newest, self._grown(NO_SUMS, block)))
        return replace(self, parts=parts, tumbled=self._tumbled_at(newest // PARTS))

    def _grown(self, sums: VectorSums, block: VectorBlock) -> VectorSums:
        return sums.plus(block) if self.is_paired else sums.plus_judged(block)

    def _tumbled_at(self, window: int) -> tuple[int, VectorSums] | None:
        """The last complete tumbling window when one of this index has begun."""
        if not self.parts or self.parts[-1][0] // PARTS == window:
            return self.tumbled
        last = self.parts[-1][0] // PARTS
        return last, _total(sums for part, sums in self.parts if part // PARTS == last)

    @property
    def sums(self) -> VectorSums:
        """The sums over the window."""
        return _total(sums for _, sums in self.parts)


def _total(parts: Iterable[VectorSums]) -> VectorSums:
    together = list(parts)
    return VectorSums(
        _columns([sums.canary for sums in together]),
        _columns([sums.stable for sums in together]),
        sum(sums.of_canary for sums in together),
        sum(sums.of_stable for sums in together),
        sum(sums.n_c for sums in together),
        sum(sums.n_s for sums in together),
    )


def _columns(rows: list[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(map(sum, zip(*filter(None, rows), strict=True)))
