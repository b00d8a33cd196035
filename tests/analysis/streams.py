"""Random traffic of two versions, block by block, as fast as numpy draws it."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from knowngood.analysis.blocks import Block

Course = npt.NDArray[np.float64]
"""One number per second."""


def course(seconds: int, *parts: tuple[int, float]) -> Course:
    """A course that takes each value from its second on."""
    made = np.zeros(seconds)
    for start, value in parts:
        made[start:] = value
    return made


def traffic(
    draw: np.random.Generator, rates: tuple[Course, Course], shares: tuple[Course, Course]
) -> Iterator[Block]:
    """Seconds of Poisson traffic as blocks.

    Args:
        draw: Where chance comes from.
        rates: Requests per second of the canary and of the stable version.
        shares: Their shares of events.
    """
    n_c, n_s = draw.poisson(rates[0]), draw.poisson(rates[1])
    x, y = draw.binomial(n_c, shares[0]), draw.binomial(n_s, shares[1])
    seconds = zip(x.tolist(), n_c.tolist(), y.tolist(), n_s.tolist(), strict=True)
    for k, (events, asked, stable_events, stable_asked) in enumerate(seconds):
        if asked or stable_asked:
            yield Block(events, asked, stable_events, stable_asked, k, k + 1)
