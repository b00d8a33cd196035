"""What a trigger sees at a model's own traffic, said in a line: `at 480 an hour: 15 points in about an hour, …`.

All of it is about harm that is there from the first request on, four times out of five; harm that begins later takes up
to a few times as long.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

from knowngood.analysis.bets import SHIFTS
from knowngood.analysis.bounded import BoundRule
from knowngood.analysis.crossing import share_seen
from knowngood.analysis.excess import SLACK
from knowngood.analysis.power import CHANCE, samples_to_show
from knowngood.analysis.proportion import ProportionRule
from knowngood.analysis.rates import LIMIT_RATIOS, SHARE_RATIOS, RateRule
from knowngood.analysis.starts import started
from knowngood.analysis.threshold import ThresholdRule
from knowngood.analysis.wording import about, count, percentage, points

Rule = ProportionRule | ThresholdRule | RateRule | BoundRule

DAY = 24.0
LADDER = (0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01, 0.005, 0.002, 0.001)
"""Differences that are told of."""

GREAT = 0.3
"""A harm that everybody would call great; where there is no room for it, all answers are bad instead."""

_WITHIN = (
    1 / 60,
    1 / 6,
    1.0,
    6.0,
    DAY,
)  # hours; of the differences seen within each, the smallest is told
_Z = NormalDist().inv_cdf(CHANCE)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is answered.

    Attributes:
        per_hour: Requests of the judged version in an hour, as the signal's total counts them.
        share: The part of all requests that goes to it, as a fraction above 0 and below 1.
        base: The stable version's share of events; one half where nobody knows is the most cautious.
    """

    per_hour: float
    share: float
    base: float = 0.5


@dataclass(frozen=True, slots=True)
class Measured:
    """A test, and the traffic that it was seen to have.

    Attributes:
        per_hour: Requests of the canary in an hour, as the signal counts them, at its present share.
        base: The stable version's share of events; one half where nobody knows.
        where: Which of its requests these are, as the beginning of a sentence; empty: all.
    """

    rule: Rule
    per_hour: float
    base: float
    where: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a trigger sees.

    Attributes:
        words: Differences and times, or why there are none.
        blind: It would not see even great harm within a day.
    """

    words: str
    blind: bool


@lru_cache(maxsize=4096)
def sight_of(rule: Rule, traffic: Traffic) -> Sight:
    """What a test sees."""
    if isinstance(rule, RateRule):
        return _of_rate(rule, traffic)
    if traffic.per_hour <= 0:
        return Sight("nothing: the version gets no requests that this signal counts", blind=True)
    if isinstance(rule, ThresholdRule):
        return _of_threshold(rule, traffic)
    return (
        _of_proportion(rule, traffic)
        if isinstance(rule, ProportionRule)
        else _of_bound(rule, traffic)
    )


def _of_proportion(rule: ProportionRule, traffic: Traffic) -> Sight:
    room = traffic.base
    if rule.direction.value != "Decrease":
        room = 1 - traffic.base if rule.direction.value == "Increase" else max(room, 1 - room)
    ratio = (1 - traffic.share) / traffic.share

    def hours(difference: float) -> float | None:
        n = samples_to_show(rule, traffic.base, ratio, difference)
        return None if n is None else n / traffic.per_hour

    great = hours(min(GREAT, room))
    seen = [(size, took) for size in LADDER if (took := hours(size)) is not None]
    return _told([(points(size), took) for size, took in seen], traffic, great)


def _of_bound(rule: BoundRule, traffic: Traffic) -> Sight:
    def hours(share: float) -> float | None:
        walks = [_odds_bet(rule.bound, shift) for shift in SHIFTS]
        level = math.log(len(SHIFTS) / rule.alpha / started(0.0, rule.horizon))
        took = [
            _steps(
                level,
                share * hit + (1 - share) * miss,
                share * (1 - share) * (hit - miss) ** 2,
            )
            for hit, miss in walks
        ]
        n = min((one for one in took if one is not None), default=None)
        return None if n is None else max(n, rule.min_events) / traffic.per_hour

    sizes = [rule.bound + size for size in LADDER if rule.bound + size < 1]
    seen = [(share, took) for share in sizes if (took := hours(share)) is not None]
    great = hours(min(rule.bound + GREAT, 1.0))
    return _told([(percentage(round(share, 4)), took) for share, took in seen], traffic, great)


def _told(seen: list[tuple[str, float]], traffic: Traffic, great: float | None) -> Sight:
    """Of the differences seen within each of some times, tell the smallest."""
    chosen: dict[str, float] = {}
    for limit in _WITHIN:
        within = [one for one in seen if one[1] <= limit]
        if within:
            chosen[within[-1][0]] = within[-1][1]
    blind = great is None or great > DAY
    at = f"at {count(round(traffic.per_hour))} an hour"
    if not chosen:
        return Sight(f"{at}: nothing within a day", blind)
    told = ", ".join(f"{size} in {about(3600 * took)}" for size, took in chosen.items())
    return Sight(f"{at}: {told}", blind)


def _of_threshold(rule: ThresholdRule, traffic: Traffic) -> Sight:
    at = f"at {count(round(traffic.per_hour))} an hour"
    held = traffic.per_hour * rule.window / 3600
    n = held if rule.samples is None else min(held, rule.samples)
    if n < max(1, rule.min_samples):
        looked_at, wanted = count(math.floor(n)), count(rule.min_samples)
        text = (
            f"{at}: nothing: about {looked_at} requests are looked at, and minSamples is {wanted}"
        )
        return Sight(text, blind=True)
    seconds = 3600 * n / traffic.per_hour + rule.hold
    share = share_seen(rule, n)
    if share is None:
        return Sight(
            f"{at}: nothing: not even all answers together would cross the limit", blind=True
        )
    side = "or more" if rule.is_ceiling else "or less"
    return Sight(
        f"{at}: {percentage(float(f'{share:.2g}'))} {side} in {about(seconds)}",
        seconds > 3600 * DAY,
    )


def _of_rate(rule: RateRule, traffic: Traffic) -> Sight:
    if rule.limit is None:
        return _of_share(rule, traffic)
    seen = [(ratio, _limit_hours(rule, rule.limit, ratio)) for ratio in (2.0, 4.0, 8.0)]
    told = ", ".join(f"{ratio:.0f} times the limit in {about(3600 * took)}" for ratio, took in seen)
    return Sight(told, seen[-1][1] > DAY)


def _limit_hours(rule: RateRule, limit: float, ratio: float) -> float:
    level = math.log(len(LIMIT_RATIOS) / rule.alpha / started(0.0, rule.horizon))
    took = [
        _steps(level, limit * (ratio * math.log(bet) - bet + 1), limit * ratio * math.log(bet) ** 2)
        for bet in LIMIT_RATIOS
    ]
    seconds = min(one for one in took if one is not None)
    return max(seconds, rule.min_events / (limit * ratio)) / 3600


def _of_share(rule: RateRule, traffic: Traffic) -> Sight:
    """Nobody knows how often the events happen, so it is told in events."""
    level = math.log(len(SHARE_RATIOS) / rule.alpha / started(0.0, rule.horizon))
    share, told = traffic.share, []
    for ratio in (2.0, 4.0, 8.0):
        true = share * ratio / (1 - share + share * ratio)
        took = []
        for bet in SHARE_RATIOS:
            other = math.log((1 - share + share * SLACK) / (1 - share + share * bet))
            own = math.log(bet / SLACK) + other
            took.append(
                _steps(
                    level, true * own + (1 - true) * other, true * (1 - true) * (own - other) ** 2
                )
            )
        n = min((one for one in took if one is not None), default=None)
        if n is not None:
            events = max(n, rule.min_events / true)
            told.append(
                f"{ratio:.0f} times its share (in odds) after {count(_two_digits(events))} events"
            )
    return Sight(", ".join(told) or "nothing", blind=not told)


def _two_digits(number: float) -> int:
    return round(float(f"{number:.2g}"))


def _odds_bet(bound: float, shift: float) -> tuple[float, float]:
    share = 1 / (1 + math.exp(-math.log(bound / (1 - bound)) - shift))
    return math.log(share / bound), math.log((1 - share) / (1 - bound))


def _steps(level: float, drift: float, variance: float) -> float | None:
    """Steps after which a walk is above a level four times out of five; None: it does not rise."""
    if drift <= 0:
        return None
    spread = _Z * math.sqrt(variance)
    root = (spread + math.sqrt(spread * spread + 4 * drift * level)) / (2 * drift)
    return root * root
