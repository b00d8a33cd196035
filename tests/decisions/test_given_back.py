"""Requests that come back from the safe path: on whose word, how that was seen, and who was harmed until then."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from knowngood.api.v1alpha1 import ActionRecord, IncidentStatus, VerdictKind
from knowngood.decisions.affected import COUNTED_FOR, spans_counted, with_counted
from knowngood.decisions.handing_over import readable
from knowngood.decisions.progress import progressed
from knowngood.decisions.wellness import looked
from tests.decisions.containment import SERVES, STANDS_BY, said, seen
from tests.decisions.ladders import Laddered, safely
from tests.decisions.situations import a_trigger
from tests.decisions.test_safe_path import BAD, FAILS_TOO

WELL = a_trigger(VerdictKind.HEALTHY)
SEEN = f"the gateway was seen to send all requests to version {SERVES}, and none to the safe path (review)"


def on_safe_path() -> Laddered:
    story = Laddered(BAD, **FAILS_TOO)
    story.say("alice")
    for _ in range(5):
        story.after(1, BAD, **FAILS_TOO)
    assert the_safe_path(story).state == "Verified"
    return story


def given_back() -> Laddered:
    story = on_safe_path()
    story.after(30, BAD, **FAILS_TOO)
    story.command(f"undo {SERVES}")
    story.after(1, BAD, **FAILS_TOO)
    return story


def the_safe_path(story: Laddered) -> ActionRecord:
    (found,) = [a for a in story.status.actions if a.type == "SafePath"]
    return found


def texts(story: Laddered) -> list[str]:
    return [entry.text for entry in story.status.timeline]


def found_well(story: Laddered) -> IncidentStatus:
    """What the incident says after a look that finds the version healthy."""
    for _ in range(6):  # a breach lasts until the safe path is let go of
        story.after(20, WELL, **FAILS_TOO)
    assert story.incident is not None
    model, now = story.play.s.model, story.play.s.now
    view = seen(said(VerdictKind.HEALTHY, at=now.timestamp()))
    status = progressed(model, story.incident, story.status, looked(None, view, now), now)
    return readable(model, story.incident, status)


def test_that_the_requests_came_back_is_seen_at_the_gateway_and_told_once() -> None:
    story = given_back()
    for _ in range(6):
        story.after(10, BAD, **FAILS_TOO)

    assert texts(story).count(SEEN) == 1
    assert story.written.safe_path is None, "it is let go of when all of it is told"
    (entry,) = [e for e in story.status.timeline if e.text == SEEN]
    assert entry.csf == "RS.MI"


def test_a_gateway_that_does_not_follow_is_not_said_to_have_followed() -> None:
    story = on_safe_path()
    still = story.play.s.route
    story.command(f"undo {SERVES}")
    for _ in range(4):
        story.play.s = replace(story.play.s, route=still)
        story.look(later=timedelta(seconds=1), route=still)
        story.play.s = replace(story.play.s, route=still)

    assert SEEN not in texts(story)
    assert "is left" in (the_safe_path(story).reversed or "")


def test_the_action_keeps_how_it_was_verified_beside_what_has_reversed_it() -> None:
    story = given_back()

    action = the_safe_path(story)

    assert (action.state, action.decided_by) == ("Verified", "alice")
    assert (action.result or "").startswith("the gateway was seen to send all requests to the safe")
    assert action.reversed == (
        f"the safe path (review) is left: a person gave the requests back (undo); {SEEN}"
    )
    assert action.reversed_at is not None
    assert action.finished_at is not None
    assert action.finished_at < action.reversed_at


def test_another_version_that_takes_over_from_it_is_named_as_who_gets_them() -> None:
    story = on_safe_path()
    story.command(f"rollback {SERVES}")
    for _ in range(20):
        story.after(3, BAD, **FAILS_TOO)

    assert SEEN.replace(f"version {SERVES}", f"version {STANDS_BY}") in texts(story)


def test_what_is_in_doubt_ends_with_the_containment_also_after_the_requests_came_back() -> None:
    story = on_safe_path()
    contained = the_safe_path(story).finished_at
    assert story.status.affected is not None
    assert story.status.affected.to == contained

    story.command(f"undo {SERVES}")
    story.after(1, BAD, **FAILS_TOO)
    assert story.status.affected.to is None, "nobody has seen yet that it is well"
    over = found_well(story)

    assert over.phase == "Eradicated"
    assert over.affected is not None
    assert over.affected.to == contained


def test_where_nobody_gave_them_back_what_is_in_doubt_ends_when_the_cause_is_gone() -> None:
    story = on_safe_path()
    none_left: dict[str, Any] = {**story.play.s.ready, "safe-path": 0}
    story.play.s = replace(story.play.s, ready=none_left)
    for _ in range(3):
        story.after(10, BAD, **FAILS_TOO)

    over = found_well(story)

    assert over.phase == "Eradicated"
    assert over.affected is not None
    assert over.clocks is not None
    assert over.affected.to == over.clocks.eradicated


def test_where_a_clock_gave_them_back_what_is_in_doubt_ends_when_the_cause_is_gone() -> None:
    """Nobody has judged the version anew since, so what it has answered meanwhile may have been wrong."""
    spec = safely()
    spec["fallback"]["safePath"] |= {"maxDuration": "1m", "atEnd": "Return"}
    story = Laddered(BAD, spec=spec, **FAILS_TOO)
    story.say("alice")
    for _ in range(12):
        story.after(10, BAD, **FAILS_TOO)
    assert story.answering == {SERVES: 100}
    assert the_safe_path(story).state == "Verified"
    assert "atEnd is Return" in (the_safe_path(story).reversed or "")

    over = found_well(story)

    assert over.affected is not None
    assert over.clocks is not None
    assert over.affected.to == over.clocks.eradicated


def test_it_is_not_let_go_of_before_the_incident_says_that_the_gateway_has_followed() -> None:
    story = on_safe_path()
    story.command(f"undo {SERVES}")
    for _ in range(9):  # nobody writes the incident meanwhile
        story.play.look(later=timedelta(seconds=10))
    assert story.written.safe_path is not None
    assert story.written.safe_path.back_to == SERVES

    story.tell()
    story.play.look(later=timedelta(seconds=10))

    assert SEEN in texts(story)
    assert story.written.safe_path is None


def test_answers_are_counted_when_it_is_over_and_for_a_minute_and_the_number_only_grows() -> None:
    story = Laddered(BAD, **FAILS_TOO)
    assert spans_counted(story.status, story.play.s.now) == (), "it may go on"
    status = on_safe_path().status
    assert status.affected is not None
    assert status.affected.to is not None
    over = status.affected.to

    spans = spans_counted(status, over)

    assert spans[-1] == (status.affected.from_, over)
    assert spans_counted(status, over + COUNTED_FOR) == ()
    many = with_counted(status, 800)
    assert many.affected is not None
    assert many.affected.decisions is not None
    assert many.affected.decisions.at_least == 800
    assert with_counted(many, 500) is many
    assert with_counted(many, None) is many
    assert with_counted(many, 800) is many, "a repeated look writes nothing"
    more = with_counted(many, 812).affected
    assert more is not None
    assert more.decisions is not None
    assert more.decisions.at_least == 812
