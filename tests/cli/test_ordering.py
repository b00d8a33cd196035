"""Commands: which version is meant, how they are written, and what the operator made of them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.cli.cluster import FIELD_MANAGER
from knowngood.cli.ordering import (
    REACH,
    Answer,
    Guess,
    annotations,
    answer,
    guess,
    is_pending,
    written,
)
from knowngood.cli.orders import HELP
from knowngood.decisions.commands import COMMAND_ANNOTATION, Command, Verb, expiry, parse
from knowngood.decisions.people import COMMAND_BY_ANNOTATION
from tests.cli.statuses import decided
from tests.decisions.situations import a_model
from tests.decisions.states import NOW, STATES

COMING = Verb.PROMOTE, Verb.ABORT, Verb.ROLLBACK


@given(
    st.sampled_from(Verb),
    st.from_regex(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,38}[A-Za-z0-9])?", fullmatch=True),
    st.datetimes(
        min_value=datetime(2020, 1, 1),  # noqa: DTZ001  - hypothesis adds the zones
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
    ),
    st.from_regex(r"[0-9a-f]{8}", fullmatch=True),
)
def test_the_operator_reads_what_is_written(
    verb: Verb, version: str, now: datetime, token: str
) -> None:
    read = parse(written(verb, version, now, token))

    assert isinstance(read, Command)
    assert (read.verb, read.version) == (verb, version)
    assert read.nonce.endswith(f"-{token}")
    assert expiry(read, now) is None


def test_the_annotation_is_the_one_that_the_operator_reads() -> None:
    assert annotations("x", "alice") == {COMMAND_ANNOTATION: "x", COMMAND_BY_ANNOTATION: "alice"}


def test_no_name_of_an_earlier_command_stays_beside_a_new_one() -> None:
    assert annotations("x", "") == {COMMAND_ANNOTATION: "x", COMMAND_BY_ANNOTATION: None}


def test_no_gitops_tool_takes_the_manager_for_kubectl() -> None:
    assert not FIELD_MANAGER.startswith("kubectl")


def test_every_verb_is_explained() -> None:
    """But who hands a baseline in, or names a feed: `knowngood baseline` and `knowngood feed`."""
    assert set(REACH) == set(HELP) == set(Verb) - {Verb.REMEMBER, Verb.RESUME_FEED}


@pytest.mark.parametrize("verb", COMING)
def test_the_version_that_is_rolled_out_is_meant(verb: Verb) -> None:
    assert guess(decided("pausing"), verb) == Guess("8", "it is being rolled out")


@pytest.mark.parametrize("verb", COMING)
def test_without_a_rollout_a_version_has_to_be_named(verb: Verb) -> None:
    found = guess(decided("promoted, not seen yet"), verb)

    assert isinstance(found, str)
    assert "name one with --version" in found


@pytest.mark.parametrize("verb", COMING)
def test_no_version_is_guessed_while_the_spec_asks_for_another_one(verb: Verb) -> None:
    model = decided("pausing").model_copy(update={"spec": a_model(desired="9").spec})

    found = guess(model, verb)

    assert isinstance(found, str)
    assert "version 8 is being rolled out, but the spec asks for version 9" in found


def test_the_version_that_the_spec_asks_for_is_retried() -> None:
    assert guess(decided("rolling back"), Verb.RETRY) == Guess("8", "the spec asks for it")


def given_to(state: str, text: str) -> AIModelDeployment:
    """The model after the operator looked at a command."""
    return decided(state, a_model(STATES[state], command=text))


PROMOTE = written(Verb.PROMOTE, "8", NOW, "aaaa")


def test_a_command_that_was_carried_out_is_done() -> None:
    got = answer(given_to("waiting for a person", PROMOTE), PROMOTE)

    assert got == Answer(done=True, text="Done: promote 8")


def test_a_command_that_was_refused_tells_the_operators_reason() -> None:
    got = answer(given_to("promoting", PROMOTE), PROMOTE)

    assert got == Answer(done=False, text="Refused: version 8 is being promoted already")


def test_a_command_is_not_taken_for_an_earlier_one() -> None:
    earlier = given_to("waiting for a person", PROMOTE)
    again = written(Verb.PROMOTE, "8", NOW, "bbbb")
    meta = earlier.metadata.model_copy(update={"annotations": {COMMAND_ANNOTATION: again}})
    model = earlier.model_copy(update={"metadata": meta})

    assert answer(model, again) is None
    assert is_pending(model)


def test_a_command_that_was_answered_is_not_pending() -> None:
    assert not is_pending(given_to("promoting", PROMOTE))
    assert not is_pending(decided("pausing"))


def test_another_command_in_its_place_is_told() -> None:
    other = written(Verb.ABORT, "8", NOW, "cccc")
    got = answer(given_to("pausing", other), PROMOTE)

    assert got == Answer(done=False, text=f"another command took its place: {other}")


def test_an_annotation_that_is_gone_means_nothing() -> None:
    assert answer(decided("pausing"), PROMOTE) is None


def test_clocks_that_differ_are_blamed() -> None:
    late = written(Verb.PROMOTE, "8", NOW - timedelta(minutes=11), "dddd")
    got = answer(given_to("waiting for a person", late), late)

    assert got is not None
    assert "660 seconds apart" in got.text
