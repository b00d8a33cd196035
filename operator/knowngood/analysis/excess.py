"""Does one version get more of what is counted than its share of the requests? Valid at every look.

Each counted thing (an event, a request) falls on the version with the probability of its share; the bets are that its
odds are some times as high. There is no denominator that would make up for counters that are read at different times,
so the version's own counts come `DELAY` later into the product than those of the other one: whatever is bet on, the
other version's counts are complete by then. That makes the evidence smaller, never larger, than that of exact times.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from knowngood.analysis.bets import NO_BETS, Mixture
from knowngood.analysis.recent import NOTHING_YET, Recent
from knowngood.analysis.starts import log_stake
from knowngood.signals.cells import CellColumn, Counts
from knowngood.signals.lateness import PROMPT

DELAY = PROMPT
"""Seconds between two scrapes of a counter, at most; what is read less often proves nothing here."""

SLACK = 1.25
"""Odds up to so many times those of the share are harmless: up to a fifth of the other version's pods may be unseen,
and gateways do not split to the last percent."""

MostOf = Callable[[int], float | None]
"""The most that a version's share may be for what is counted in a second; None: not known."""


@dataclass(frozen=True, slots=True)
class ExcessRule:
    """What is tested.

    Attributes:
        ratios: How many times the odds of the share are bet on, each above `SLACK`.
        limit: The evidence at which the test is crossed.
        horizon: The planned length of the rollout, in seconds.
        final: Own counts with which a crossing is final and nothing is folded any more; None: it counts on.
    """

    ratios: tuple[float, ...]
    limit: float
    horizon: float
    final: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where the counts of both versions are found.

    Attributes:
        judged: Cells of the version that is judged.
        other: Cells of the other one.
        count: What is counted of a cell or a span.
        late: Seconds in which counts of the judged version came late; they are left out.
        most: The most that its share may be.
        grid: Seconds that are taken together; more than one saves work where nothing is urgent.
    """

    judged: CellColumn
    other: CellColumn
    count: Callable[[Counts], int]
    late: AbstractSet[int]
    most: MostOf
    grid: int = 1


@dataclass(frozen=True, slots=True)
class ExcessState:
    """The evidence of an epoch.

    Attributes:
        since: When it began, unix seconds.
        until: Seconds before this one are folded.
        last: When stakes were last put down.
        mixture: The bets.
        judged: Counts of the judged version that were tested.
        other: Counts of the other version.
        expected: What the judged version would have had of both at the most that its share may have been.
        recent: The same of the last minutes.
        proved_by: That of the minutes before the test was crossed; None: it was not.
    """

    since: float
    until: int
    last: float = -math.inf
    mixture: Mixture = NO_BETS
    judged: int = 0
    other: int = 0
    expected: float = 0.0
    recent: Recent = NOTHING_YET
    proved_by: Recent | None = None


def begin(since: float) -> ExcessState:
    """The evidence before anything was counted."""
    return ExcessState(since, math.floor(since))


def fold(
    state: ExcessState, rule: ExcessRule, source: Source, until: int, *, blind: bool = False
) -> ExcessState:
    """The evidence up to a second whose cells are all settled.

    Args:
        state: The evidence so far. Once crossed, its bets stay as they are; `recent` goes on.
        rule: The test.
        source: The counts.
        until: Cells from this second on are not settled.
        blind: So many pods are unseen now that what is new proves nothing; it is left out.
    """
    until -= until % source.grid
    if not blind:
        for moment in _moments(source, state.until, until):
            if _is_final(state, rule):
                break
            state = _counted(_seen(state, rule, source, moment), source, moment)
    return replace(state, until=max(state.until, until))


def _is_final(state: ExcessState, rule: ExcessRule) -> bool:
    crossed = state.mixture.crossed_at is not None
    return crossed and rule.final is not None and state.judged >= rule.final


@dataclass(frozen=True, slots=True)
class _Moment:
    """What comes into the product at a second: own counts from `DELAY` ago, and the others' from now.

    Attributes:
        beside: Counts of the other version from `DELAY` ago, for estimates.
    """

    second: int
    judged: int
    other: int
    beside: int


def _moments(source: Source, start: int, end: int) -> Iterator[_Moment]:
    found: dict[int, list[int]] = {}
    read = ((source.judged, DELAY, 0), (source.other, 0, 1), (source.other, DELAY, 2))
    for column, shift, place in read:
        first, last = column.index_of(start - shift), column.index_of(end - shift)
        for index in range(first, last):
            number, second = source.count(column.cell(index)), column.seconds[index]
            if not number or (place == 0 and not _is_usable(source, second)):
                continue
            last_of_grid = (second + shift) // source.grid * source.grid + source.grid - 1
            found.setdefault(last_of_grid, [0, 0, 0])[place] += number
    for second in sorted(found):
        judged, other, beside = found[second]
        yield _Moment(second, judged, other, beside)


def _is_usable(source: Source, second: int) -> bool:
    """Whether own counts can be compared: they are not late, and the other version was read soon afterwards."""
    index = source.other.index_of(second)
    seconds = source.other.seconds
    return second not in source.late and index < len(seconds) and seconds[index] <= second + DELAY


def _seen(state: ExcessState, rule: ExcessRule, source: Source, moment: _Moment) -> ExcessState:
    """With the bets after a moment."""
    second = moment.second
    own, now = _split(source.most(second - DELAY)), _split(source.most(second))
    others = now or own
    judged = moment.judged if own else 0
    other = moment.other if others else 0
    if state.mixture.crossed_at is not None or not judged + other:
        return state
    factors = [
        judged * _own_log(own, ratio) + other * _other_log(others, ratio) for ratio in rule.ratios
    ]
    stake = log_stake(state.since, state.last, second, rule.horizon)
    mixture = state.mixture.after(
        factors,
        [
            stake + discount
            for discount in _discounts(state, rule, source, (second, max(own, others)))
        ],
        (second, second + 1),
        math.log(rule.limit),
    )
    return replace(state, mixture=mixture, last=float(second))


def _counted(state: ExcessState, source: Source, moment: _Moment) -> ExcessState:
    """With what was counted `DELAY` ago, of both versions; after the bets."""
    share = _split(source.most(moment.second - DELAY))
    if share and moment.judged + moment.beside:
        state = replace(
            state,
            judged=state.judged + moment.judged,
            other=state.other + moment.beside,
            expected=state.expected + share * (moment.judged + moment.beside),
            recent=state.recent.plus(moment.judged, moment.beside, share, moment.second),
        )
    if state.mixture.crossed_at is not None and state.proved_by is None:
        return replace(state, proved_by=state.recent)
    return state


def _split(most: float | None) -> float:
    """The share where both versions may get something; 0 where there is nothing to compare."""
    return most if most is not None and most < 1 else 0.0


def _discounts(
    state: ExcessState, rule: ExcessRule, source: Source, at: tuple[int, float]
) -> Sequence[float]:
    """What a late stake has lost before it takes part: others' counts since all that it will see had happened."""
    second, most = at
    if state.mixture.bets == ():
        return [0.0] * len(rule.ratios)
    before = source.count(source.other.between(second - 2 * DELAY, second))
    return [before * _other_log(most, ratio) for ratio in rule.ratios]


def _own_log(share: float, ratio: float) -> float:
    """Logarithm of the factor of one own count."""
    return math.log(ratio / SLACK * (1 - share + share * SLACK) / (1 - share + share * ratio))


def _other_log(share: float, ratio: float) -> float:
    """Logarithm of the factor of one count of the other version."""
    return math.log((1 - share + share * SLACK) / (1 - share + share * ratio))
