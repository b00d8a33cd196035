"""What an incident has to answer to somebody who sees nothing else."""

from e2e.demo.answered import answered, answered_about_people
from knowngood.api.v1alpha1 import Incident
from tests.exporting.cases import at, entry, evidence, opened, read
from tests.messages.cases import asked, shifted

STEP = {
    "name": "fallback-ready",
    "state": "Passed",
    "result": "version 1 is ready",
    "startedAt": at(3),
}
CHANGE = {"kind": "ConfigMap", "name": "features", "text": "it was changed", "time": at(-60)}
TASK = {"role": "ModelOwner", "text": "find out what is wrong", "done": False}
AFFECTED = {"versions": ["2"], "from": at(0), "to": at(36), "selector": "knowngood.dev/version=2"}


def test_an_incident_that_is_told_whole_answers_everything() -> None:
    incident = read(
        shifted(
            steps=[STEP], changes=[CHANGE], tasks=[TASK], affected=AFFECTED, summary="it is bad"
        )
    )

    assert [question for question, answer in answered(incident).items() if not answer] == []


def test_what_is_not_told_is_not_made_up() -> None:
    bare = Incident.model_validate({**opened(), "status": None})

    assert not any(answered(bare).values())


def test_who_has_decided_what_was_done_is_named() -> None:
    body = asked()
    (*_, action) = body["status"]["actions"]
    action["approval"] |= {"grantedAt": at(9), "grantedBy": "alice and bob"}

    told = answered(read(body))["what was done, and by whom"]

    assert "ShiftToShadow: Waiting, by the operator, as decided by alice and bob" in told
    assert "Hold: Verified, by the operator (" in told


def test_what_nobody_has_verified_is_not_called_so() -> None:
    assert not answered(read(shifted(containment="Pending")))["how that was verified"]


HELD = {"id": "a1", "type": "Hold", "state": "Verified", "startedAt": at(0), "result": "no better"}
PEOPLE = {
    **HELD,
    "id": "a2",
    "type": "SafePath",
    "finishedAt": at(25),
    "result": "seen",
    "decidedBy": "alice",
    "reversedAt": at(60),
    "reversed": "alice gave the requests back",
}
FEED = {**HELD, "id": "a3", "type": "SuspendFeed", "feed": "CronJob nightly", "result": "resumed"}
SEEN = "the gateway was seen to send all requests to the safe path"


def test_where_people_decided_it_is_told_why_what_they_said_and_what_came_of_it() -> None:
    body = shifted(containment="None", attained=None, actions=[HELD, PEOPLE, FEED])
    body["status"]["timeline"].append(entry(4, 25, "RS.MI", SEEN))
    said = {"actionId": "a2", "decision": "Approve", "by": "alice", "at": at(20)}
    body["status"]["answers"] = [said]
    body["spec"]["decision"] = {"outcome": "FixPipeline", "by": "alice", "rationale": "months"}
    body["spec"]["acknowledgement"] = {"by": "alice"}
    body["status"]["affected"] = {**AFFECTED, "decisions": {"atLeast": 800}}
    body["status"]["clocks"]["acknowledged"] = at(9)
    body["status"]["evidence"].append(evidence(2, "it is well", verdict="Healthy"))
    note = {"receiver": "oncall", "sent": 3, "occasion": "Contained", "at": at(26)}
    body["status"]["notifications"] = [{**note, "firstAt": at(6)}]

    told = answered_about_people(read(body))

    assert all(told.values()), told
    assert told["how that was verified"] == SEEN
    assert told["how long it took"] == "30.0 s from its beginning"
    assert told["how the requests came back"] == "alice gave the requests back"
    assert told["by which numbers it is well again"] == "it is well"
    assert told["how many were harmed"].startswith("800 answers at least, from ")
    assert told["who was told, and when"].startswith(
        "receiver oncall: 3 messages, the first one at"
    )
    assert told["who has it, and since when"].startswith("alice, ")
    assert told["who was asked, and what they said"] == (
        "alice said Approve to a2; alice decided FixPipeline: months"
    )


def test_where_nobody_was_asked_nobody_has_said_anything() -> None:
    told = answered_about_people(read(shifted()))

    assert not told["who was asked, and what they said"]
    assert not told["how long it took"]
    assert not told["which feed was stopped"]
