from dataclasses import replace
from itertools import chain, combinations
from typing import Any

import pytest

from knowngood.api.v1alpha1 import VerdictKind
from knowngood.decisions.earning import (
    LONGEST,
    Flaw,
    Outcome,
    ProbationView,
    Watching,
    probation_outcome,
)

DAY = 86_400.0
APPROVALS = Watching("approvals", 5000, 500, VerdictKind.HEALTHY)
ERRORS = Watching("errors", 9000, 500, VerdictKind.HEALTHY)
LATENCY = Watching("latency", 0, 0, VerdictKind.INCONCLUSIVE, counts=False)
GOOD = ProbationView("8", 1.1 * DAY, DAY, DAY, 2000, 2000, (APPROVALS, ERRORS, LATENCY))


def flaws(view: ProbationView) -> list[Flaw]:
    return [lack.flaw for lack in probation_outcome(view)[1]]


def test_all_of_it_together_earns_known_good() -> None:
    assert probation_outcome(GOOD) == (Outcome.EARNED, ())
    assert probation_outcome(replace(GOOD, no_worse=True)) == (Outcome.EARNED, ())


def watched(*triggers: Watching) -> ProbationView:
    return replace(GOOD, triggers=triggers)


LACKS = [
    (replace(GOOD, observed=DAY - 1), Flaw.NOT_SEEN_LONG_ENOUGH, Outcome.WAIT),
    (replace(GOOD, decisions=1999), Flaw.TOO_FEW_DECISIONS, Outcome.WAIT),
    (replace(GOOD, incident_open=True), Flaw.INCIDENT_OPEN, Outcome.WAIT),
    (replace(GOOD, drill_running=True), Flaw.DRILL_RUNNING, Outcome.WAIT),
    (replace(GOOD, overridden=True), Flaw.OVERRIDDEN, Outcome.WAIT),
    (replace(GOOD, no_worse=False), Flaw.WORSE_THAN_BASELINE, Outcome.WAIT),
    (watched(), Flaw.NO_TRIGGER, Outcome.WAIT),
    (watched(ERRORS, replace(APPROVALS, samples=499)), Flaw.NOT_COVERED, Outcome.WAIT),
    (watched(replace(APPROVALS, samples=0, min_samples=0)), Flaw.NOT_COVERED, Outcome.WAIT),
    (watched(replace(ERRORS, verdict=VerdictKind.NO_DATA)), Flaw.NOT_COVERED, Outcome.WAIT),
    (watched(replace(ERRORS, verdict=VerdictKind.OBSERVER_ERROR)), Flaw.NOT_COVERED, Outcome.WAIT),
    (watched(replace(LATENCY, verdict=VerdictKind.NO_DATA)), Flaw.NOT_COVERED, Outcome.WAIT),
    (watched(replace(ERRORS, verdict=VerdictKind.INCONCLUSIVE)), Flaw.NOT_HEALTHY, Outcome.WAIT),
    (watched(replace(ERRORS, verdict=VerdictKind.BREACHED)), Flaw.BREACHED, Outcome.REFUSED),
    (watched(ERRORS, replace(APPROVALS, was_breached=True)), Flaw.BREACHED, Outcome.REFUSED),
    (watched(ERRORS, replace(LATENCY, verdict=VerdictKind.BREACHED)), Flaw.BREACHED, Outcome.REFUSED),
]  # fmt: skip


@pytest.mark.parametrize(("view", "flaw", "outcome"), LACKS)
def test_each_thing_that_is_lacking_stands_in_the_way_alone(
    view: ProbationView, flaw: Flaw, outcome: Outcome
) -> None:
    found, lacks = probation_outcome(view)

    assert (found, [lack.flaw for lack in lacks]) == (outcome, [flaw])
    assert lacks[0].text


def test_a_trigger_that_was_healthy_may_be_inconclusive_for_an_hour() -> None:
    unsure = replace(ERRORS, verdict=VerdictKind.INCONCLUSIVE, was_healthy=True)

    assert flaws(watched(unsure)) == []
    assert flaws(watched(replace(unsure, samples=3))) == [Flaw.NOT_COVERED]


def test_time_without_data_earns_nothing_however_long_it_is() -> None:
    blind = replace(GOOD, elapsed=6 * DAY, observed=0.0)

    assert probation_outcome(blind)[0] is Outcome.WAIT
    assert flaws(blind) == [Flaw.NOT_SEEN_LONG_ENOUGH]


@pytest.mark.parametrize(
    ("elapsed", "duration", "outcome"),
    [(LONGEST - 1, DAY, Outcome.WAIT), (LONGEST, DAY, Outcome.ASK), (LONGEST, 5 * DAY, Outcome.WAIT),
     (10 * DAY, 5 * DAY, Outcome.ASK)],
)  # fmt: skip
def test_what_takes_too_long_is_put_to_a_person(
    elapsed: float, duration: float, outcome: Outcome
) -> None:
    view = replace(GOOD, elapsed=elapsed, duration=duration, observed=0.0)

    assert probation_outcome(view)[0] is outcome


def test_a_probation_of_no_time_still_needs_health_under_every_trigger() -> None:
    none = replace(GOOD, elapsed=0.0, observed=0.0, duration=0.0, decisions=0, min_decisions=0)

    assert probation_outcome(none)[0] is Outcome.EARNED
    assert flaws(replace(none, triggers=())) == [Flaw.NO_TRIGGER]
    assert flaws(replace(none, triggers=(replace(ERRORS, samples=0),))) == [Flaw.NOT_COVERED]


def test_nothing_makes_up_for_anything_else() -> None:
    """Each pair of lacks is told as both, and never earns."""
    single: dict[Flaw, dict[str, Any]] = {
        Flaw.NOT_SEEN_LONG_ENOUGH: {"observed": 0.0},
        Flaw.TOO_FEW_DECISIONS: {"decisions": 0},
        Flaw.INCIDENT_OPEN: {"incident_open": True},
        Flaw.DRILL_RUNNING: {"drill_running": True},
        Flaw.OVERRIDDEN: {"overridden": True},
        Flaw.NO_TRIGGER: {"triggers": ()},
        Flaw.WORSE_THAN_BASELINE: {"no_worse": False},
    }
    for pair in combinations(single, 2):
        changes = dict(chain.from_iterable(single[flaw].items() for flaw in pair))
        view = replace(GOOD, **changes)

        assert set(flaws(view)) == set(pair)
        assert probation_outcome(view)[0] is not Outcome.EARNED


def test_what_is_lacking_is_said_with_numbers() -> None:
    view = replace(GOOD, observed=7199.0, decisions=3, triggers=(replace(APPROVALS, samples=12),))

    assert [lack.text for lack in probation_outcome(view)[1]] == [
        "it was seen for 0 % of 24.0 h",
        "it made 0 % of 2000 decisions",
        "trigger approvals saw 0 % of 500 requests",
    ]
