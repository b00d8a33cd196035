"""What was promised and what was seen, in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from bench.fleet.scenario import ONCE_IN_DAYS, PER_ROLLOUT, PER_SPLIT, Scenario
from knowngood.analysis.luck import expected_false_alarms, most_by_luck

_MINUTES_A_DAY: Final = 24 * 60
_SIGNALS: Final = 2


@dataclass(frozen=True, slots=True)
class Counted:
    """Requests of one canary, approvals and failures, as the operator has counted them and as they were published."""

    operator: tuple[int, int, int]
    published: tuple[int, int, int]

    @property
    def agrees(self) -> bool:
        """Whether it is the same, to the last request."""
        return self.operator == self.published


@dataclass(frozen=True, slots=True)
class State:
    """How the operator was at some time.

    Attributes:
        hour: Hours since the traffic began, by the bench's clock.
        looks: Since the operator started.
        look_seconds: What they took together.
        pass_seconds: What passes over models took together.
        cpu_seconds: Of the process, since it started.
        memory_mb: Resident.
        queries: Sent to Prometheus since the start.
        writes: Sent to the API server since the start.
        status_bytes: The longest status of a model.
        blind: Triggers whose verdict is NoData or ObserverError.
    """

    hour: float
    looks: float
    look_seconds: float
    pass_seconds: float
    cpu_seconds: float
    memory_mb: float
    queries: float
    writes: float
    status_bytes: int
    blind: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What came out.

    Attributes:
        scenario: What was played.
        taken_back: Models with an incident, and the seconds from the start of the traffic to its detection.
        serving: Models for whose serving version a trigger was breached, as often as it was told.
        mismatched: Models whose requests were said not to be split as asked.
        naive: For each naive trigger, models of whose canary it would have taken back.
        counted: Of each model that was not taken back.
        states: How the operator was, in order.
        processors_busy: Part of the machine's processors that was in use, from 0 to 1.
    """

    scenario: Scenario
    taken_back: Mapping[str, float]
    serving: Sequence[str]
    mismatched: Sequence[str]
    naive: Mapping[str, Sequence[str]]
    counted: Mapping[str, Counted]
    states: Sequence[State]
    processors_busy: float = 0.0


@dataclass(frozen=True, slots=True)
class Promise:
    """One kind of false alarm.

    Attributes:
        what: In words.
        promised: How many there are at most, on average.
        most: More than that is not luck.
        seen: How many there were.
    """

    what: str
    promised: float
    seen: int
    most: int = field(init=False)

    def __post_init__(self) -> None:
        """Say what luck explains."""
        object.__setattr__(self, "most", most_by_luck(self.promised))

    @property
    def kept(self) -> bool:
        """Whether luck explains what was seen."""
        return self.seen <= self.most


def promises(seen: Seen) -> Sequence[Promise]:
    """What was promised about the models whose versions are alike, beside what was seen of them."""
    scenario, alike = seen.scenario, {m.name for m in seen.scenario.alike}
    minutes = len(alike) * scenario.seconds / 60
    canaries = expected_false_alarms(len(alike), PER_ROLLOUT, 0, 1)
    serving = expected_false_alarms(0, PER_ROLLOUT, minutes, ONCE_IN_DAYS * _MINUTES_A_DAY)
    splits = len(scenario.members) * _SIGNALS * PER_SPLIT
    return (
        Promise("canaries taken back", canaries, len(alike & seen.taken_back.keys())),
        Promise("alarms about what serves", serving, sum(m in alike for m in seen.serving)),
        Promise("splits called wrong", splits, len(set(seen.mismatched))),
    )


def naive(seen: Seen) -> Mapping[str, int]:
    """How many of the same canaries each naive rule would have taken back; `any`: any of them."""
    alike = {m.name for m in seen.scenario.alike}
    found = {rule: len(alike & set(models)) for rule, models in seen.naive.items()}
    found["any"] = len(alike & {m for models in seen.naive.values() for m in models})
    return found


def delays(seen: Seen) -> Mapping[str, float | None]:
    """Seconds from the harm to its detection, of each model that was harmed; None: it was not found, or before."""
    found: dict[str, float | None] = {}
    for member in seen.scenario.worse:
        at = seen.taken_back.get(member.name)
        start, end = (member.harm.start, member.harm.end) if member.harm else (0, 0)
        found[member.name] = at - start if at is not None and start <= at < end else None
    return found


def missed(seen: Seen) -> Sequence[str]:
    """What is not as it should be, in words."""
    found = [
        f"{p.what}: {p.seen}, and luck explains {p.most} at most where {p.promised:.2f} are promised"
        for p in promises(seen)
        if not p.kept
    ]
    found += [
        f"{n}: worse, and not taken back in time" for n, d in delays(seen).items() if d is None
    ]
    found += [
        f"{name}: counted {one.operator} of the {one.published} that were published"
        for name, one in seen.counted.items()
        if not one.agrees
    ]
    alike = {m.name for m in seen.scenario.alike}
    absent = alike - seen.counted.keys() - seen.taken_back.keys()
    found += [f"{name}: nothing was counted" for name in sorted(absent)]
    if not naive(seen)["any"]:
        found.append(
            "no naive rule has said anything: the traffic is too even to show what is promised"
        )
    return found


@dataclass(frozen=True, slots=True)
class Span:
    """What the operator did between two states, for each look.

    Attributes:
        start: Hours since the traffic began.
        end: Likewise.
        looks: For each hour of the bench's clock.
        look_ms: How long one took, waiting for Prometheus included.
        cpu_ms: Of the whole process, for each look: passes over models, and what informs it of them, among it.
        queries: For each look.
        writes: To the API server, for each look.
        memory_mb: At its end.
        status_bytes: Likewise.
    """

    start: float
    end: float
    looks: float
    look_ms: float
    cpu_ms: float
    queries: float
    writes: float
    memory_mb: float
    status_bytes: int


def spans(states: Sequence[State], pieces: int = 4) -> Sequence[Span]:
    """Cut a run into pieces of about the same length."""
    if len(states) <= pieces:
        return ()
    marks = [round(i * (len(states) - 1) / pieces) for i in range(pieces + 1)]
    return [_span(states[start : end + 1]) for start, end in pairwise(marks)]


def restarts(states: Sequence[State]) -> int:
    """How often the operator was seen to have begun anew: its counters fell."""
    return sum(other.looks < one.looks for one, other in pairwise(states))


def _span(states: Sequence[State]) -> Span:
    first, last = states[0], states[-1]
    looks = max(1.0, _risen([one.looks for one in states]))
    return Span(
        start=first.hour,
        end=last.hour,
        looks=looks / (last.hour - first.hour),
        look_ms=1000 * _risen([one.look_seconds for one in states]) / looks,
        cpu_ms=1000 * _risen([one.cpu_seconds for one in states]) / looks,
        queries=_risen([one.queries for one in states]) / looks,
        writes=_risen([one.writes for one in states]) / looks,
        memory_mb=last.memory_mb,
        status_bytes=last.status_bytes,
    )


def _risen(values: Sequence[float]) -> float:
    """How much a counter rose, which begins at zero again when the process does."""
    return sum(b - a if b >= a else b for a, b in pairwise(values))
