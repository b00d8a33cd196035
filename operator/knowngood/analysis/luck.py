"""How many false alarms a promise leads to expect, and how many are more than bad luck."""

import math


def expected_false_alarms(
    rollouts: int, per_rollout: float, judged_minutes: float, once_in_minutes: float
) -> float:
    """The false alarms that are promised at most, on average.

    Args:
        rollouts: How many there were.
        per_rollout: What is promised for each.
        judged_minutes: Of serving versions, summed over all models.
        once_in_minutes: What is promised for each.
    """
    return rollouts * per_rollout + judged_minutes / once_in_minutes


def most_by_luck(expected: float, sure: float = 0.975) -> int:
    """The largest number of false alarms that luck explains, by Poisson's law.

    More than that says that an assumption is wrong: requests that are not independent, a season.

    Args:
        expected: How many are expected; from 0 up to some ten thousands.
        sure: How sure it is.
    """
    if expected <= 0:
        return 0
    below, number = math.exp(-expected), 0
    while below < sure:
        number += 1
        below += math.exp(number * math.log(expected) - expected - math.lgamma(number + 1))
    return number
