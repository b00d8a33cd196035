"""Who shares a false-alarm budget, as it is written down: who comes or goes later changes nobody else's part."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowngood.analysis.allotting import Shares
from knowngood.api.v1alpha1 import LATER_KEPT, BudgetShares, Use


@dataclass(frozen=True, slots=True)
class Spending:
    """Triggers that share a budget now.

    Attributes:
        use: Whose budget it is.
        keys: One of each trigger, as it is written down.
        per_rollout: What the policies accept in a rollout; None: it is about the version that serves.
    """

    use: Use
    keys: tuple[str, ...]
    per_rollout: str | None = None


@dataclass(frozen=True, slots=True)
class Spendings:
    """Who shares the budgets of a model, for a rollout and for the version that serves."""

    rollout: tuple[Spending, ...] = ()
    serving: tuple[Spending, ...] = ()


NOTHING_SPENT = Spendings()


def shared(
    before: Sequence[BudgetShares], spending: Sequence[Spending]
) -> tuple[BudgetShares, ...]:
    """The shares with those of triggers that came since they were written; the budget stays what it was.

    More than can be written of those that came later are not: each of them gets a part behind all that are.
    """
    known, found = {one.use: one for one in before}, joined(before, spending)
    for now in spending:
        old, shares = known.get(now.use), found[now.use]
        if shares.first:
            budget = old.per_rollout if old else now.per_rollout
            first, later = shares.first, shares.later[:LATER_KEPT]
            known[now.use] = BudgetShares(use=now.use, per_rollout=budget, first=first, later=later)
    return tuple(known[use] for use in Use if use in known)


def joined(before: Sequence[BudgetShares], spending: Iterable[Spending]) -> Mapping[Use, Shares]:
    """The shares of all triggers that there are, whether they are written yet or not."""
    known = {one.use: one for one in before}
    return {one.use: shares_of(known.get(one.use)).joined_by(one.keys) for one in spending}


def shares_of(written: BudgetShares | None) -> Shares:
    """What is written, or nothing yet."""
    return Shares(written.first, written.later) if written else Shares()
