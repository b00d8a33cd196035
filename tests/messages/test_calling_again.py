"""Who was called once is called again for what is worse or new, and for nothing else."""

from collections.abc import Callable
from typing import Final

import pytest

from knowngood.messages.occasions import noted, owed
from tests.exporting.cases import at, evidence
from tests.messages.cases import (
    MANY,
    NOW,
    Object,
    action,
    asked,
    decided_since,
    failed,
    found_more,
    held,
    reopened,
    settled,
    shifted,
    told,
)
from tests.messages.test_occasions import all_told


def with_status(**status: object) -> Object:
    body = held()
    body["status"] |= status
    return body


def with_spec(**spec: object) -> Object:
    body = held()
    body["spec"] |= spec
    return body


def more_of_the_same() -> Object:
    """The trigger was well for a while, and is breached once more."""
    body = held()
    again = evidence(2, "approval-rate of version 2 is 0.2") | {"until": at(3600)}
    body["status"]["evidence"].append(again)
    return body


def answered() -> Object:
    body = asked()
    body["spec"]["approvals"] = [{"actionId": "a2", "decision": "Approve", "by": "alice"}]
    body["status"]["answers"] = [{**body["spec"]["approvals"][0], "at": at(60)}]
    body["status"]["actions"][-1]["approval"] |= {"grantedAt": at(60), "grantedBy": "alice"}
    return body


CALLS: Final[dict[str, tuple[Callable[[], Object], Callable[[], Object]]]] = {
    "the severity rises": (lambda: held(severity="High"), held),
    "a person says that it is worse": (
        lambda: held(severity="High"),
        lambda: held(severity="High") | {"spec": with_spec(severity="Critical")["spec"]},
    ),
    "another trigger fires": (held, found_more),
    "many models have it": (held, lambda: held(parent=MANY)),
    "the containment is lost": (shifted, lambda: shifted(containment="Failed")),
    "the containment fails": (held, failed),
    "people are asked": (held, asked),
    "people are asked anew": (asked, lambda: asked(900)),
    "it is opened again": (shifted, reopened),
}
SILENT: Final[dict[str, tuple[Callable[[], Object], Callable[[], Object]]]] = {
    "nothing changes": (held, held),
    "the same trigger fires again": (held, more_of_the_same),
    "another trigger shows the same at once": (held, lambda: found_more(late=False)),
    "the severity falls": (held, lambda: held(severity="Low")),
    "it is contained": (held, shifted),
    "it is being contained": (held, lambda: with_status(containment="Pending")),
    "somebody takes it": (held, lambda: with_spec(acknowledgement={"by": "alice"})),
    "it is decided": (shifted, decided_since),
    "it recovers": (shifted, settled),
    "what was asked is answered": (asked, answered),
    "nobody is asked any more": (asked, held),
    "an action ends": (
        held,
        lambda: with_status(actions=[action("Hold", "Verified"), action("Hold", "Failed")]),
    ),
    "the playbook has looked": (
        held,
        lambda: with_status(
            changes=[{"time": at(0), "kind": "ConfigMap", "name": "features", "text": "changed"}]
        ),
    ),
    "what to do is told in other words": (held, lambda: with_status(nextForHuman="wait")),
    "it is one of many no more": (lambda: held(parent=MANY), held),
}


def calls(before: Callable[[], Object], now: Callable[[], Object]) -> list[str]:
    """For what somebody is called who was told of the one state, in the other one."""
    found, incident, (_, note) = [], told(now()), all_told(before())
    while (occasion := owed(incident, note, now=NOW)) is not None:
        if occasion.pages:
            found.append(occasion.kind.value)
        note = noted(incident, note, occasion, "oncall", NOW)
    return found


@pytest.mark.parametrize("name", CALLS)
def test_somebody_is_called_once_more_when(name: str) -> None:
    assert len(calls(*CALLS[name])) == 1


@pytest.mark.parametrize("name", SILENT)
def test_nobody_is_called_once_more_when(name: str) -> None:
    assert calls(*SILENT[name]) == []


def test_a_trigger_that_was_told_of_with_something_else_calls_nobody_once_more() -> None:
    """A question or a severity is told with all that was found."""
    worse = found_more()
    worse["status"]["severity"] = "Critical"

    assert calls(lambda: held(severity="High"), lambda: worse) == ["SeverityRaised"]


def test_what_fired_before_it_was_opened_again_is_new_when_it_fires_late_in_the_second_time() -> (
    None
):
    def second(*until: int) -> Object:
        body = reopened()
        body["status"]["evidence"] += [
            evidence(n + 2) | {"trigger": "latency", "until": at(when)}
            for n, when in enumerate(until)
        ]
        return body

    assert calls(second, lambda: second(60)) == [], "of the first time"
    assert calls(second, lambda: second(60, 7300)) == [], "with the opening"
    assert calls(second, lambda: second(60, 9000)) == ["NewCause"]
