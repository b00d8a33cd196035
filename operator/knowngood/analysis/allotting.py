"""Who gets which part of a model's false-alarm budget, fixed when an epoch begins.

A budget is something that adds up: a probability per rollout, or alarms per judged time. Triggers
that are there at the start share nine tenths of it. One that is added later gets a part of the last
tenth, and takes nothing from the others: their evidence was gathered under their own parts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from knowngood.api.v1alpha1.epochs import FIRST_KEPT

RESERVE = 0.1
"""The part of a budget that is kept for triggers that are added later, however many they are."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a model accepts over all triggers of all policies that may act.

    Attributes:
        per_rollout: Probability that a rollout of a harmless version is taken back.
        once_in_minutes: Judged minutes of the serving version in which it accepts one false alarm.
    """

    per_rollout: float = 0.01
    once_in_minutes: float = 10 * 365.25 * 24 * 60


def strictest(budgets: Iterable[Budget]) -> Budget:
    """The budget of a model that several policies guard; without one, the default."""
    known = list(budgets) or [Budget()]
    return Budget(
        min(budget.per_rollout for budget in known),
        max(budget.once_in_minutes for budget in known),
    )


@dataclass(frozen=True, slots=True)
class Shares:
    """The triggers that share a budget, in the order in which they came. It has to be written down.

    A key names a policy, a trigger and its test: a test that was changed gathers evidence anew, so
    it is a new trigger. Triggers with a budget of their own are not in it. One that was taken away
    keeps its part until the epoch ends, and has it again when it comes back.

    Attributes:
        first: Keys of those that were there at the start.
        later: Keys of those that came later.
    """

    first: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    def joined_by(self, keys: Iterable[str]) -> "Shares":
        """With those of some triggers that are new; the first that come, as many as are kept, are the start."""
        new = tuple(sorted(set(keys).difference(self.first, self.later)))
        if not self.first:
            return Shares(new[:FIRST_KEPT], new[FIRST_KEPT:])
        return Shares(self.first, (*self.later, *new))

    def part(self, key: str) -> float:
        """The part of the budget that a trigger has; those of all triggers sum up to at most 1.

        Raises:
            KeyError: It is not in it.
        """
        if key in self.first:
            return (1 - RESERVE) / len(self.first)
        if key not in self.later:
            raise KeyError(key)
        place = self.later.index(key) + 1
        return RESERVE / (place * (place + 1))


def alpha_of(budget: Budget, shares: Shares, key: str, own: float | None = None) -> float:
    """The false-alarm probability per rollout of a trigger; `own` is its own budget, if it has one."""
    return budget.per_rollout * shares.part(key) if own is None else own


def once_in_of(budget: Budget, shares: Shares, key: str, own: float | None = None) -> float:
    """The judged minutes to a false alarm of a trigger; `own` is its own budget, if it has one."""
    return budget.once_in_minutes / shares.part(key) if own is None else own


def promised_per_rollout(alphas: Iterable[float]) -> float:
    """The probability that any trigger raises a false alarm in a rollout: at most this."""
    return min(1.0, sum(alphas))
