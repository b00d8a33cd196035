"""Whether requests, and what is in them, reach the model as before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from knowngood.analysis.moved import ENOUGH, moved
from knowngood.api.v1alpha1.playbook_status import StepState
from knowngood.decisions.playbook.moving import Seen
from knowngood.decisions.playbook.steps import Finding
from knowngood.signals.amounts import Sides

FEWER: Final = 0.5
MORE: Final = 2.0
"""Factors of the requests in a minute beyond which they do not come as before; a day has its own tides."""

LEAST_RISE: Final = 0.01
"""By how much a share of requests with something wrong must have risen to be told."""

_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests in a minute that a version got.

    Attributes:
        counted: How many there were before the harm began.
    """

    before: float
    since: float
    counted: float


@dataclass(frozen=True, slots=True)
class Faults:
    """Shares of requests that reach a version with something wrong.

    Attributes:
        sides: What was counted of each kind of fault: events, and all others.
    """

    seen: Seen
    sides: Mapping[str, Sides]

    def risen(self) -> dict[str, tuple[float, float]]:
        """Faults whose share has risen, before and since, the one with the most evidence first."""
        shares = {name: self._shares(name) for name in moved(self.seen.known)}
        return {n: (a, b) for n, (a, b) in shares.items() if b - a >= LEAST_RISE}

    def _shares(self, name: str) -> tuple[float, float]:
        sides = self.sides[name]
        before, since = sides.before, sides.since
        return before[0] / (sum(before) or 1.0), since[0] / (sum(since) or 1.0)


@dataclass(frozen=True, slots=True)
class Pipe:
    """What was seen of what reaches a model.

    Attributes:
        rate: Requests in a minute; None where no signal counts them.
        bad: Faults at the version that the incident is about; None where no signal counts any.
        other: Likewise at the version that stands by.
        together: That the breached signal has moved at both versions, in words; empty where that was not seen.
        unread: What could not be read, and why, in words.
    """

    rate: Rate | None
    bad: Faults | None
    other: Faults | None
    together: str
    unread: Sequence[str]


def pipeline_integrity(pipe: Pipe) -> Finding:
    """Say whether requests, and what is in them, reach the model as before."""
    risen = pipe.bad.risen() if pipe.bad else {}
    odd = _odd(pipe.rate)
    said = [odd or _usual(pipe.rate), _risen(risen, pipe), pipe.together]
    if pipe.unread:
        said.append(f"not looked at: {'; '.join(pipe.unread)}")
    text = "; ".join(filter(None, said))
    if odd or risen or pipe.together:
        return Finding(StepState.FOUND, text, shared=_shared(pipe, risen))
    if pipe.bad is None:
        state = StepState.FAILED if pipe.unread else StepState.SKIPPED
        return Finding(state, "; ".join(filter(None, (text, _WANTING))))
    if not pipe.bad.seen.known:
        few = f"too few requests to say more: {ENOUGH} are needed, before the harm began and since"
        return Finding(StepState.SKIPPED, f"{text}; {few}" if text else few)
    return Finding(StepState.PASSED, text)


def _shared(pipe: Pipe, risen: Collection[str]) -> str:
    """What was seen at every version; empty where nothing was."""
    both = _at_both(pipe, risen)
    if both:
        return f"more requests come with something wrong to all of them ({', '.join(both)})"
    return "what they answer moved at all of them" if pipe.together else ""


def _at_both(pipe: Pipe, risen: Collection[str]) -> list[str]:
    """Faults that there are more of at the version that stands by, too."""
    return [n for n in (pipe.other.risen() if pipe.other else ()) if n in risen][:_TOLD]


_WANTING: Final = (
    "no ClusterSignalTemplate with playbook.step PipelineIntegrity counts missing or invalid features of it: the "
    "preset knowngood brings knowngood-feature-faults"
)


def _odd(rate: Rate | None) -> str:
    """That requests do not come as before; empty where they do, or where nobody can say."""
    if rate is None or rate.counted < ENOUGH or FEWER <= rate.since / rate.before <= MORE:
        return ""
    return f"{rate.since:.0f} requests a minute reach it, instead of {rate.before:.0f}"


def _usual(rate: Rate | None) -> str:
    if rate is None or rate.counted < ENOUGH:
        return ""
    return f"requests reach it as before ({rate.since:.0f} a minute, {rate.before:.0f} before)"


def _risen(risen: Mapping[str, tuple[float, float]], pipe: Pipe) -> str:
    """Which faults there are more of, and at which versions."""
    if pipe.bad is None or not pipe.bad.seen.known:
        return ""
    if not risen:
        return (
            f"none of {len(pipe.bad.seen.known)} shares of requests with something wrong has risen"
        )
    named = list(risen.items())[:_TOLD]
    far = ", ".join(f"{name} ({a * 100:.1f} % to {b * 100:.1f} %)" for name, (a, b) in named)
    both = _at_both(pipe, risen)
    other = pipe.other.seen.version if pipe.other else ""
    where = (
        f"; at version {other}, which is asked the same, {', '.join(both)} too: that speaks for "
        f"the pipeline, and not for version {pipe.bad.seen.version}"
        if both
        else ""
    )
    return f"more requests come with something wrong: {far}{where}"
