"""Who did what stands in the timeline: a person for what a person said, the operator for what it has seen or done."""

from typing import Any

import pytest

from knowngood.api.v1alpha1 import Incident
from knowngood.decisions.answering import heard
from knowngood.decisions.people import asked_for_it, who_asked
from tests.decisions.consent import Asked, a_question
from tests.decisions.containment import STANDS_BY
from tests.decisions.test_expiring import saying
from tests.decisions.test_feeds import FEED, RUNS, Fed, a_fed
from tests.decisions.test_incidents import LATER, breached, contained, opened
from tests.decisions.test_progress import of

WORDS: dict[str, Any] = {
    "acknowledgement": {"by": "alice"},
    "decision": {"outcome": "Patch", "by": "bob", "rationale": "because"},
    "close": {"resolution": "Resolved", "by": "carol"},
}


def said(**spec: Any) -> Incident:
    return saying(of(contained(), opened(breached())), **spec)


@pytest.mark.parametrize(
    ("word", "who"), [("acknowledgement", "alice"), ("decision", "bob"), ("close", "carol")]
)
def test_what_a_person_says_is_theirs_and_an_unproved_name_is_nobodys(word: str, who: str) -> None:
    incident = said(**{word: WORDS[word]})

    proved, claimed = heard(incident, LATER, proved=True), heard(incident, LATER, proved=False)

    assert proved is not None
    assert claimed is not None
    assert {e.actor for e in proved.timeline[:-1]} <= {"operator"}
    assert proved.timeline[-1].actor == who
    assert claimed.timeline[-1].actor == "unverified"


def test_who_approves_an_action_is_named_beside_whoever_carries_it_out() -> None:
    asks = a_question("Require")
    story = Asked(asks)
    story.say("alice")
    story.after(3)

    (shift,) = [a for a in story.status.actions if a.type == "ShiftToShadow"]
    assert (shift.state, shift.decided_by) == ("Started", "alice")
    approved = next(e for e in story.status.timeline if "is approved by alice" in e.text)
    begun = next(e for e in story.status.timeline if f"version {STANDS_BY} is brought up" in e.text)
    assert (approved.actor, begun.actor) == ("alice", "operator")


def test_nobody_has_decided_what_a_policy_does_by_itself() -> None:
    story = Asked(a_question("Act"))

    assert [a.decided_by for a in story.status.actions] == [None] * len(story.status.actions)


def test_whoever_asked_for_it_is_read_from_their_own_words_alone() -> None:
    assert who_asked(asked_for_it("alice", "rollback")) == "alice"
    assert who_asked(asked_for_it("unverified", "rollback")) == "a person"
    assert who_asked("approval-rate fell") is None


def test_a_feed_is_suspended_by_the_operator_as_somebody_has_decided_and_resumed_on_a_persons_word() -> (
    None
):
    story = Fed(a_fed(), RUNS)
    story.suspends()
    story.play.give(f"resume-feed {FEED}")
    for _ in range(2):
        story.later(1)

    (feed,) = [a for a in story.status.actions if a.feed]
    who = {e.text.partition(" ")[0]: e.actor for e in story.status.timeline if e.csf == "RS.CO"}
    assert feed.decided_by == "alice"
    assert who == {"a2": "alice", "unverified": "unverified"}
    resumed = next(e for e in story.status.timeline if "is resumed" in e.text)
    assert resumed.actor == "operator", "it has done it"
