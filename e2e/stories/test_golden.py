"""Nobody may copy requests here, and golden ones show which version answers right."""

import json
from dataclasses import replace

import pytest

from e2e.bed import Gateway, Room, Seen
from e2e.bed.loan import Json
from e2e.models import data
from e2e.models.clock import unix_seconds
from knowngood.api.v1alpha1 import Containment, FallbackState, Phase, ProvedBy


def golden_of(room: Room) -> Json:
    """An application whose right decision is what a known good version has decided."""
    (application, *_) = data.traffic(data.fetch())
    approved = room.answer(application).json()["approved"]
    right = {"pointer": "/approved", "equals": json.dumps(approved)}
    sent = {"path": "/predict", "body": json.dumps(application)}
    return {"name": "first-application", "request": sent, "expect": {"fields": [right]}}


def is_right(seen: Seen) -> bool:
    """Whether it is known, while nothing is wrong, that the version which stands by answers right."""
    known = seen.status.fallback
    return known is not None and (known.version, known.state, known.by) == (
        "1",
        FallbackState.RIGHT,
        ProvedBy.GOLDEN_REQUESTS,
    )


@pytest.mark.parametrize(
    ("gateway", "standby"), [(Gateway.CONTOUR, "Cold"), (Gateway.TRAEFIK, "Warm")]
)
def test_a_version_that_answers_right_takes_over_without_copies(room: Room, standby: str) -> None:
    # Given a version that serves alone, and a known good one that stands by and is asked golden requests
    room.serve(replace(room.policy, contains=True), room.model.next("1", standby=standby))
    room.command("attest", "1")
    room.wait_until(
        lambda: room.record("1")["standing"] == "KnownGood", "it is good", deadline_s=30
    )
    golden = (golden_of(room),)
    with room.load() as load:
        room.apply(room.model.next("2", standby=standby, golden=golden))
        room.wait_for(lambda seen: seen.serves("2"), "version 2 serves alone", deadline_s=90)
        if standby == "Warm":
            # which is visible while nothing is wrong,
            room.wait_for(is_right, "it is seen to answer right", deadline_s=90)
        assert room.incidents() == []

        # When the version that serves begins to fail
        room.order_errors("2", 0.5)

        # Then the other one gets all requests,
        room.wait_for(lambda seen: seen.phase is Phase.CONTAINED, "contained", deadline_s=180)
        since = unix_seconds() + room.gateway.lag_s
        room.holds(lambda seen: seen.applied.get("1") == 100, "version 1 serves", for_s=5)
        assert set(load.ledger.tallies(since)) == {"1"}
        room.wait_until(lambda: room.says_of_incident(Containment.VERIFIED), "it is written", 60)
    # and nobody was sent to a version that was not there.
    assert not load.ledger.lost()
