"""Whether feeds are suspended: who decides, what is written down before, and what was seen of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import VerdictKind
from knowngood.api.v1alpha1.approvals import Approval
from knowngood.api.v1alpha1.feed_status import FeedState, HeldFeed
from knowngood.decisions.feeds import REQUIRED, FeedView, SuspendRule
from knowngood.decisions.limiting import ShiftLimits
from knowngood.decisions.trigger_views import ActionKind, TriggerView
from tests.decisions.consent import Asked, a_question
from tests.decisions.containment import a_breach, play, said, seen
from tests.decisions.states import NOW

FEED = "nightly"
RUNS = FeedView(
    uid="f1", path="/spec/suspend", wanted="true", value="false", running=("nightly-7",)
)
OURS = "lending/loan/u1/loan-1"
THEIRS = "lending/score/u2/score-4"
HELD = replace(RUNS, value="true", by=OURS)
HOUR = 3600.0


def a_fed(mode: str = "", feeds: tuple[str, ...] = (), **more: Any) -> TriggerView:
    """A breach for which the policy wants feeds suspended, and nothing shifted."""
    said_so = {"action": "SuspendFeed", "mode": mode, **more}
    rule = Approval.model_validate(said_so) if mode else REQUIRED
    return replace(a_breach(ActionKind.HOLD), suspends=SuspendRule(feeds, rule))


class Fed(Asked):
    """A story of a model with feeds, as their objects are seen."""

    def __init__(self, trigger: TriggerView, *views: FeedView, **seen_besides: Any) -> None:
        names = [FEED, *(f"other-{n}" for n in range(1, len(views)))]
        self.play = play(feeds=[{"cronJobRef": {"name": name}} for name in names])
        self.incident = None
        self.trigger = trigger
        found = dict(zip(names, views, strict=False))
        self.look(serving=seen(trigger), feeds=found, **seen_besides)

    def later(self, seconds: float, view: FeedView | None = RUNS, **more: Any) -> HeldFeed | None:
        """Look again; the breach is seen still."""
        at = (self.play.s.now + timedelta(seconds=seconds)).timestamp()
        fresh = replace(self.trigger, verdict=replace(self.trigger.verdict, at=at))
        feeds = {FEED: view} if view else {}
        self.after(seconds, **{"serving": seen(fresh), "feeds": feeds, **more})
        return self.held

    @property
    def held(self) -> HeldFeed | None:
        assert self.play.plan is not None
        return next((h for h in self.play.plan.feeds if h.name == FEED), None)

    @property
    def state(self) -> str:
        return str(self.held.state) if self.held else ""

    def suspends(self) -> None:
        """Let it be suspended because alice has approved."""
        self.say("alice")
        self.later(1)
        self.later(1, HELD)


@pytest.mark.parametrize(
    ("trigger", "answers", "seconds", "state"),
    [
        pytest.param(a_fed("Act"), [], 0, "Suspending", id="nobody is asked"),
        pytest.param(a_fed(), [], HOUR, "Waiting", id="asked by default, whatever time passes"),
        pytest.param(a_fed(), ["alice"], 1, "Suspending", id="asked by default, approved"),
        pytest.param(a_fed(), ["-bob"], 1, "Rejected", id="asked by default, rejected"),
        pytest.param(a_fed(), ["alice", "-bob"], 1, "Rejected", id="no outweighs yes"),
        pytest.param(a_fed("VetoWindow"), [], 590, "Waiting", id="veto: before its end"),
        pytest.param(a_fed("VetoWindow"), [], 600, "Suspending", id="veto: over"),
        pytest.param(a_fed("VetoWindow"), ["-bob"], HOUR, "Rejected", id="veto: objected"),
        pytest.param(a_fed("Require", people=2), ["alice"], 1, "Waiting", id="two: one alone"),
        pytest.param(a_fed("Require", people=2), ["alice", "bob"], 1, "Suspending", id="two: both"),
        pytest.param(
            a_fed("Require", onTimeout="Act"), [], 600, "Suspending", id="required or time: over"
        ),
        pytest.param(a_fed("Act", ("another",)), [], HOUR, "", id="the policy names another feed"),
        pytest.param(a_breach(ActionKind.HOLD), [], HOUR, "", id="the policy says nothing of it"),
    ],
)
def test_who_decides_and_when(
    trigger: TriggerView, answers: list[str], seconds: float, state: str
) -> None:
    story = Fed(trigger, RUNS)
    for answer in answers:
        story.say(answer.lstrip("-"), "Reject" if answer.startswith("-") else "Approve")
    if seconds:
        story.later(seconds)

    assert story.state == state


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (replace(RUNS, value="true"), "was suspended already (spec.suspend is true)"),
        (replace(RUNS, value="true", by=THEIRS), "by lending/score, for its incident score-4"),
        (FeedView(gone=True), "spec.feeds: there is no CronJob nightly in namespace lending"),
        (FeedView(problem="spec.feeds: it is not in the list"), "it is not in the list"),
    ],
)
def test_where_there_is_nothing_to_suspend_nobody_is_asked_and_that_is_said(
    view: FeedView, words: str
) -> None:
    story = Fed(a_fed(), view)

    assert story.states == ["a1 Hold Verified", "a2 SuspendFeed Skipped"]
    assert words in (story.status.actions[1].result or "")
    assert "ApprovalNeeded" not in story.play.told


def test_nothing_is_decided_about_what_could_not_be_read() -> None:
    story = Fed(a_fed("Act"))

    assert story.held is None
    assert story.later(1, RUNS) is not None


def test_what_undoes_it_is_in_the_status_before_it_is_done() -> None:
    story = Fed(a_fed("Act"), RUNS)

    held = story.held
    assert held is not None
    assert (held.state, held.before, held.value, held.path) == (
        FeedState.SUSPENDING,
        "false",
        "true",
        "/spec/suspend",
    )
    assert held.uid == "f1"


@pytest.mark.parametrize(
    ("view", "state", "words"),
    [
        (HELD, "Suspended", "running on: nightly-7"),
        (RUNS, "Suspending", "is being suspended"),
        (replace(RUNS, refused="forbidden"), "Failed", "forbidden"),
        (replace(RUNS, value='"odd"'), "Failed", 'was changed meanwhile; it is "odd" now'),
        (replace(RUNS, value="true", by=THEIRS), "Skipped", "meanwhile by lending/score"),
        (replace(RUNS, uid="f2"), "Failed", "is not there any more"),
        (FeedView(gone=True), "Failed", "is not there any more"),
    ],
)
def test_it_is_suspended_only_when_that_was_seen(view: FeedView, state: str, words: str) -> None:
    story = Fed(a_fed("Act"), RUNS)

    story.later(1, view)

    assert story.state == state
    assert words in (story.status.actions[1].result or "")


@pytest.mark.parametrize(
    ("view", "state"),
    [
        (HELD, "Suspended"),
        (None, "Suspended"),
        (replace(HELD, problem="it can not be read"), "Suspended"),
        (replace(HELD, by=""), "Suspended"),
        (RUNS, "ResumedByHand"),
        (FeedView(gone=True), "Gone"),
        (replace(RUNS, uid="f2"), "Gone"),
    ],
)
def test_what_is_suspended_stays_so_and_what_others_do_is_not_fought(
    view: FeedView | None, state: str
) -> None:
    story = Fed(a_fed(), RUNS)
    story.suspends()
    assert story.state == "Suspended"

    for _ in range(2):
        story.later(30, view)

    assert story.state == state


@pytest.mark.parametrize(
    ("view", "state"),
    [
        (HELD, "Resuming"),
        (RUNS, "Resumed"),
        (replace(HELD, refused="forbidden"), "Suspended"),
        (FeedView(gone=True), "Gone"),
    ],
)
def test_the_command_resumes_it(view: FeedView, state: str) -> None:
    story = Fed(a_fed(), RUNS)
    story.suspends()
    story.play.give(f"resume-feed {FEED}")
    assert story.play.refusal == ""

    story.later(1, view)

    assert story.state == state


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (FEED, "people decide whether it is"),
        ("other-1", "feed other-1 was not suspended by Knowngood for this model"),
        ("nigthly", "this model has no feed nigthly (spec.feeds); there are: nightly, other-1"),
    ],
)
def test_what_we_have_not_suspended_is_not_resumed(name: str, words: str) -> None:
    story = Fed(a_fed(feeds=(FEED,)), RUNS, RUNS)

    story.play.give(f"resume-feed {name}")

    assert words in story.play.refusal
    assert story.state == "Waiting"


def test_what_many_models_have_in_common_is_decided_by_people_alone() -> None:
    story = Fed(a_fed("VetoWindow"), RUNS)
    status = story.play.s.model.status
    assert status is not None
    many = status.serving_breaches[0].model_copy(
        update={"common_cause": "one of many", "common_since": NOW}
    )
    shared = status.model_copy(update={"serving_breaches": (many,)})
    model = story.play.s.model.model_copy(update={"status": shared})
    story.play.s = replace(story.play.s, model=model)

    story.later(HOUR)
    assert story.state == "Waiting"
    story.say("alice")
    story.later(1)

    assert story.state == "Suspending"


def test_a_limit_holds_back_what_nobody_has_approved_and_no_more() -> None:
    limited: Any = {"limits": ShiftLimits(per_hour=1)}
    story = Fed(a_fed("Act"), RUNS, RUNS, **limited)
    assert story.play.plan is not None
    assert [h.state for h in story.play.plan.feeds] == ["Suspending", "Suspending"], "both are one"
    assert story.play.plan.suspensions == (story.play.s.now,)
    assert story.play.plan.shifts == ()
    after = Fed(a_fed("Act"))
    status = after.play.s.model.status
    assert status is not None
    before = status.model_copy(update={"suspensions": (NOW,)})
    model = after.play.s.model.model_copy(update={"status": before})
    after.play.s = replace(after.play.s, model=model)

    after.later(1, **limited)
    after.later(1, **limited)

    assert after.state == "Limited"
    assert after.play.told.count("FeedNotSuspended") == 1
    after.later(HOUR, **limited)
    assert after.state == "Suspending"


def test_a_question_is_withdrawn_when_the_breach_is_over_and_asked_anew_when_it_is_back() -> None:
    story = Fed(a_fed(), RUNS)
    fine = replace(said(VerdictKind.HEALTHY), suspends=SuspendRule())
    story.later(3, serving=seen(fine))
    assert story.states[1] == "a2 SuspendFeed Withdrawn"

    story.later(3)

    assert story.states[2:] == ["a3 SuspendFeed Waiting"]


def test_a_shift_and_a_feed_are_asked_about_for_themselves() -> None:
    both = replace(a_question("Require"), suspends=SuspendRule())
    story = Fed(both, RUNS)
    kinds = {"ShiftToShadow", "SuspendFeed"}
    assert {a.type for a in story.status.actions if a.state == "Waiting"} == kinds
    text = story.status.next_for_human or ""
    assert "gets all requests instead of version" in text
    assert "whether CronJob nightly, which feeds the model, is suspended" in text
    (feed,) = [a.id for a in story.status.actions if a.feed]

    story.say("bob", "Reject", feed)
    story.later(1)

    left = {a.type: a.state for a in story.status.actions if a.approval}
    assert left == {"ShiftToShadow": "Waiting", "SuspendFeed": "Rejected"}
    (shift,) = [a.id for a in story.status.actions if a.type == "ShiftToShadow"]
    story.say("alice", "Approve", shift)
    story.later(1)
    assert story.phase == "Containing"
