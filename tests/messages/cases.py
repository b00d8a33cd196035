"""Incidents of which people are told, and in which words; run it with `python -m` to write the files anew."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from knowngood.api.v1alpha1 import Incident, Severity
from knowngood.api.v1alpha1.notification_status import Notification, OccasionKind
from knowngood.messages.business import for_business
from knowngood.messages.message import Audience, Message
from knowngood.messages.occasions import noted, owed
from knowngood.messages.operations import for_operations
from tests.exporting.cases import DETECTED, at, closed, evidence, opened, read

Object = dict[str, Any]
GOLDEN: Final = Path(__file__).parent / "golden"
NOW: Final = datetime(2026, 11, 29, 22, tzinfo=UTC)
CHAIN: Final = {"head": "c0ffee" + "0" * 58}
TAKE: Final = (
    "say that you have it (knowngood incident acknowledge loan-approval-1 -n lending), and"
)
CLOSE: Final = "then close the incident loan-approval-1"
DECIDE: Final = (
    "decide: version 2 goes on answering users, and nothing was shifted; no command sends them elsewhere: mend what "
    "reaches it, or ship another version"
)
WAITS: Final = "no other version was seen to do better: ready is not right"
MANY: Final = "lending/fraud-score-4"


def action(kind: str, state: str, result: str | None = None) -> Object:
    told = {"id": "a1", "type": kind, "state": state, "startedAt": at(0)}
    return told | ({"result": result} if result else {})


def held(**status: object) -> Object:
    """The version that serves is bad, and nothing is shifted."""
    return opened(
        subject={"version": "2", "role": "Stable"},
        fallback=None,
        containment="None",
        chain=CHAIN,
        actions=[action("Hold", "Verified", WAITS)],
        nextForHuman=f"{TAKE} {DECIDE}; {CLOSE}",
        **status,
    )


def shifted(**status: object) -> Object:
    """All requests go to the version that stands by."""
    body = held()
    body["status"] |= {
        "containment": "Verified",
        "fallback": {"version": "1"},
        "actions": [action("ShiftToShadow", "Verified")],
        "attained": {"rto": "41s"},
        "nextForHuman": f"{TAKE} find out what is wrong with version 2: users are safe with version 1; {CLOSE}",
        "undo": {
            "what": "version 2 is tried again as a canary",
            "command": "knowngood undo loan-approval --version 2 -n lending",
        },
        **status,
    }
    body["status"]["clocks"]["contained"] = at(36)
    return body


def asked(when: int = 5) -> Object:
    """A shift waits for people."""
    body = held()
    waits = action("ShiftToShadow", "Waiting", "two people decide until 22:10") | {"id": "a2"}
    waits["approval"] = {
        "to": "1",
        "mode": "Require",
        "people": 2,
        "onTimeout": "Hold",
        "askedAt": at(when),
        "until": at(when + 600),
    }
    body["status"]["actions"].append(waits)
    approve = "knowngood incident approve loan-approval-1 -n lending"
    question = f"decide whether version 1 gets all requests ({approve}, or veto)"
    body["status"]["nextForHuman"] = f"{TAKE} {question}; {CLOSE}"
    return body


def reopened() -> Object:
    body = held(reopened=1)
    body["status"]["clocks"]["reopened"] = at(7200)
    return body


def failed() -> Object:
    why = "version 1 had no ready pods within 10m"
    return held() | {
        "status": held()["status"]
        | {
            "containment": "Failed",
            "fallback": {"version": "1"},
            "actions": [action("ShiftToShadow", "Failed", why)],
        }
    }


def on_safe_path(**taken: object) -> Object:
    """No version answers: all requests go to the safe path."""
    body = shifted(fallback={"service": "loan-manual-review"})
    body["status"]["actions"] = [action("SafePath", "Verified") | taken]
    undo = "knowngood undo loan-approval --version 2 -n lending"
    body["status"]["nextForHuman"] = f"{TAKE} decide now: give the requests back ({undo}); {CLOSE}"
    body["status"]["undo"]["what"] = "all requests go from the safe path to version 2 again"
    return body


def taken_back(**status: object) -> Object:
    """A canary is taken back, and was not yet seen to be gone."""
    return opened(
        chain=CHAIN,
        actions=[action("Rollback", "Started")],
        nextForHuman="nothing is to be done now: version 2 is being taken away from users",
        **status,
    )


def found_more(*, late: bool = True) -> Object:
    """Another trigger is breached."""
    body = held()
    more = evidence(2, "latency of version 2 is above 300 ms: 412 ms at the 95th percentile")
    body["status"]["evidence"].append(
        more | {"trigger": "latency", "until": at(3600 if late else 90)}
    )
    return body


def acknowledged() -> Object:
    body = shifted()
    body["spec"]["acknowledgement"] = {"by": "alice"}
    body["status"]["clocks"]["acknowledged"] = at(90)
    body["status"]["nextForHuman"] = f"find out what is wrong with version 2; {CLOSE}"
    return body


def acknowledged_where_paged() -> Object:
    body = acknowledged()
    del body["spec"]["acknowledgement"]
    said = {"by": "Alice Liddell", "way": "PagerDuty", "receiver": "oncall", "at": at(90)}
    body["status"]["acknowledgement"] = said
    return body


def ended() -> Object:
    body = closed()
    body["status"] |= {
        "chain": CHAIN,
        "actions": [action("Rollback", "Verified", "the gateway was seen to give it no requests")],
        "nextForHuman": "nothing is asked any more: the incident is closed",
    }
    return body


CASES: Final[dict[str, tuple[Object | None, Object]]] = {
    "opened-and-held": (None, held()),
    "rollback-of-a-canary": (None, taken_back()),
    "asked": (held(), asked()),
    "reopened": (shifted(), reopened()),
    "contained": (held(), shifted()),
    "containment-failed": (held(), failed()),
    "containment-lost": (shifted(), shifted(containment="Failed")),
    "safe-path-overdue": (on_safe_path(), on_safe_path(overdueAt=at(28800))),
    "common-cause": (held(), held(parent=MANY)),
    "severity-raised": (held(severity="High"), held()),
    "new-cause": (held(), found_more()),
    "acknowledged": (shifted(), acknowledged()),
    "closed": (taken_back(), ended()),
}
"""What a receiver knew, and how it is now."""

EVERY: Final = {Severity.CRITICAL: timedelta(minutes=30), Severity.HIGH: timedelta(hours=1)}


def decided_since() -> Object:
    """A mended version comes, and the cause is not gone yet."""
    body = acknowledged()
    body["status"]["clocks"]["decided"] = at(2400)
    return body


def settled() -> Object:
    body = acknowledged()
    body["status"]["phase"] = "Recovered"
    body["status"]["clocks"] |= {"eradicated": at(2000), "recovered": at(2900)}
    return body


UPDATES: Final[dict[str, Object]] = {
    "update-while-held": held(),
    "update-with-news": decided_since(),
    "update-the-last-one": settled(),
}
"""What an update by the clock is about: the first message was about the same."""


def note_of_all(body: Object) -> Notification:
    """What a business knows that was told of everything at once."""
    note, incident = None, told(body)
    while (occasion := owed(incident, note, now=DETECTED, every=EVERY)) is not None:
        if occasion.kind is OccasionKind.UPDATE:
            break
        note = noted(incident, note, occasion, "board", DETECTED)
    assert note is not None
    return note


def update(name: str) -> Message:
    """The update half an hour later, or whenever it was promised."""
    incident, note = told(UPDATES[name]), note_of_all(UPDATES[name])
    note = note.model_copy(update={"next_update": DETECTED + timedelta(hours=1)})
    occasion = owed(incident, note, now=DETECTED + timedelta(hours=1), every=EVERY)
    assert occasion is not None
    assert occasion.kind is OccasionKind.UPDATE
    return for_business(incident, occasion)


def told(body: Object) -> Incident:
    return read(body)


def message(name: str, audience: Audience) -> Message:
    """What somebody is told who knew the one state, in the other one."""
    before, now = CASES[name]
    note = None
    if before is not None:
        first = owed(told(before), None, now=NOW)
        assert first is not None
        note = noted(told(before), None, first, "oncall", DETECTED)
    # Those who mend it are told when something changes, and need no clock.
    every = EVERY if audience is Audience.BUSINESS else {}
    occasion = owed(told(now), note, now=DETECTED + timedelta(hours=3), every=every)
    assert occasion is not None
    write = for_business if audience is Audience.BUSINESS else for_operations
    return write(told(now), occasion)


def file_of(name: str, audience: Audience) -> Path:
    return GOLDEN / f"{name}.{audience.value.lower()}.txt"


if __name__ == "__main__":
    for each in CASES:
        for reader in Audience:
            file_of(each, reader).write_text(f"{message(each, reader).text}\n")
    for each in UPDATES:
        file_of(each, Audience.BUSINESS).write_text(f"{update(each).text}\n")
