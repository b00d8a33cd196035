"""Bins that are too empty to say anything are merged."""

from collections.abc import Sequence

Groups = tuple[tuple[int, ...], ...]
"""Indices of bins; each group is taken for one bin."""


def merged(weights: Sequence[float], least: float, *, is_ordered: bool) -> Groups:
    """Merge bins until each group weighs enough, or one group is left.

    Neighbours are merged; of categories, all that are too rare become one.

    Args:
        weights: Per bin, for example its requests.
        least: What a group must weigh.
        is_ordered: Whether neighbouring bins are alike.
    """
    every = range(len(weights))
    if is_ordered:
        return _runs(weights, least)
    rare = tuple(k for k in every if weights[k] < least)
    common = [(k,) for k in every if weights[k] >= least]
    if not rare:
        return tuple(common)
    if common and sum(weights[k] for k in rare) < least:
        smallest = min(common, key=lambda group: weights[group[0]])
        common.remove(smallest)
        rare = tuple(sorted((*rare, *smallest)))
    return (*common, rare)


def _runs(weights: Sequence[float], least: float) -> Groups:
    groups: list[tuple[int, ...]] = []
    run: tuple[int, ...] = ()
    for k in range(len(weights)):
        run = (*run, k)
        if sum(weights[i] for i in run) >= least:
            groups.append(run)
            run = ()
    if run:
        groups[-1:] = [(*groups[-1], *run)] if groups else [run]
    return tuple(groups)


def joined(counts: Sequence[float], groups: Groups) -> list[float]:
    """The counts of groups."""
    return [sum(counts[k] for k in group) for group in groups]
