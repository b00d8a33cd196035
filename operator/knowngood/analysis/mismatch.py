"""Does the canary get the share of the requests that its weight says?

What is found here takes no version back: it means that what is compared was not split at random, so nothing else that
was found may promote it.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from knowngood.analysis.excess import ExcessRule, ExcessState, Source, begin, fold
from knowngood.analysis.recent import Recent
from knowngood.analysis.splits import Splits
from knowngood.signals.cells import CellColumn, Counts

ALPHA = 0.001
"""Probability that a rollout whose requests are split as asked is ever held for it."""

RATIOS = (1.6, 2.5, 5.0)
"""How many times the odds of its share a version has, under the bets."""

GRID = 10
"""Seconds whose requests are taken together."""

WORTH_TELLING = 0.2
"""The relative difference of the canary's share that matters; less is not worth a person's time."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What was found, as it was when it was found, so that it reads the same as long as it holds.

    Attributes:
        share: The canary's share of the requests, as a fraction.
        expected: What it should have been.
    """

    share: float
    expected: float


@dataclass(frozen=True, slots=True)
class MismatchState:
    """The evidence of an epoch.

    Attributes:
        more: That the canary gets more than its share.
        less: That the other version does.
        found: What was found when one of them was proved; None: neither is.
    """

    more: ExcessState
    less: ExcessState
    found: Mismatch | None = None

    @property
    def present(self) -> Mismatch | None:
        """What was found, while the requests of the last minutes still show a difference that matters."""
        if self.found is None:
            return None
        return self.found if abs(_difference(_recent(self))) > WORTH_TELLING else None


def begin_mismatch(since: float) -> MismatchState:
    """The evidence before the first request."""
    return MismatchState(begin(since), begin(since))


def look_for_mismatch(
    state: MismatchState,
    columns: tuple[CellColumn, CellColumn],
    late: tuple[AbstractSet[int], AbstractSet[int]],
    splits: Splits,
    until: int,
    *,
    horizon: float,
    blind: bool = False,
) -> MismatchState:
    """The evidence up to a second whose cells are all settled.

    Args:
        state: The evidence so far.
        columns: Cells of the canary and of the other version.
        late: Seconds in which something of each came late.
        splits: The bounds of the canary's share.
        until: Cells from this second on are not settled.
        horizon: The planned length of the rollout, in seconds.
        blind: So many pods are unseen that what is new proves nothing.
    """

    def most(second: int) -> float | None:
        bounds = splits.at(second)
        return None if bounds is None else bounds.most

    def most_of_other(second: int) -> float | None:
        bounds = splits.at(second)
        return None if bounds is None or bounds.most <= 0 else 1 - bounds.least

    rule = ExcessRule(RATIOS, 2 / ALPHA, horizon)
    canary, other = columns
    more = Source(canary, other, _requests, late[0], most, GRID)
    less = Source(other, canary, _requests, late[1], most_of_other, GRID)
    seen = replace(
        state,
        more=fold(state.more, rule, more, until, blind=blind),
        less=fold(state.less, rule, less, until, blind=blind),
    )
    return replace(seen, found=seen.found or _proved(seen))


def _requests(counts: Counts) -> int:
    return counts.total


def _proved(state: MismatchState) -> Mismatch | None:
    """What the requests before the first crossing showed."""
    if state.more.proved_by is not None:
        return _of_canary(state.more.proved_by)
    return None if state.less.proved_by is None else _of_other(state.less.proved_by)


def _recent(state: MismatchState) -> Mismatch:
    """The canary's share of the last minutes, and the one that it should have had."""
    if state.more.proved_by is not None:
        return _of_canary(state.more.recent)
    return _of_other(state.less.recent)


def _of_canary(recent: Recent) -> Mismatch:
    both = recent.both or 1.0
    return Mismatch(recent.judged / both, recent.expected / both)


def _of_other(recent: Recent) -> Mismatch:
    other = _of_canary(recent)
    return Mismatch(1 - other.share, 1 - other.expected)


def _difference(found: Mismatch) -> float:
    return found.share / found.expected - 1 if found.expected > 0 else 0.0
