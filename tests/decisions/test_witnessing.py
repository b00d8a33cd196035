"""What a version's own counters say after it was taken back."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from knowngood.api.v1alpha1 import FailureReason, Phase, Standing
from knowngood.decisions.plan import Plan
from knowngood.decisions.planned import plan_of
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from knowngood.decisions.witnessing import WATCHED, Witness, is_watched, listen
from tests.decisions.situations import a_model, a_record, a_situation
from tests.decisions.states import NOW, State

BACK: Final = State(
    Phase.ROLLED_BACK,
    weights={"7": 100, "8": 0},
    step=1,
    failed=FailureReason.ABORTED,
    draining=("8",),
    age=timedelta(0),
)


def seconds(*numbers: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=n) for n in numbers)


def heard(until: float, *answered: float, quiet: int) -> Plan:
    """What follows from counts; instants in seconds since the share was seen to be 0."""
    (end,) = seconds(until)
    told = Witness(NOW + end, tuple(NOW + at for at in seconds(*answered)), quiet)
    return listen(plan_of(a_model(BACK)), told)


@pytest.mark.parametrize(
    ("until", "answered", "quiet", "silent"),
    [
        pytest.param(5, (), 5, 0, id="nothing since"),
        pytest.param(8, (1, 2), 6, 2, id="some were in flight"),
        pytest.param(4, (), 4, None, id="not long enough"),
        pytest.param(30, (), 1, None, id="read once is no silence"),
        pytest.param(31, (15,), 2, 15, id="a slow scrape"),
        pytest.param(60, (50,), 10, 50, id="late, and over"),
    ],
)
def test_it_is_over_when_the_last_request_was_counted_and_nothing_after_it(
    until: float, answered: tuple[float, ...], quiet: int, silent: float | None
) -> None:
    rollout = heard(until, *answered, quiet=quiet).rollout

    assert rollout is not None
    assert rollout.silent_at == (None if silent is None else NOW + timedelta(seconds=silent))
    assert not rollout.loud


@pytest.mark.parametrize(
    ("answered", "loud"),
    [
        pytest.param((1, 3, 9), False, id="in flight"),
        pytest.param((15, 25), False, id="a slow scrape says it once more"),
        pytest.param((11, 12, 13), False, id="not long enough"),
        pytest.param((11, 15, 21), True, id="still"),
        pytest.param((15, 30, 45), True, id="still, by a slow scrape"),
    ],
)
def test_only_requests_that_go_on_and_on_are_harm(
    answered: tuple[float, ...], *, loud: bool
) -> None:
    plan = heard(46, *answered, quiet=0)

    assert plan.rollout is not None
    assert plan.rollout.loud is loud
    assert [n.reason for n in plan.notices] == (["StillAnswering"] if loud else [])
    assert plan.weights == ({"7": 100} if loud else {"7": 100, "8": 0})
    assert [d.version for d in plan.draining] == ([] if loud else ["8"])


def test_it_is_told_once_and_is_over_once_it_is_silent() -> None:
    loud = heard(46, 15, 30, 45, quiet=0)
    on = (NOW + at for at in seconds(15, 30, 45, 60))
    again = listen(loud, Witness(NOW + timedelta(seconds=61), tuple(on), 0))
    on = (NOW + at for at in seconds(15, 30, 45, 60))
    over = listen(again, Witness(NOW + timedelta(seconds=70), tuple(on), 9))

    assert [n.reason for n in again.notices] == ["StillAnswering"]
    assert over.rollout is not None
    assert (over.rollout.loud, over.rollout.silent_at) == (False, NOW + timedelta(seconds=60))


def situation(witness: Witness | None) -> Situation:
    s = a_situation(BACK)
    versions = {**s.versions, "8": a_record("8", Standing.REJECTED)}
    return replace(s, versions=versions, witness=witness)


def test_users_are_not_said_to_be_served_while_a_rejected_version_answers() -> None:
    on = tuple(NOW + at for at in seconds(15, 30, 45))
    s = situation(Witness(NOW + timedelta(seconds=46), on, 0))

    status = status_of(s, decide(s))

    (available,) = (c for c in status.conditions if c.type == "Available")
    assert (available.status, available.reason) == ("False", "StillAnswering")


def test_where_nobody_counts_nothing_is_claimed() -> None:
    plan = decide(situation(None))

    assert plan.rollout is not None
    assert (plan.rollout.silent_at, plan.rollout.loud) == (None, False)


@pytest.mark.parametrize(
    ("state", "after", "watched"),
    [
        pytest.param(BACK, WATCHED / 2, True, id="just taken back"),
        pytest.param(BACK, WATCHED, False, id="long ago"),
        pytest.param(State(Phase.PROBATION, weights={"7": 100}), WATCHED / 2, False, id="at rest"),
    ],
)
def test_counting_ends(state: State, after: timedelta, *, watched: bool) -> None:
    assert is_watched(a_model(state).status, NOW + after) is watched
