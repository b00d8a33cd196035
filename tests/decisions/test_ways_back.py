"""Where a person sends users who are on a bad version: to what is known good, and no text calls anything else safe."""

from dataclasses import replace
from datetime import timedelta

import pytest

from knowngood.api.v1alpha1 import (
    AIModelVersion,
    IncidentStatus,
    Phase,
    Standby,
    Standing,
    Transition,
    Undo,
    UndoneAction,
    VersionStatus,
)
from knowngood.decisions.people import COMMAND_BY_ANNOTATION
from knowngood.decisions.trigger_views import ActionKind
from tests.decisions.containment import READY, SERVES, STANDS_BY, a_breach, play, seen
from tests.decisions.playing import Play
from tests.decisions.situations import an_incident
from tests.decisions.states import NOW
from tests.decisions.test_golden import rounds
from tests.decisions.test_handing_over import of, says, told

BEFORE = "6"
LASTING = "either mend what reaches it, or "
BACK = "knowngood rollback loan --version 7 -n lending"
UNDO = "knowngood undo loan --version 7 -n lending"


def a_record(like: AIModelVersion, version: str, *transitions: Standing) -> AIModelVersion:
    """A version that was replaced, and how it stood before."""
    known = tuple(Transition(standing=each, time=NOW, reason="Told") for each in transitions)
    status = VersionStatus(standing=Standing.RETIRED, transitions=known)
    spec = like.spec.model_copy(
        update={"model": like.spec.model.model_copy(update={"version": version})}
    )
    meta = like.metadata.model_copy(update={"name": f"loan-v{version}"})
    return like.model_copy(update={"metadata": meta, "spec": spec, "status": status})


def promoted(*transitions: Standing, standby: bool = True) -> Play:
    """Version 7 was promoted in place of version 6, and version 8, known good, stands by."""
    story = play()
    record = a_record(story.s.versions["7"], BEFORE, *(transitions or (Standing.PROBATION,)))
    undo = Undo(
        action=UndoneAction.PROMOTION, version=SERVES, to=BEFORE, what="?", command="undo 7"
    )
    assert story.s.model.status is not None
    assert story.s.model.status.versions is not None
    names = story.s.model.status.versions
    names = names if standby else names.model_copy(update={"shadow": ""})
    status = story.s.model.status.model_copy(update={"undo": undo, "versions": names})
    model = story.s.model.model_copy(update={"status": status})
    story.s = replace(story.s, model=model, versions={**story.s.versions, BEFORE: record})
    return story


def bad(story: Play) -> IncidentStatus:
    story.look(serving=seen(a_breach(ActionKind.HOLD)))
    return of(story)


def test_a_rollback_of_what_serves_sends_users_to_the_known_good_version_that_stands_by() -> None:
    story = promoted()
    bad(story)

    plan = story.give("rollback 7")

    assert story.refusal == ""
    assert plan.rollout is not None
    assert (plan.phase, plan.rollout.returning) == (Phase.ROLLING_BACK, STANDS_BY)
    assert plan.last_command is not None
    assert plan.last_command.message == (
        "version 8, which is known good and stands by, gets all requests"
    )
    rested = story.until_still()
    assert (rested.phase, rested.stable, rested.shadow) == (Phase.ROLLED_BACK, STANDS_BY, "")
    assert dict(rested.shares)[STANDS_BY] == 100


def test_undo_still_reverses_the_promotion_and_says_what_was_known_of_that_version() -> None:
    story = promoted()
    bad(story)

    plan = story.give("undo 7", ready=READY | {BEFORE: 2})

    assert plan.rollout is not None
    assert plan.rollout.returning == BEFORE
    assert plan.last_command is not None
    assert "version 6, which was never known good, is brought up" in plan.last_command.message


@pytest.mark.parametrize("ready", [{SERVES: 2, BEFORE: 2}, READY | {BEFORE: 2}])
def test_a_standby_that_can_not_answer_right_is_no_way_back(ready: dict[str, int]) -> None:
    story = promoted()
    wrong = {STANDS_BY: rounds(0, 1)} if STANDS_BY in ready else {}
    story.look(ready=ready, tried=wrong)
    status = bad(story)
    assert f"{LASTING}send them to version 6, which was never known good ({BACK})" in says(status)

    plan = story.give("rollback 7")

    assert plan.rollout is not None
    assert plan.rollout.returning == BEFORE


def test_what_was_known_good_once_is_not_called_never_known_good() -> None:
    status = bad(promoted(Standing.KNOWN_GOOD, standby=False))

    assert f"{LASTING}send them to version 6 ({BACK})" in says(status)


def test_the_incident_names_both_ways_and_which_of_them_is_known_good() -> None:
    assert says(bad(promoted())) == (
        "decide: version 7 goes on answering users, and nothing was shifted; "
        f"{LASTING}send them to version 8, which is known good and stands by: version 8 is healthy by its answers to "
        f"copies ({BACK}), or to version 6 from before the promotion, which was never known good ({UNDO})"
    )


def test_a_standby_is_a_way_back_also_where_nothing_was_promoted() -> None:
    story = play()
    assert f"{LASTING}send them to version 8" in says(bad(story))

    plan = story.give("rollback 7")

    assert plan.rollout is not None
    assert plan.rollout.returning == STANDS_BY


def test_without_a_standby_and_a_promotion_there_is_no_command_and_it_is_said() -> None:
    story = play(shadow={"standby": Standby.NONE.value})

    assert "no command sends them elsewhere" in says(bad(story))
    story.give("rollback 7")
    assert "nothing to go back to" in story.refusal


def test_the_incident_says_who_has_commanded_a_rollback() -> None:
    story = promoted()
    story.s = replace(story.s, people_proved=True)
    bad(story)
    first = story.s.model
    words = f"rollback 7 {story.s.now:%Y-%m-%dT%H:%M:%SZ}-1"
    meta = first.metadata.model_copy(
        update={
            "annotations": {"knowngood.dev/command": words, COMMAND_BY_ANNOTATION: "alice"},
        }
    )
    story.s = replace(story.s, model=first.model_copy(update={"metadata": meta}))
    story.look(later=timedelta())
    story.look(later=timedelta(minutes=1))
    assert story.plan is not None
    assert story.plan.incident == "loan-1"

    status = told(story.s.model, an_incident("loan-1"), earlier=first)

    assert status.timeline[-1].text == (
        "version 8 is brought up, and gets all requests from version 7 as soon as it can answer: alice asked for it "
        "(rollback)"
    )


def test_the_undo_of_a_containment_says_who_gets_the_version_and_what_was_found_about_it() -> None:
    story = Play("rolled back")
    known = story.s.versions
    rejected = known["bad"].model_copy(update={"spec": known["8"].spec})
    story.s = replace(story.s, versions={**known, "8": rejected})

    plan = story.look()

    assert plan.undo is not None
    assert plan.undo.what == (
        "version 8 is tried again from its first step, and its evidence starts anew: 10 % of the users get version 8 "
        "with its first share, and version 7 keeps 90 %; it was taken back because it failed"
    )
    done = story.give("undo 8").last_command
    assert done is not None
    assert done.message == plan.undo.what
