"""Weights by version, compared as the shares that they mean."""

from collections.abc import Mapping


def is_same_split(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    """Say whether two weights by version mean the same shares, whatever their sums are."""
    sums = sum(one.values()), sum(other.values())
    return all(
        one.get(version, 0) * sums[1] == other.get(version, 0) * sums[0]
        for version in {*one, *other}
    ) and (sums[0] > 0) == (sums[1] > 0)
