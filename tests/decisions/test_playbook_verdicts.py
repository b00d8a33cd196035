"""What each step says, from values alone."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from knowngood.analysis.moved import Move
from knowngood.analysis.verdicts import BinShift
from knowngood.api.v1alpha1.playbook_status import StepState
from knowngood.decisions.playbook.freshness import Age, Fed, upstream_freshness
from knowngood.decisions.playbook.moving import Seen, feature_distributions
from knowngood.decisions.playbook.objects import CronJobSeen
from knowngood.decisions.playbook.pipeline import Faults, Pipe, Rate, pipeline_integrity
from knowngood.signals.amounts import Sides
from tests.decisions.states import NOW

SHIFT = (BinShift("up to 1", 0.2, 0.6),)
FAR = Move(0.4, 1e6, 5000, 900, SHIFT)
STILL = Move(0.001, 0.5, 5000, 900, ())
HOUR = timedelta(hours=1)


def seen(version: str, **parts: Move | None) -> Seen:
    return Seen(version, parts)


@pytest.mark.parametrize(
    ("bad", "other", "state", "words"),
    [
        (seen("8", income=FAR, age=STILL), None, StepState.FOUND, ["1 of 2 features have moved"]),
        (
            seen("8", income=FAR),
            seen("7", income=FAR),
            StepState.FOUND,
            ["income (PSI 0.40; up to 1: 20 % to 60 %)", "income moved too", "not for version 8"],
        ),
        (
            seen("8", income=FAR),
            seen("7", income=STILL),
            StepState.FOUND,
            ["not seen to move", "speaks for version 8 itself"],
        ),
        (
            seen("8", income=FAR),
            seen("7", income=Move(0.001, 0.5, 5000, 400, ())),
            StepState.FOUND,
            ["not seen to move", "asked less than before", "speaks for nothing"],
        ),
        (
            seen("8", income=FAR),
            seen("7", income=None),
            StepState.FOUND,
            ["no other version answered enough"],
        ),
        (
            seen("8", income=STILL, age=None),
            None,
            StepState.PASSED,
            ["none of 1 features", "(900 requests since", "1 have too few requests"],
        ),
        (seen("8", income=None), None, StepState.SKIPPED, ["too few requests: 100 are needed"]),
        (seen("8"), None, StepState.SKIPPED, ["no feature of version 8 is counted"]),
    ],
    ids=[
        "moved",
        "at both",
        "at one",
        "asked no more",
        "unknown at the other",
        "still",
        "few",
        "uncounted",
    ],
)
def test_features(bad: Seen, other: Seen | None, state: StepState, words: Sequence[str]) -> None:
    found = feature_distributions(bad, other, ())

    assert found.state is state
    assert all(word in found.text for word in words), found.text


@pytest.mark.parametrize(
    ("bad", "state"),
    [(seen("8"), StepState.FAILED), (seen("8", a=STILL), StepState.PASSED)],
)
def test_features_that_could_not_be_read_are_told(bad: Seen, state: StepState) -> None:
    found = feature_distributions(bad, None, ["ages (it is away)"])

    assert found.state is state
    assert "not looked at: ages (it is away)" in found.text


def faults(version: str, before: float, since: float, move: Move | None = FAR) -> Faults:
    sides = Sides(("events", "others"), None, (before, 1000 - before), (since, 1000 - since))
    return Faults(Seen(version, {"income": move}), {"income": sides})


RATE = Rate(600, 620, 9000)


def a_pipe(**changes: object) -> Pipe:
    known = {
        "rate": RATE,
        "bad": faults("8", 1, 1, STILL),
        "other": None,
        "together": "",
        "unread": (),
    }
    return Pipe(**{**known, **changes})  # type: ignore[arg-type]  # a test names what differs


@pytest.mark.parametrize(
    ("pipe", "state", "words"),
    [
        (a_pipe(), StepState.PASSED, "none of 1 shares of requests with something wrong"),
        (a_pipe(bad=faults("8", 1, 300)), StepState.FOUND, "income (0.1 % to 30.0 %)"),
        (a_pipe(bad=faults("8", 300, 1)), StepState.PASSED, "none of 1 shares"),
        (a_pipe(bad=faults("8", 1, 5)), StepState.PASSED, "none of 1 shares"),
        (
            a_pipe(bad=faults("8", 1, 300), other=faults("7", 1, 300)),
            StepState.FOUND,
            "at version 7, which is asked the same, income too: that speaks for the pipeline",
        ),
        (a_pipe(rate=Rate(600, 200, 9000)), StepState.FOUND, "200 requests a minute reach it"),
        (a_pipe(rate=Rate(600, 1300, 9000)), StepState.FOUND, "instead of 600"),
        (a_pipe(rate=Rate(6, 1, 18)), StepState.PASSED, "none of 1"),
        (a_pipe(rate=None, bad=None), StepState.SKIPPED, "knowngood-feature-faults"),
        (a_pipe(bad=None), StepState.SKIPPED, "requests reach it as before (620 a minute"),
        (a_pipe(bad=None, unread=("x (away)",)), StepState.FAILED, "not looked at: x (away)"),
        (a_pipe(bad=faults("8", 1, 1, None)), StepState.SKIPPED, "too few requests to say more"),
        (a_pipe(together="errors moved too"), StepState.FOUND, "errors moved too"),
    ],
    ids=[
        "as before",
        "faults rose",
        "faults fell",
        "faults rose a little",
        "at both",
        "fewer requests",
        "more requests",
        "too few to tell a rate",
        "nothing counts anything",
        "nothing counts faults",
        "unread",
        "few",
        "together",
    ],
)
def test_the_pipeline(pipe: Pipe, state: StepState, words: str) -> None:
    found = pipeline_integrity(pipe)

    assert found.state is state, found
    assert words in found.text


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (Age("age", 100, 90, None), StepState.PASSED),
        (Age("age", 181, 90, None), StepState.FOUND),
        (Age("age", 100, None, None), StepState.PASSED),
        (Age("age", 100, 1000, 99), StepState.FOUND),
        (Age("age", 100, 1, 100), StepState.PASSED),
    ],
    ids=["usual", "old", "unknown past", "beyond a limit", "within a limit"],
)
def test_the_age_of_data(age: Age, state: StepState) -> None:
    assert upstream_freshness([age], (), ()).state is state


@pytest.mark.parametrize(
    ("job", "state", "words"),
    [
        (None, StepState.FOUND, "CronJob nightly is not there"),
        (CronJobSeen("nightly"), StepState.FOUND, "has never run"),
        (
            CronJobSeen("nightly", scheduled=NOW - HOUR, succeeded=NOW - HOUR / 2),
            StepState.PASSED,
            "its latest run has succeeded; a run last succeeded at 2026-03-01T11:30:00Z",
        ),
        (
            CronJobSeen("nightly", scheduled=NOW - HOUR, succeeded=NOW - 25 * HOUR),
            StepState.FOUND,
            "not seen to succeed; a run last succeeded at 2026-02-28T11:00:00Z",
        ),
        (
            CronJobSeen("nightly", scheduled=NOW - HOUR, active=1),
            StepState.PASSED,
            "its latest run goes on, and no run has ever succeeded",
        ),
        (
            CronJobSeen("nightly", suspended=True, scheduled=NOW - HOUR, succeeded=NOW),
            StepState.FOUND,
            "is suspended",
        ),
    ],
    ids=["gone", "never", "well", "failed", "running", "suspended"],
)
def test_a_job_that_feeds_the_model(job: CronJobSeen | None, state: StepState, words: str) -> None:
    found = upstream_freshness((), [Fed("nightly", job)], ())

    assert (found.state, words in found.text) == (state, True), found.text


def test_what_is_unknown_about_feeds_is_said() -> None:
    assert upstream_freshness((), (), ()).state is StepState.SKIPPED
    assert upstream_freshness((), (), ("CronJobs (no)",)).state is StepState.FAILED
    fresh = Age("age", 1, 1, None)
    partly = upstream_freshness([fresh], (), ("CronJobs (no)",))
    assert partly.state is StepState.PASSED
    assert "not looked at: CronJobs (no)" in partly.text
