"""How a wait ends: the exit codes that scripts depend on."""

from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    ConditionType,
    FailureReason,
    Phase,
    RejectedVersion,
    VersionNames,
    WaitingFor,
)
from knowngood.cli.ordering import written
from knowngood.cli.outcome import Exit, Goal, Outcome, Wanted, outcome
from knowngood.decisions.commands import COMMAND_ANNOTATION, Verb
from tests.cli.statuses import decided, having, with_condition
from tests.decisions.situations import a_model
from tests.decisions.states import NOW, STATES


def code(model: AIModelDeployment, version: str = "8", **wanted: Any) -> Exit | None:
    end = outcome(model, Wanted(version, **wanted))
    return end.code if end else None


def test_the_codes_are_what_the_documentation_says() -> None:
    assert {e.name: int(e) for e in Exit} == {
        "DONE": 0,
        "TAKEN_BACK": 1,
        "TROUBLE": 2,
        "PERSON": 3,
        "TIMEOUT": 4,
        "SUPERSEDED": 5,
        "INTERRUPTED": 130,
    }


@pytest.mark.parametrize(
    ("state", "end"),
    [
        ("promoted, not seen yet", Exit.DONE),
        ("rolling back", Exit.TAKEN_BACK),
        ("going", None),
        ("first version gets the traffic", Exit.DONE),
        ("no share yet", None),
        ("pausing", None),
        ("waiting for a person", None),
        ("at the gate", None),
        ("promoting", None),
        ("state lost", None),
    ],
)
def test_a_rollout_ends_when_its_version_serves_or_was_taken_back(
    state: str, end: Exit | None
) -> None:
    assert code(decided(state)) is end


def test_a_version_that_still_goes_back_has_not_ended() -> None:
    not_yet = decided("rolling back", route=None, ready={"7": 2, "8": 2})
    going = having(not_yet, phase="RollingBack", versions=VersionNames(stable="7", canary="8"))

    assert code(going) is None


def test_the_end_says_why_it_was_taken_back() -> None:
    end = outcome(decided("rolling back"), Wanted("8"))

    assert end == Outcome(
        Exit.TAKEN_BACK,
        "version 8 was taken back, version 7 answers all requests: it failed",
    )


def test_a_version_that_was_rejected_before_is_not_waited_for() -> None:
    rested = having(decided("rolling back"), rollout=None)

    assert code(rested) is Exit.TAKEN_BACK


def test_a_name_that_was_rejected_with_other_contents_is_waited_for() -> None:
    model = having(decided("rolling back"), rollout=None)
    known = (RejectedVersion(version="8", digest="v1:sha256:11"),)
    waiting = with_condition(
        having(model, rejected=known), ConditionType.READY, "TemplateInvalid", "no", holds=False
    )

    assert code(waiting) is None


def test_a_rejected_version_that_the_spec_does_not_ask_for_any_more_was_taken_back() -> None:
    model = having(decided("promoted, not seen yet"), rejected=(RejectedVersion(version="7"),))

    assert code(model, "7") is Exit.TAKEN_BACK


def test_another_version_in_the_spec_supersedes() -> None:
    later = decided("pausing").model_copy(update={"spec": a_model(desired="9").spec})
    moved = having(later, versions=VersionNames(desired="9", stable="7", canary="9"))

    assert code(moved) is Exit.SUPERSEDED
    assert code(decided("pausing"), "5") is Exit.SUPERSEDED


def test_a_version_that_was_taken_away_for_another_one_was_superseded_and_not_rejected() -> None:
    model = decided("superseded")
    assert model.status is not None
    assert model.status.rollout is not None
    assert model.status.rollout.failure is not None
    assert model.status.rollout.failure.reason is FailureReason.SUPERSEDED

    assert code(model) is Exit.SUPERSEDED


def test_a_version_that_is_still_being_taken_away_has_not_ended() -> None:
    model = having(
        decided("superseded"), phase="RollingBack", versions=VersionNames(stable="7", canary="8")
    )

    assert code(model) is None


def test_a_canary_keeps_its_stable_version_from_answering_all_requests() -> None:
    back = decided("pausing").model_copy(update={"spec": a_model(desired="7").spec})

    assert code(back, "7") is None


def test_a_version_that_was_promoted_stays_so_when_the_next_one_comes() -> None:
    assert code(decided("pausing"), "7") is Exit.DONE


@pytest.mark.parametrize("state", ["promoted, not seen yet", "rolling back"])
def test_a_status_about_an_older_spec_ends_nothing(state: str) -> None:
    assert code(having(decided(state), observed_generation=2)) is None
    assert code(decided(state).model_copy(update={"status": None})) is None


def test_a_command_that_is_not_answered_yet_keeps_a_rejected_version_waiting() -> None:
    model = decided("rolling back")
    text = written(Verb.RETRY, "8", NOW, "aaaa")
    meta = model.metadata.model_copy(update={"annotations": {COMMAND_ANNOTATION: text}})

    assert code(model.model_copy(update={"metadata": meta})) is None


def test_a_model_that_is_deleted_is_waited_for_no_longer() -> None:
    deleted = decided("going", a_model(STATES["going"], deleted=True))

    assert code(deleted) is Exit.TAKEN_BACK


@pytest.mark.parametrize("state", ["promoted, not seen yet", "rolling back"])
def test_it_has_settled_when_the_last_request_was_answered(state: str) -> None:
    model = decided(state)
    assert model.status is not None
    assert model.status.draining

    assert code(model, goal=Goal.SETTLED) is None
    assert code(having(model, draining=()), goal=Goal.SETTLED) is code(model)


def test_it_has_not_settled_while_the_gateway_does_not_follow() -> None:
    rested = having(decided("promoted, not seen yet"), draining=())
    lost = with_condition(
        rested, ConditionType.ROUTE_PROGRAMMED, "NotProgrammed", "no", holds=False
    )

    assert code(lost, goal=Goal.SETTLED) is None
    assert code(lost) is Exit.DONE


@pytest.mark.parametrize(("asked", "end"), [(True, Exit.PERSON), (False, None)])
def test_a_person_ends_it_only_when_that_is_asked_for(
    asked: bool,  # noqa: FBT001  - a table's column
    end: Exit | None,
) -> None:
    assert code(decided("waiting for a person"), stop_at_person=asked) is end


@pytest.mark.parametrize("asked", [True, False])
def test_a_frozen_rollout_and_a_suspended_model_need_a_person(
    asked: bool,  # noqa: FBT001  - a table's column
) -> None:
    model = decided("pausing")
    assert model.status is not None
    assert model.status.rollout is not None
    frozen = model.status.rollout.model_copy(update={"waiting_for": WaitingFor.THAW})
    end = Exit.PERSON if asked else None

    assert code(having(model, rollout=frozen), stop_at_person=asked) is end
    assert code(having(model, phase=Phase.SUSPENDED), stop_at_person=asked) is end


def test_a_model_that_is_stalled_needs_a_person() -> None:
    stalled = with_condition(
        decided("pausing"), ConditionType.STALLED, "Breached", "hold", holds=True
    )

    assert code(stalled, stop_at_person=True) is Exit.PERSON
    assert code(stalled) is None
    assert code(decided("pausing"), stop_at_person=True) is None
