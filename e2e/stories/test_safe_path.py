"""What feeds every version breaks: no version is to answer, and a person decides instead."""

from contextlib import suppress
from dataclasses import replace

import pytest

from e2e.bed import Bed, Room
from e2e.cluster.errors import NotOursError
from e2e.load import Load
from e2e.models.clock import unix_seconds
from e2e.models.review import DECIDED_BY, DECISION, HEADER, NAME, SERVICE, manifests, review
from e2e.models.server import VERSION_HEADER
from e2e.stories.test_approval import WITHIN_S, asked, say
from e2e.stories.test_containment import serves_beside_a_standby, stands_by, told
from knowngood.api.v1alpha1 import ActionState, ActionType, Containment, IncidentPhase


@pytest.fixture
def reviewed(bed: Bed, room: Room) -> Room:
    """A room with a Service that hands every application to a person."""
    with suppress(NotOursError):
        image = review()
        bed.cluster.set_image(NAME, image.argv, image.env)
    room.apply(*manifests(room.name))
    room.model = replace(room.model, safe_path=SERVICE)
    return room


def test_every_version_fails_and_a_person_decides_until_the_requests_are_given_back(
    reviewed: Room,
) -> None:
    # Given a version that serves beside a known good one, a safe path, and a policy that says nothing about it
    room = reviewed
    stands_by(room)
    with room.load() as load:
        serves_beside_a_standby(room)

        # When both versions begin to fail
        room.order_errors("1", 0.5)
        room.order_errors("2", 0.5)

        # Then nobody is sent to the other one, and people are asked about the safe path,
        action = asked(room)
        assert action.type is ActionType.SAFE_PATH
        assert f"the safe path ({SERVICE})" in (told(room).next_for_human or "")
        room.holds(lambda seen: seen.applied.get("2") == 100, "nothing moves", for_s=5)

        # and when they approve, it answers everybody, with 200, and names no version.
        say(room, "Approve", action)
        room.wait_until(lambda: room.says_of_incident(Containment.VERIFIED), "it is taken", 30)
        answers_everybody(room, load)

        # A person gives the requests back, and that is told.
        room.order_errors("2", 0.0)
        began = unix_seconds()
        room.command("undo", "2")
        room.wait_for(
            lambda seen: seen.applied.get("2") == 100, "version 2 serves", deadline_s=WITHIN_S
        )
        room.wait_until(lambda: load.ledger.first_of("2", began), "it answers again", WITHIN_S)
        room.wait_until(lambda: room.says_of_incident(Containment.NONE), "it is written", WITHIN_S)
        affected = told(room).affected
        assert affected is not None
        assert affected.to is None
    assert not load.ledger.lost()


def answers_everybody(room: Room, load: Load) -> None:
    """The safe path answers everybody, and all that is said of it says so."""
    since = unix_seconds() + room.gateway.lag_s
    room.holds(
        lambda seen: seen.says("SafePath", "SafePathAnswers", true=True), "it answers", for_s=8
    )
    answers = load.ledger.answers(since)
    assert len(answers) > 100
    assert {(a.status, a.version) for a in answers} == {(200, "")}
    one = room.answer({})
    assert (one.json(), one.headers[HEADER]) == (DECISION, DECIDED_BY)
    assert VERSION_HEADER not in one.headers
    assert room.seen().says("Available", "SafePathAnswers", true=True)
    assert room.seen().says("Ready", "IncidentOpen", true=False)
    incident = told(room)
    assert incident.phase is IncidentPhase.CONTAINED
    assert [(a.type, a.state) for a in incident.actions] == [
        (ActionType.HOLD, ActionState.VERIFIED),
        (ActionType.SAFE_PATH, ActionState.VERIFIED),
    ]
    assert incident.fallback is not None
    assert incident.fallback.service == SERVICE
