"""Which features have changed: names for people, never a reason to act."""

from collections.abc import Mapping

FALSE_NAMES = 0.10
"""The part of the names that may be wrong, in the mean."""


def e_bh(
    e_values: Mapping[str, float], fdr: float = FALSE_NAMES, most: int = 20
) -> tuple[str, ...]:
    """The features that are named, with the most evidence first (the e-BH procedure).

    Of k features, the j with the most evidence are named for the largest j for which the j-th has
    at least k/(fdr j). Then in the mean at most `fdr` of the names are wrong, however the features
    hang together, provided that all e-values are of one instant: the evidence as it is now, never
    the highest that it was.

    Args:
        e_values: Per feature; all that were tested, or the promise does not hold.
        fdr: The part of the names that may be wrong.
        most: How many names are returned at most.
    """
    ranked = sorted(e_values, key=lambda name: (-e_values[name], name))
    enough = [j for j, name in enumerate(ranked, 1) if e_values[name] * fdr * j >= len(ranked)]
    return tuple(ranked[: min(enough[-1], most)]) if enough else ()
