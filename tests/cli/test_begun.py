"""What `incident approve` and `veto` say of an action that was begun, and of what reverses it by then."""

import pytest

from knowngood.api.v1alpha1 import ActionRecord, Incident
from knowngood.cli.deciding import _asked
from knowngood.cli.problems import Problem
from knowngood.cli.views.begun import begun_in_words, way_back
from tests.decisions.containment import SERVES
from tests.decisions.ladders import Laddered
from tests.decisions.test_feeds import FEED, HELD, RUNS, Fed, a_fed
from tests.decisions.test_safe_path import BAD, FAILS_TOO

RESUME = "knowngood feed resume loan nightly -n lending"


def last(incident: Incident | None) -> tuple[Incident, ActionRecord]:
    assert incident is not None
    assert incident.status is not None
    return incident, incident.status.actions[-1]


def taken() -> Laddered:
    """The safe path answers, because alice has approved a2."""
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice")
    for _ in range(5):
        story.after(1, BAD, **FAILS_TOO)
    assert story.states[-1] == "a2 SafePath Verified"
    return story


def test_while_the_safe_path_answers_what_gives_the_requests_back_is_named() -> None:
    said = begun_in_words(*last(taken().incident))

    back = f"knowngood undo loan --version {SERVES} -n lending"
    assert said == f"a2 of loan-1 has begun, and waits for nobody; what reverses it: {back}"


@pytest.mark.parametrize("verb", ["undo", "restore"])
def test_after_the_safe_path_was_given_back_no_command_is_named_that_does_something_else(
    verb: str,
) -> None:
    story = taken()
    story.command(f"{verb} {SERVES}")
    for _ in range(3):
        story.after(10, BAD, **FAILS_TOO)
    undo = story.written.undo
    assert undo is None or undo.action == "Promotion", "it would do something else by now"

    said = begun_in_words(*last(story.incident))

    assert said.startswith("a2 of loan-1 is over, and waits for nobody: the safe path (review) is")
    assert "knowngood" not in said


def test_a_feed_is_resumed_by_its_own_command_until_it_was() -> None:
    story = Fed(a_fed(), RUNS)
    story.suspends()
    incident, action = last(story.incident)
    assert begun_in_words(incident, action).endswith(f"what reverses it: {RESUME}")
    other = action.model_copy(update={"feed": "CronJob night"})
    assert way_back(incident, other) == ""

    story.play.give(f"resume-feed {FEED}", feeds={FEED: HELD})
    story.later(1, RUNS)
    said = begun_in_words(*last(story.incident))

    assert "is over, and waits for nobody: CronJob nightly was seen to be suspended" in said
    assert "knowngood feed" not in said


def test_what_is_to_be_read_then_is_called_with_the_namespace() -> None:
    story = Laddered(BAD, spec={}, **FAILS_TOO)
    incident, _ = last(story.incident)

    said = _asked(incident, None)
    assert isinstance(said, str)
    assert said.endswith("see: knowngood incident show loan-1 -n lending")
    with pytest.raises(Problem, match="see: knowngood incident show loan-1 -n lending"):
        _asked(incident, "a9")
