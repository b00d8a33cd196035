"""One false-alarm budget for all triggers of a model."""

from collections.abc import Sequence


def share_budget(per_rollout: float, explicit: Sequence[float | None]) -> list[float]:
    """The false-alarm probability of each trigger that may act.

    The sum of the shares bounds the probability that any trigger raises a false alarm in a rollout.
    An explicit one is used as it is: then that sum, not `per_rollout`, is what is promised.

    Args:
        per_rollout: The model's budget, such as 0.01.
        explicit: Per trigger its own probability, or None for an equal share of the budget.

    Raises:
        ValueError: A probability is not between 0 and 1.
    """
    for probability in (per_rollout, *explicit):
        if probability is not None and not 0 < probability < 1:
            raise ValueError(
                f"a false-alarm probability lies between 0 and 1, not at {probability}"
            )
    return [per_rollout / len(explicit) if own is None else own for own in explicit]
