from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import CommandResult, FailureReason, LastCommand, Phase, VerdictKind
from knowngood.decisions.commands import Command, Malformed, Verb, expiry, parse
from knowngood.decisions.reporting import status_of
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation, a_trigger
from tests.decisions.states import NOW, STATES, State

FRESH = "2026-03-01T11:59:30Z"


def test_a_command_names_what_and_which_version_and_when() -> None:
    want = Command(Verb.PROMOTE, "8", f"{FRESH}-x1", datetime(2026, 3, 1, 11, 59, 30, tzinfo=UTC))

    assert parse(f"  promote 8   {FRESH}-x1 ") == want


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "three words", id="empty"),
        pytest.param("promote 8", "three words", id="no time"),
        pytest.param(f"promote 8 {FRESH} now", "three words", id="too much"),
        pytest.param(f"promot 8 {FRESH}", "unknown verb", id="misspelt"),
        pytest.param("promote 8 yesterday", "time in UTC", id="no time of day"),
        pytest.param("promote 8 2026-03-01T11:59:30", "time in UTC", id="no zone"),
        pytest.param(f"promote 8 {FRESH}x", "time in UTC", id="glued suffix"),
        pytest.param(f"promote 8 {FRESH}-{'x' * 60}", "time in UTC", id="long nonce"),
        pytest.param(f"promote {'8' * 41} {FRESH}", "40 characters", id="long version"),
    ],
)
def test_a_command_that_cannot_be_read_says_why_and_how_to_write_it(text: str, words: str) -> None:
    found = parse(text)

    assert isinstance(found, Malformed)
    assert words in found.reason
    assert "kubectl annotate" in found.reason


def test_a_bad_command_is_told_that_one_verb_names_a_feed_and_the_others_a_version() -> None:
    found = parse("promote")

    assert isinstance(found, Malformed)
    assert '|restore> <version> <time>" or "resume-feed <feed> <time>", for example' in found.reason
    assert "resume-feed <version>" not in found.reason


@given(
    st.text() | st.from_regex(r"(promote|abort) \S{1,50} 2026-0[0-9]-[0-9]{2}T[0-9:]{8}Z\S{0,50}")
)
@example("promote 8 9999-12-31T23:59:59Z")
@example("promote 8 0001-01-01T00:00:00Z")
def test_no_text_breaks_a_decision(text: str) -> None:
    parsed = parse(text)
    if isinstance(parsed, Command):
        expiry(parsed, NOW)

    s = a_situation(STATES["pausing"], model=a_model(STATES["pausing"], command=text))

    status_of(s, decide(s)).wire()


@pytest.mark.parametrize(
    ("age", "fresh"),
    [
        (timedelta(), True),
        (timedelta(minutes=10), True),
        (timedelta(minutes=10, seconds=1), False),
        (timedelta(minutes=-2), True),
        (timedelta(minutes=-2, seconds=-1), False),
    ],
)
def test_a_command_is_good_for_ten_minutes(age: timedelta, fresh: bool) -> None:  # noqa: FBT001  - a table's column
    command = Command(Verb.ABORT, "8", "n", NOW - age)

    assert (expiry(command, NOW) is None) is fresh


def after(state: State, command: str, **rest: object) -> tuple[Phase, LastCommand | None]:
    plan = decide(a_situation(state, model=a_model(state, command=command), **rest))  # type: ignore[arg-type]  # keywords of a situation
    return plan.phase, plan.last_command


@pytest.mark.parametrize(
    ("state", "command", "phase"),
    [
        pytest.param("waiting for a person", "promote 8", Phase.PROMOTING, id="the last pause"),
        pytest.param("pausing", "promote 8", Phase.PAUSED, id="an earlier pause"),
        pytest.param("at the gate", "promote 8", Phase.PROMOTING, id="the gate"),
        pytest.param("pausing", "abort 8", Phase.ROLLING_BACK, id="abort"),
        pytest.param("promoting", "rollback 8", Phase.ROLLING_BACK, id="rollback"),
    ],
)
def test_a_command_is_carried_out(state: str, command: str, phase: Phase) -> None:
    reached, done = after(STATES[state], f"{command} {FRESH}")

    assert reached is phase
    assert done is not None
    assert (done.result, done.nonce, done.by) == (CommandResult.DONE, FRESH, "unverified")


@pytest.mark.parametrize(
    ("state", "command", "words"),
    [
        pytest.param("pausing", "promote 9", "not being rolled out", id="another version"),
        pytest.param("at rest", "promote 8", "not being rolled out", id="no rollout"),
        pytest.param("promoting", "promote 8", "promoted already", id="promoted already"),
        pytest.param("no share yet", "promote 8", "waits for pods", id="not a pause"),
        pytest.param("at rest", "abort 7", "use rollback", id="after the promotion"),
        pytest.param("at rest", "rollback 7", "nothing to go back to", id="nothing to go back to"),
        pytest.param("at rest", "retry 8", "is not rejected", id="not rejected"),
        pytest.param("pausing", "retry bad", "abort it first", id="rolled out now"),
        pytest.param("at rest", "retry bad", "set it to bad first", id="not desired"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why(
    state: str, command: str, words: str
) -> None:
    _, refused = after(STATES[state], f"{command} {FRESH}")

    assert refused is not None
    assert refused.result is CommandResult.REFUSED
    assert words in refused.message


def test_a_breached_version_is_not_promoted_by_a_person() -> None:
    breached = (a_trigger(VerdictKind.BREACHED, stable_breached=True),)
    phase, refused = after(STATES["at the gate"], f"promote 8 {FRESH}", triggers=breached)

    assert phase is Phase.PAUSED
    assert refused is not None
    assert "breached" in refused.message


def test_a_person_may_promote_without_data() -> None:
    blind = (a_trigger(VerdictKind.NO_DATA),)

    assert after(STATES["at the gate"], f"promote 8 {FRESH}", triggers=blind)[0] is Phase.PROMOTING


def test_a_command_is_carried_out_once() -> None:
    state = STATES["pausing"]
    s = a_situation(state, model=a_model(state, command=f"promote 8 {FRESH}"))
    first = decide(s)
    assert first.rollout is not None

    again = decide(replace(s, model=s.model.model_copy(update={"status": status_of(s, first)})))

    assert again.rollout is not None
    assert (again.rollout.step, again.last_command) == (first.rollout.step, first.last_command)


def test_two_commands_in_one_second_are_both_carried_out() -> None:
    state = STATES["pausing"]
    s = a_situation(state, model=a_model(state, command=f"promote 8 {FRESH}"))
    promoted = status_of(s, decide(s))
    next_one = a_model(state, command=f"abort 8 {FRESH}").model_copy(update={"status": promoted})

    assert decide(replace(s, model=next_one)).phase is Phase.ROLLING_BACK


def test_going_back_by_command_is_refused_while_the_stable_version_is_not_ready() -> None:
    phase, refused = after(STATES["pausing"], f"abort 8 {FRESH}", ready={"7": 0, "8": 2})

    assert phase is Phase.PAUSED
    assert refused is not None
    assert "no endpoint that is ready" in refused.message


def test_an_abort_is_no_incident_and_a_rollback_is_one() -> None:
    plans = {}
    for verb in ("abort", "rollback"):
        model = a_model(STATES["pausing"], command=f"{verb} 8 {FRESH}")
        plan = plans[verb] = decide(a_situation(STATES["pausing"], model=model))
        assert plan.rollout is not None
        assert plan.rollout.failure is not None
        assert plan.rollout.failure.reason in {FailureReason.ABORTED, FailureReason.MANUAL}

    assert [p.incident for p in plans.values()] == ["", "loan-1"]
