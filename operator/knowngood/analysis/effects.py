"""How large the difference is, estimated over blocks: a change of weights does not fool it."""

from dataclasses import dataclass
from typing import NamedTuple

from knowngood.analysis.blocks import Block

_PARTS = 32  # a window is kept in this many parts; its old edge is exact to one of them


class EffectSums(NamedTuple):
    """Running sums of the Mantel-Haenszel risk difference, and of the counts."""

    weighted: float = 0.0
    weight: float = 0.0
    x: int = 0
    n_c: int = 0
    y: int = 0
    n_s: int = 0

    def plus(self, block: Block) -> "EffectSums":
        """With one more block."""
        weighted, weight, x, n_c, y, n_s = self
        n = (block.n_c + block.n_s) or 1
        return EffectSums(
            weighted + (block.x * block.n_s - block.y * block.n_c) / n,
            weight + block.n_c * block.n_s / n,
            x + block.x,
            n_c + block.n_c,
            y + block.y,
            n_s + block.n_s,
        )

    @property
    def difference(self) -> float | None:
        """How much higher the canary's share is; None when no block had both versions."""
        return self.weighted / self.weight if self.weight else None


NO_SUMS = EffectSums()


@dataclass(frozen=True, slots=True)
class EffectWindow:
    """The sums over the last `over` seconds of blocks; None: over all of them."""

    over: float | None
    parts: tuple[tuple[int, EffectSums], ...] = ()

    def plus(self, block: Block) -> "EffectWindow":
        """With one more block, and without the parts that are too old by its end."""
        if self.over is None:
            total = self.parts[0][1] if self.parts else NO_SUMS
            return EffectWindow(None, ((0, total.plus(block)),))
        width = self.over / _PARTS
        newest = int(block.end // width)
        kept = tuple(part for part in self.parts if part[0] >= newest - _PARTS)
        if kept and kept[-1][0] == newest:
            return EffectWindow(self.over, (*kept[:-1], (newest, kept[-1][1].plus(block))))
        return EffectWindow(self.over, (*kept, (newest, NO_SUMS.plus(block))))

    @property
    def difference(self) -> float | None:
        """How much higher the canary's share is in the window; None: nothing to compare."""
        weight = sum(sums.weight for _, sums in self.parts)
        return sum(sums.weighted for _, sums in self.parts) / weight if weight else None
