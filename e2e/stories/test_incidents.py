"""Incidents are carried to their end: by people, by what is observed, and by time; none of it moves a request."""

import json

from e2e.bed import Room, pause, weight
from knowngood.api.v1alpha1 import Ending, Incident, IncidentPhase, IncidentStatus, Phase

QUIET = "20s"
SETTING = "incidents.autoCloseAfter"


def test_incident_is_declared_and_one_of_a_canary_ends_by_itself(room: Room) -> None:
    # Given a model that serves, and an operator that closes what needs nobody after twenty seconds
    room.serve(room.policy, room.model)
    room.operator.configure(f"{SETTING}={QUIET}")
    try:
        with room.load():
            # When a person declares an incident, decides about it, and closes it
            declared(room)

            # Then the operator has taken it up, and nothing was done;
            assert room.seen().serves("1")

            # and when a bad version is taken back, and the spec is set to the one that answers,
            room.apply(room.model.bad("2", steps=(weight(30), pause("5m"))))
            room.wait_for(lambda seen: seen.phase is Phase.ROLLED_BACK, "it is taken back", 90)
            room.wait_until(lambda: room.find("incidents", "loan-1"), "it is told", deadline_s=20)
            room.apply(room.model)
            reaches(room, IncidentPhase.ERADICATED, 60)

            # its incident is closed without anybody's word, and users are where they were.
            ended = reaches(room, IncidentPhase.CLOSED, 60)
            assert ended.resolution is Ending.AUTO_CLOSED
            assert [e.csf for e in ended.timeline][-2:] == ["RS.MI", "RC.RP"]
            assert room.seen().serves("1")
    finally:
        room.operator.configure()


def declared(room: Room) -> None:
    """Declare an incident as a person does with kubectl, answer it, and see what the operator makes of that."""
    model = room.find("aimodeldeployments", room.model.name)
    assert model is not None
    me = room.kubectl("auth", "whoami", "-ojsonpath={.status.userInfo.username}")
    made = {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "Incident",
        "metadata": {"generateName": "loan-manual-"},
        "spec": {
            "modelRef": {"name": "loan", "uid": model["metadata"]["uid"]},
            "origin": "Manual",
            "declared": {"by": me, "summary": "applicants say that it refuses everybody"},
        },
    }
    name = room.kubectl("create", "-oname", "-f", "-", stdin=json.dumps(made)).strip()
    room.wait_until(lambda: _only(room).phase is IncidentPhase.DETECTED, "it is taken up", 20)
    say(room, name, decision={"outcome": "None", "by": me, "rationale": "a drill"})
    room.wait_until(lambda: _only(room).phase is IncidentPhase.TRIAGED, "it is decided", 20)
    say(room, name, close={"resolution": "FalsePositive", "by": me})
    room.wait_until(lambda: _only(room).phase is IncidentPhase.CLOSED, "it is closed", 20)
    status = _only(room)
    assert [e.text.partition(":")[0] for e in status.timeline] == [
        f"declared by {me}",
        f"{me} has decided None",
        f"closed as FalsePositive by {me}; no traffic moves",
    ]
    assert (status.resolution, status.actions) == (Ending.FALSE_POSITIVE, ())


def say(room: Room, name: str, **word: object) -> None:
    room.kubectl("patch", name, "--type=merge", "-p", json.dumps({"spec": word}))


def reaches(room: Room, phase: IncidentPhase, deadline_s: float) -> IncidentStatus:
    """Wait until the rollback's incident is in a phase."""

    def status() -> IncidentStatus | None:
        body = room.find("incidents", "loan-1")
        found = Incident.model_validate(body).status if body else None
        return found if found and found.phase is phase else None

    found = room.wait_until(status, f"its incident is {phase}", deadline_s)
    assert found is not None
    return found


def _only(room: Room) -> IncidentStatus:
    (incident,) = room.incidents()
    return incident.status or IncidentStatus()
