"""People and records outside of the cluster: who has an incident is left alone, and what is away is told later."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from e2e.bed import Bed, Room, pause, weight
from e2e.bed.policy import LIMIT
from e2e.models.clock import unix_seconds
from e2e.stories.outside import MANAGER, ONCALL, Outside, paged
from e2e.stories.test_containment import serves_beside_a_standby, stands_by, told
from e2e.stories.test_orders import WITHIN_S
from knowngood.api.v1alpha1 import ActionState, ActionType, Containment, IncidentStatus, Phase

pytestmark = pytest.mark.usefixtures("ours")

PROGRAM = Path(sys.executable).with_name("knowngood")
AFTER_S = 45
"""Who has an incident must have said so by then; a machine may be busy for a moment."""

ESCALATION = (
    {"after": "0s", "notify": [ONCALL]},
    {"after": f"{AFTER_S}s", "unless": "Acknowledged", "notify": [MANAGER]},
)
RATE = 25.0
SLACK_S = 90
"""What was away is tried again once in a minute at least."""


@pytest.fixture(scope="module")
def outside(bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """The operator tells two Alertmanagers and a syslog server."""
    with Outside.before(bed, tmp_path_factory.mktemp("outside")) as made:
        yield made


def test_a_page_that_somebody_has_acknowledged_goes_to_nobody_else(
    bed: Bed, outside: Outside
) -> None:
    with ExitStack() as story:
        # Given two bad versions, whose policy calls the manager when nobody has taken an incident in time
        rooms = [story.enter_context(bed.room(name)) for name in ("page-taken", "page-left")]
        taken, left = rooms
        for room in rooms:
            room.apply(replace(room.policy, escalation=ESCALATION), room.model)
        for room in rooms:
            room.wait_for(lambda seen: seen.serves("1"), "version 1 serves", deadline_s=60)
            story.enter_context(room.load(RATE))
            room.apply(room.model.bad("2", steps=(weight(50), pause("10m"))))

        # When one of them is acknowledged by whoever was paged, and the operator is replaced,
        taken.wait_until(lambda: paged(outside.oncall, taken), "somebody is paged", deadline_s=120)
        acknowledge(bed, taken)
        bed.operator.replace()

        # Then the manager hears of the other one
        left.wait_until(lambda: paged(outside.oncall, left), "somebody is paged", deadline_s=60)
        left.wait_until(
            lambda: paged(outside.manager, left), "it is escalated", deadline_s=AFTER_S + 60
        )
        # and of this one never.
        late = found_at(taken) + AFTER_S + 10
        taken.wait_until(lambda: unix_seconds() > late, "its time is long over", AFTER_S + 60)
        assert paged(outside.manager, taken) == []
        assert [n.receiver for n in told(taken).notifications] == [ONCALL]
        assert {n.receiver for n in told(left).notifications} == {ONCALL, MANAGER}


@pytest.mark.timeout(3600)  # of --outage
def test_what_serves_is_contained_while_nobody_can_be_told_and_all_of_it_is_told_later(
    room: Room, outside: Outside, request: pytest.FixtureRequest
) -> None:
    # Given a version that serves alone, and a known good one that answers copies of its requests
    outage_s = float(request.config.getoption("--outage"))
    stands_by(room)
    with room.load() as load:
        serves_beside_a_standby(room)
        assert room.incidents() == []

        # When the Alertmanagers and the syslog server are gone, and the version that serves begins to fail
        began = unix_seconds()
        outside.stop()
        room.order_errors("2", 0.5)

        # Then the other one gets its pods, and all requests,
        room.wait_for(lambda seen: seen.phase is Phase.CONTAINED, "contained", deadline_s=120)
        since = unix_seconds() + room.gateway.lag_s
        room.wait_until(lambda: room.says_of_incident(Containment.VERIFIED), "it is written", 60)
        rest = max(10.0, began + outage_s - unix_seconds())
        room.holds(lambda seen: seen.applied.get("1") == 100, "version 1 serves", for_s=rest)
        assert set(load.ledger.tallies(since)) == {"1"}
        assert room.record("2")["standing"] == "Suspect"
        assert room.pods("2"), "they are kept for people to look at"

        # and the incident tells all of it, to nobody;
        assert_tells_of_the_shift(told(room))

        # and when they are back they are told, in order, and of everything.
        outside.start()
        is_told_all(room, outside)

        # The version comes back only by a person's word, at once, as a canary.
        room.order_errors("2", 0.0)
        given = unix_seconds()
        room.command("undo", "2")
        room.wait_until(lambda: load.ledger.first_of("2", given), "it gets a share", WITHIN_S)
        # With its first share the all-clear is over.
        room.wait_until(lambda: room.says_of_incident(Containment.UNDONE), "it is told", 90)
    assert not load.ledger.lost()


def assert_tells_of_the_shift(incident: IncidentStatus) -> None:
    """It says what was found and done, and that nobody has taken it yet."""
    assert [(a.type, a.state) for a in incident.actions] == [
        (ActionType.HOLD, ActionState.VERIFIED),
        (ActionType.SHIFT_TO_SHADOW, ActionState.VERIFIED),
    ]
    found = [(e.trigger, e.better) for e in incident.evidence]
    assert found == [(LIMIT, None), (LIMIT, "1")], "the harm, and that version 1 does better"
    assert incident.attained is not None
    assert (incident.notifications, incident.exports) == ((), ())


def is_told_all(room: Room, outside: Outside) -> None:
    """Return when the one incident is told to whoever is paged and, entry by entry, to the syslog server."""
    room.wait_until(lambda: paged(outside.oncall, room), "somebody is paged", SLACK_S)
    assert paged(outside.manager, room) == []
    hashes = [entry.hash for entry in told(room).timeline]
    room.wait_until(
        lambda: [e.seq for e in told(room).exports] == [len(hashes)], "it is exported", SLACK_S
    )
    room.wait_until(
        lambda: {record.hash for record in outside.records(room)} >= set(hashes),
        "it is written",
        20,
    )
    first = list({record.id: record for record in outside.records(room)}.values())
    assert [record.hash for record in first if record.hash] == hashes
    assert [r.sequence for r in first] == sorted(r.sequence for r in first)


def acknowledge(bed: Bed, room: Room) -> None:
    """Say that one has the incident, as a person does."""
    (incident,) = room.incidents()
    place = ("-n", room.name, "--kubeconfig", str(bed.cluster.kubeconfig))
    command = [str(PROGRAM), "incident", "acknowledge", incident.metadata.name, *place]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def found_at(room: Room) -> float:
    """When the one incident was found, in Unix seconds."""
    clocks = told(room).clocks
    assert clocks is not None
    assert clocks.detected is not None
    return clocks.detected.timestamp()
