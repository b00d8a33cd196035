"""The fixed bets: mass has moved into one bin, or towards one tail.

For a set A of bins and a size e, the bet is that a part e of all requests has moved into A and
spread there as the rest of A is spread. Only the count of A matters then, and a factor costs two
logarithms. Categories have no tails; there, mass may also have left one category for all others.
"""

from collections.abc import Sequence
from itertools import accumulate

SIZES = (0.04, 0.12, 0.4)
"""Parts of all requests that are bet to have moved: each bet is good for a third to twice its size."""

MOST_TAILS = 10
"""Of more tails on a side only some are bet on; neighbouring ones win and lose together."""


def gathered(counts: Sequence[float], total: float, *, is_ordered: bool) -> list[float]:
    """What falls into each set: the bins, then the tails or, for categories, all but one.

    Args:
        counts: Per bin.
        total: Their sum.
        is_ordered: Whether the bins have tails.
    """
    bins = len(counts)
    if bins == 2:  # noqa: PLR2004  - the tails of two bins are the bins
        return list(counts)
    if not is_ordered:
        return [*counts, *[total - count for count in counts]]
    below = list(accumulate(counts))
    step = -(-bins // MOST_TAILS)
    return [*counts, *below[1:-1:step], *[total - count for count in below[:-2:step]]]
