"""Random requests of two versions by bin, minute by minute or second by second."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from knowngood.analysis.distribution.bins import Bins, VectorBlock

Law = npt.NDArray[np.float64]

CONFIDENCE = np.array([0.01, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.13, 0.22, 0.40])
"""A usual law of a model's confidence in ten bins."""

TENTHS = Bins(
    tuple(f"{k / 10:.1f}-{(k + 1) / 10:.1f}" for k in range(10)),
    tuple(k / 10 for k in range(1, 10)),
)


def from_the_top(law: Law, part: float) -> Law:
    """A part of all mass leaves the highest bin for the next one."""
    moved = law.copy()
    moved[-1] -= part
    moved[-2] += part
    return moved


def flow(
    draw: np.random.Generator,
    rates: tuple[float, float] | Callable[[int], tuple[float, float]],
    laws: Callable[[int], tuple[Law, Law]],
    blocks: int,
    seconds: int = 60,
) -> Iterator[VectorBlock]:
    """Poisson traffic as blocks.

    Args:
        draw: Where chance comes from.
        rates: Requests per block of the judged version and of the stable one; by block.
        laws: Their laws, by block.
        blocks: How many.
        seconds: How long one is.
    """
    for k in range(blocks):
        judged, stable = rates(k) if callable(rates) else rates
        of_judged, of_stable = laws(k)
        x = draw.multinomial(draw.poisson(judged), of_judged)
        y = draw.multinomial(draw.poisson(stable), of_stable)
        yield VectorBlock(tuple(x.tolist()), tuple(y.tolist()), k * seconds, (k + 1) * seconds)
