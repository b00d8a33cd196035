"""What is opened again escalates anew, until somebody takes it again."""

from datetime import timedelta

import pytest

from knowngood.adapters.notify.pagerduty import events_of
from knowngood.api.v1alpha1 import Incident
from knowngood.api.v1alpha1.notification_status import Notification, OccasionKind
from knowngood.messages.dispatches import dispatch_of
from knowngood.messages.escalating import SETTLES, Reach, told_from
from knowngood.messages.message import Audience
from knowngood.messages.occasions import noted, owed
from knowngood.messages.reasons import opened_at
from tests.exporting.cases import DETECTED, UID
from tests.messages.cases import NOW, Object, acknowledged, reopened, shifted, told

WAIT = timedelta(minutes=15)
RECEIVERS = {"oncall": Reach(), "manager": Reach(), "board": Reach()}
STEPS = [
    {"after": "0s", "notify": ["oncall"]},
    {"after": "15m", "unless": "Acknowledged", "notify": ["manager"]},
]


def note_of(receiver: str, body: Object) -> Notification:
    """What somebody knows who was told of an incident as it was."""
    first = owed(told(body), None, now=NOW)
    assert first is not None
    return noted(told(body), None, first, receiver, DETECTED)


def again(*known: str, taken: bool = False, by: int | None = 1, **more: object) -> Incident:
    """An incident that is opened again; the named receivers were told of its first time."""
    body = reopened()
    notes = [note_of(name, shifted()).wire() for name in known]
    body["status"] |= {"escalation": STEPS, "notifications": notes, **more}
    if taken:
        round_ = {} if by is None else {"round": by}
        body["spec"]["acknowledgement"] = {"by": "alice", **round_}
    return told(body)


def waits(incident: Incident, receiver: str) -> timedelta | None:
    """How long after the opening somebody is told."""
    opened, since = opened_at(incident), told_from(incident, (), RECEIVERS, receiver)
    assert opened is not None
    return since - opened if since else None


@pytest.mark.parametrize(
    ("incident", "receiver", "wanted"),
    [
        (again("oncall", "manager"), "oncall", SETTLES),
        (again("oncall", "manager"), "manager", WAIT),
        (again("oncall"), "manager", WAIT),
        (again("oncall", taken=True, by=None), "manager", WAIT),
        (again("oncall", taken=True), "manager", None),
        (again("oncall", "manager", taken=True), "manager", timedelta()),
        (again("oncall", "board"), "board", timedelta()),
        (again("oncall"), "board", None),
    ],
    ids=[
        "on-call at once",
        "who was told before waits for their step again",
        "who was not told before too",
        "who had it before stops nothing now",
        "who takes it again stops it for who was never told",
        "who was told before hears that it is taken",
        "who was told and has no step any more",
        "who has no step",
    ],
)
def test_the_steps_begin_anew(incident: Incident, receiver: str, wanted: timedelta | None) -> None:
    assert waits(incident, receiver) == wanted


def test_what_is_opened_again_calls_nobody_who_hears_of_it_when_it_is_taken() -> None:
    note = note_of("oncall", acknowledged())
    for taken, calls in ((False, True), (True, False)):
        occasion = owed(again(taken=taken), note, now=NOW)
        assert occasion is not None
        assert (occasion.kind, occasion.pages) == (OccasionKind.REOPENED, calls)


def test_it_is_told_anew_that_somebody_has_it() -> None:
    note = note_of("oncall", acknowledged()).model_copy(update={"acknowledged": True})
    kinds = []
    now = again(taken=True)
    assert now.status is not None
    assert now.status.clocks is not None
    clocks = now.status.clocks.model_copy(update={"acknowledged": NOW})
    now = now.model_copy(update={"status": now.status.model_copy(update={"clocks": clocks})})
    while (occasion := owed(now, note, now=NOW)) is not None:
        kinds.append(occasion.kind)
        note = noted(now, note, occasion, "oncall", NOW)

    assert kinds == [OccasionKind.REOPENED, OccasionKind.ACKNOWLEDGED]


def test_pagerduty_gets_a_new_call_for_each_time_and_the_old_one_is_resolved() -> None:
    note = note_of("oncall", shifted())
    occasion = owed(again(), note, now=NOW)
    assert occasion is not None
    sent = dispatch_of(again(), occasion, "oncall", Audience.OPERATIONS, note)

    events = [(e["event_action"], e["dedup_key"]) for e in events_of(sent)]

    assert events == [("resolve", UID), ("trigger", f"{UID}/1")]
    note = noted(again(), note, occasion, "oncall", NOW)
    worse = again(severity="Critical", containment="Failed")
    occasion = owed(worse, note, now=NOW)
    assert occasion is not None
    later = dispatch_of(worse, occasion, "oncall", Audience.OPERATIONS, note)
    assert [e["dedup_key"] for e in events_of(later)] == [f"{UID}/1"]
