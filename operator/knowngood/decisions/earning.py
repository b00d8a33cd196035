"""Whether a version in probation has earned to be called known good.

Time alone earns nothing: it must be time in which it was seen, with enough decisions, under every
trigger that may act. What happened under an incident, a drill or an override says nothing about it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from knowngood.api.v1alpha1 import VerdictKind

LONGEST: Final = 7 * 24 * 3600.0
"""Seconds of probation after which a person is asked instead of waiting on."""


class Flaw(StrEnum):
    """What a version in probation lacks, in one word."""

    BREACHED = "Breached"
    NO_TRIGGER = "NoTrigger"
    INCIDENT_OPEN = "IncidentOpen"
    DRILL_RUNNING = "DrillRunning"
    OVERRIDDEN = "Overridden"
    NOT_SEEN_LONG_ENOUGH = "NotSeenLongEnough"
    TOO_FEW_DECISIONS = "TooFewDecisions"
    NOT_COVERED = "NotCovered"
    NOT_HEALTHY = "NotHealthy"
    WORSE_THAN_BASELINE = "WorseThanBaseline"


class Outcome(StrEnum):
    """What follows: it is earned; it waits; a person is asked; or it is refused."""

    EARNED = "Earned"
    WAIT = "Wait"
    ASK = "Ask"
    REFUSED = "Refused"


@dataclass(frozen=True, slots=True)
class Watching:
    """A trigger that may act on the version in probation.

    One that compares with another version is in it only while there is such a version.

    Attributes:
        name: Of the trigger.
        samples: Requests of its signal that were counted during the probation, where they count.
        min_samples: How many it needs.
        verdict: What it says now.
        was_healthy: Whether it said Healthy at any time of the probation: being Inconclusive now,
            in an hour that has no baseline or while a pod is new, does not undo that.
        was_breached: Whether it was breached at any time of the probation.
        counts: Whether its signal has a sample size; a single number can not be covered by samples,
            and never says Healthy.
    """

    name: str
    samples: int
    min_samples: int
    verdict: VerdictKind
    was_healthy: bool = False
    was_breached: bool = False
    counts: bool = True


@dataclass(frozen=True, slots=True)
class ProbationView:
    """What was observed of a version in probation.

    Time and counts are those outside of incidents, drills and overrides, in which data were there.

    Attributes:
        version: Its name.
        elapsed: Seconds since the probation began.
        observed: Seconds of them in which it was seen.
        duration: Seconds that it has to be seen.
        decisions: Requests that it answered.
        min_decisions: How many it has to answer.
        triggers: Those that may act on it.
        incident_open: Whether an incident of the model is open.
        drill_running: Whether a drill of the model is running.
        overridden: Whether a person overruled a trigger, a wait or the route during the probation
            and did not take it back.
        no_worse: Whether it was shown to be no worse than the version or the baseline before; None:
            nobody asks, or there is none.
    """

    version: str
    elapsed: float
    observed: float
    duration: float
    decisions: int
    min_decisions: int
    triggers: tuple[Watching, ...]
    incident_open: bool = False
    drill_running: bool = False
    overridden: bool = False
    no_worse: bool | None = None


@dataclass(frozen=True, slots=True)
class Lacking:
    """One thing that is lacking.

    Attributes:
        flaw: In one word.
        text: For people.
    """

    flaw: Flaw
    text: str


def probation_outcome(view: ProbationView) -> tuple[Outcome, tuple[Lacking, ...]]:
    """Say whether the version may be called known good now, and all that it lacks if not.

    A breach refuses it: the incident decides what becomes of it. Everything else is waited for, up
    to seven days or twice the duration, whatever is longer; then a person is asked.
    """
    lacks = tuple(_lacks(view))
    if not lacks:
        return Outcome.EARNED, ()
    if any(lack.flaw is Flaw.BREACHED for lack in lacks):
        return Outcome.REFUSED, lacks
    is_long = view.elapsed >= max(LONGEST, 2 * view.duration)
    return Outcome.ASK if is_long else Outcome.WAIT, lacks


def _lacks(view: ProbationView) -> Iterator[Lacking]:
    if not view.triggers:
        yield Lacking(Flaw.NO_TRIGGER, "no trigger may act on it, so nothing speaks for it")
    yield from (
        Lacking(Flaw.BREACHED, f"trigger {one.name} was breached")
        for one in view.triggers
        if one.was_breached or one.verdict is VerdictKind.BREACHED
    )
    yield from _disturbed(view)
    if view.observed < view.duration:
        text = f"it was seen for {_part(view.observed, view.duration)} of {_span(view.duration)}"
        yield Lacking(Flaw.NOT_SEEN_LONG_ENOUGH, text)
    if view.decisions < view.min_decisions:
        text = (
            f"it made {_part(view.decisions, view.min_decisions)} of {view.min_decisions} decisions"
        )
        yield Lacking(Flaw.TOO_FEW_DECISIONS, text)
    for trigger in view.triggers:
        yield from _uncovered(trigger)
    if view.no_worse is False:
        text = "it is not shown to be no worse than what served before"
        yield Lacking(Flaw.WORSE_THAN_BASELINE, text)


def _disturbed(view: ProbationView) -> Iterator[Lacking]:
    if view.incident_open:
        yield Lacking(Flaw.INCIDENT_OPEN, "an incident is open")
    if view.drill_running:
        yield Lacking(Flaw.DRILL_RUNNING, "a drill is running")
    if view.overridden:
        yield Lacking(
            Flaw.OVERRIDDEN, "a person overruled what was decided; attest it, or end that"
        )


def _uncovered(trigger: Watching) -> Iterator[Lacking]:
    name, verdict = trigger.name, trigger.verdict
    if trigger.counts and trigger.samples < max(1, trigger.min_samples):
        part = _part(trigger.samples, trigger.min_samples)
        text = f"trigger {name} saw {part} of {trigger.min_samples} requests"
        yield Lacking(Flaw.NOT_COVERED, text)
    elif verdict in {VerdictKind.NO_DATA, VerdictKind.OBSERVER_ERROR}:
        yield Lacking(Flaw.NOT_COVERED, f"trigger {name} says {verdict.value}")
    elif trigger.counts and verdict is VerdictKind.INCONCLUSIVE and not trigger.was_healthy:
        yield Lacking(Flaw.NOT_HEALTHY, f"trigger {name} has never said Healthy")


def _part(have: float, want: float) -> str:
    """What is there of what is wanted, in steps of 10 %: the text ends up in a condition, and must not run."""
    return f"{10 * math.floor(10 * have / max(want, 1)):.0f} %"


def _span(seconds: float) -> str:
    hours = 2 * 3600.0
    return f"{seconds // 60:.0f} min" if seconds < hours else f"{seconds / 3600:.1f} h"
