"""Feeds where things meet in one moment, or change while people are asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from knowngood.api.v1alpha1 import IncidentPhase, VerdictKind
from knowngood.decisions.feeds import REQUIRED, FeedView, SuspendRule
from knowngood.decisions.limiting import ShiftLimits
from knowngood.decisions.sharing import Shared
from knowngood.decisions.trigger_views import TriggerView
from tests.decisions.containment import said, seen
from tests.decisions.ladders import OTHERS, WHICH
from tests.decisions.situations import an_incident
from tests.decisions.test_feeds import FEED, HELD, RUNS, THEIRS, Fed, a_fed

LIMITS = ShiftLimits(cooldown=timedelta(minutes=15))
MANY = {WHICH: (Shared("policy lending", 3, OTHERS),)}


def spend(story: Fed) -> None:
    """Let another feed have been suspended by itself just now."""
    status = story.play.s.model.status
    assert status is not None
    spent = status.model_copy(update={"suspensions": (story.play.s.now,)})
    story.play.s = replace(
        story.play.s, model=story.play.s.model.model_copy(update={"status": spent})
    )


def test_a_veto_counts_also_where_the_signal_is_well_again_in_the_same_look() -> None:
    story = Fed(a_fed("VetoWindow", timeout="1m"), RUNS)
    story.say("alice", "Reject")

    story.later(1, serving=seen(said(VerdictKind.HEALTHY)))
    for _ in range(4):
        story.later(61)

    assert story.state == "Rejected"
    assert story.play.told.count("ApprovalNeeded") == 1


def test_a_feed_that_the_model_names_no_more_is_not_suspended() -> None:
    story = Fed(a_fed("VetoWindow", timeout="1m"), RUNS)
    spec = story.play.s.model.spec.model_copy(update={"feeds": ()})
    story.play.s = replace(story.play.s, model=story.play.s.model.model_copy(update={"spec": spec}))

    story.later(120)

    assert story.held is None
    assert story.states[-1] == "a2 SuspendFeed Withdrawn"


def test_a_feed_that_the_policy_wants_no_more_is_not_suspended() -> None:
    story = Fed(a_fed("VetoWindow", timeout="1m"), RUNS)

    story.trigger = replace(story.trigger, suspends=None)
    story.later(120)
    assert story.held is None

    story.trigger = replace(story.trigger, suspends=SuspendRule(("another",), REQUIRED))
    story.later(1)
    assert story.held is None


@pytest.mark.parametrize(
    ("trigger", "state"),
    [(a_fed("Act"), "Limited"), (a_fed("VetoWindow", timeout="1m"), "Waiting")],
    ids=["nobody was asked", "time has decided"],
)
def test_many_models_that_turn_bad_later_have_people_decide_about_a_feed_that_a_limit_holds(
    trigger: TriggerView, state: str
) -> None:
    story = Fed(trigger, limits=LIMITS)
    spend(story)
    story.later(1)
    story.later(61)
    assert story.state == state
    assert story.held is not None
    assert story.held.limited_at is not None

    story.later(1, shared=MANY)
    for _ in range(3):
        story.later(600)

    assert story.state == "Waiting"
    story.say("alice")
    story.later(1)
    assert story.state == "Suspending"


def test_what_could_not_be_written_down_is_not_suspended() -> None:
    long = replace(RUNS, value='"' + "x" * 300 + '"')

    story = Fed(a_fed("Act"), long)

    assert story.state == "Skipped"
    result = story.status.actions[-1].result or ""
    assert "spec.suspend of CronJob nightly has more than 253 characters" in result


def test_whoever_resumes_a_feed_has_said_so_also_in_a_later_incident() -> None:
    story = Fed(a_fed("Act"), RUNS)
    story.later(1, HELD)
    assert story.state == "Suspended"
    status = story.play.s.model.status
    assert status is not None
    assert story.incident is not None
    ended = story.status.model_copy(update={"phase": IncidentPhase.CLOSED})
    closed = story.incident.model_copy(update={"status": ended})
    second = an_incident("loan-2")
    (breach,) = status.serving_breaches
    again = status.model_copy(
        update={"serving_breaches": (breach.model_copy(update={"incident": "loan-2"}),)}
    )
    model = story.play.s.model.model_copy(update={"status": again})
    both = {"loan-1": closed, "loan-2": second}
    story.play.s = replace(story.play.s, model=model, incidents=both, incident=second)

    def look(view: FeedView) -> None:
        at = (story.play.s.now + timedelta(seconds=3)).timestamp()
        fresh = replace(story.trigger, verdict=replace(story.trigger.verdict, at=at))
        story.play.look(serving=seen(fresh), feeds={FEED: view})

    look(HELD)
    story.play.give(f"resume-feed {FEED}")
    for _ in range(5):
        look(RUNS)

    assert story.state == "Resumed", "and it is not suspended again by itself"


@pytest.mark.parametrize("asked", [True, False])
def test_a_value_that_is_neither_is_told_as_it_is(asked: bool) -> None:  # noqa: FBT001 - a table's column
    story = Fed(a_fed(), RUNS)
    story.suspends()
    assert story.state == "Suspended"
    if asked:
        story.play.give(f"resume-feed {FEED}", feeds={FEED: HELD})

    story.later(1, replace(RUNS, value='"stopped"'))

    assert story.state == "ResumedByHand"
    assert 'spec.suspend is "stopped" now' in (story.held.message or "" if story.held else "")


def test_where_eight_are_suspended_the_ninth_is_told_and_not_forgotten_in_silence() -> None:
    story = Fed(a_fed("Act"), RUNS)
    story.later(1, HELD)
    status = story.play.s.model.status
    assert status is not None
    (first,) = status.feeds
    many = tuple(first.model_copy(update={"name": f"old-{n}"}) for n in range(8))
    full = status.model_copy(update={"feeds": many})
    story.play.s = replace(
        story.play.s, model=story.play.s.model.model_copy(update={"status": full})
    )
    old = {f"old-{n}": HELD for n in range(8)}

    story.later(1, feeds={**old, FEED: RUNS})

    assert story.held is None
    assert story.play.told.count("FeedNotSuspended") == 1


def test_what_somebody_has_written_into_the_annotation_breaks_no_line() -> None:
    hostile = replace(RUNS, value="true", by="a/b/c/d\x1b[2J\nall is well")

    story = Fed(a_fed(), hostile)

    assert (story.status.actions[-1].result or "").isprintable()


def test_a_command_is_not_said_to_have_done_what_was_not_seen_yet() -> None:
    story = Fed(a_fed(), RUNS)
    story.suspends()

    plan = story.play.give(f"resume-feed {FEED}", feeds={FEED: HELD})
    assert plan.last_command is not None
    assert "is being resumed" in plan.last_command.message

    story.later(1, replace(HELD, refused="cronjobs is forbidden"))
    assert story.state == "Suspended"


def test_what_is_resumed_is_not_resumed_again() -> None:
    story = Fed(a_fed(), RUNS)
    story.suspends()
    plan = story.play.give(f"resume-feed {FEED}")
    assert plan.last_command is not None
    assert "`knowngood feed list loan -n lending` says when" in plan.last_command.message
    story.later(1, RUNS)
    assert story.state == "Resumed"

    story.play.give(f"resume-feed {FEED}")

    assert story.play.refusal == "CronJob nightly is resumed already"

    theirs = replace(RUNS, value="true", by=THEIRS)
    story.play.give(f"resume-feed {FEED}", feeds={FEED: theirs})
    assert "it was suspended by lending/score, for its incident score-4" in story.play.refusal
