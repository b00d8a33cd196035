"""What becomes of a new version."""

from datetime import timedelta

from e2e.bed import Room, pause, weight
from e2e.bed.policy import APPROVALS, ERRORS
from e2e.stories.gateways import ON_BOTH_GATEWAYS
from knowngood.api.v1alpha1 import (
    ActionState,
    Containment,
    FailureReason,
    Incident,
    IncidentPhase,
    Phase,
)


@ON_BOTH_GATEWAYS
def test_good_canary_is_promoted(room: Room) -> None:
    # Given a model whose first version answers users
    room.serve(room.policy, room.model)
    with room.load() as load:
        # When a version is rolled out that is as good
        room.apply(room.model.next("2"))

        # Then it is promoted by itself, step by step,
        room.wait_for(lambda seen: seen.serves("2"), "version 2 serves alone", deadline_s=90)
        room.tells_once("Promoted")
        shares = {event.note for event in room.told("WeightSet")}
        assert shares == {f"version 2 gets {share} % of the requests" for share in (20, 50)}
        assert room.incidents() == []
        # and the old version leaves without a request lost.
        room.wait_until(lambda: not room.pods("1"), "version 1 has no pods", deadline_s=90)
        seen = room.wait_for(lambda seen: not seen.status.draining, "nothing drains", deadline_s=10)
        assert seen.says("Ready", "Serving", true=True)
        assert seen.weights == {"2": 100}
    assert load.ledger.last_of("1") is not None


@ON_BOTH_GATEWAYS
def test_bad_canary_is_rolled_back_and_its_incident_tells_what_happened(room: Room) -> None:
    # Given a model whose first version answers users
    room.serve(room.policy, room.model)
    with room.load() as load:
        # When a version is rolled out whose preprocessing is wrong
        room.apply(room.model.bad("2", steps=(weight(30), pause("5m"))))

        # Then it is taken back by itself, users are served, and pipelines are told,
        seen = room.wait_for(
            lambda seen: seen.phase is Phase.ROLLED_BACK, "version 2 is taken back", deadline_s=90
        )
        assert seen.applied == {"1": 100}
        assert seen.says("Ready", "VersionRejected", true=False)
        seen = room.wait_for(
            lambda seen: seen.says("Stalled", "VersionRejected", true=True), "it says so", 10
        )
        assert seen.says("Available", "Serving", true=True)
        assert seen.status.traffic is not None
        verified = seen.status.traffic.verified_at
        assert verified is not None
        contained_incident(room)
        # and its own counters say when it answered its last request, whatever the gateway says of itself.
        room.wait_until(lambda: counted(room), "it is counted to be silent", deadline_s=40)
        (incident,) = room.incidents()
    last = load.ledger.last_of("2")
    assert last is not None
    assert last.sent_at <= verified.timestamp() + room.gateway.lag_s
    tells_of_the_approvals(incident)
    assert incident.status is not None
    assert incident.status.clocks is not None
    assert incident.status.clocks.contained is not None
    assert incident.status.clocks.contained.timestamp() >= last.sent_at


def test_canary_that_turns_bad_while_it_waits_for_a_person_is_taken_back(room: Room) -> None:
    # Given a good version that waits for a person to promote it
    room.serve(room.policy, room.model)
    with room.load() as load:
        room.apply(room.model.next("2", steps=(weight(50), pause())))
        room.wait_for(lambda seen: seen.phase is Phase.PAUSED, "it waits", deadline_s=60)

        # When it begins to fail requests
        room.order_errors("2", 0.5)

        # Then it is taken back without anybody's word.
        room.wait_for(lambda seen: seen.phase is Phase.ROLLED_BACK, "it is back", deadline_s=60)
        incident = contained_incident(room)
    assert incident.status is not None
    assert [entry.trigger for entry in incident.status.evidence] == [ERRORS]
    assert load.ledger.injected()
    assert {answer.version for answer in load.ledger.injected()} == {"2"}


def test_canary_whose_pods_never_get_ready_is_taken_back_at_the_deadline(room: Room) -> None:
    # Given a model whose first version answers users
    room.serve(room.policy, room.model)
    with room.load() as load:
        # When a version is rolled out that never gets ready
        room.apply(room.model.next("2", probe_path="/nowhere", progress_deadline="4s"))

        # Then it is taken back when its time is over,
        seen = room.wait_for(
            lambda seen: seen.phase is Phase.ROLLED_BACK, "version 2 is taken back", deadline_s=60
        )
        failure = seen.status.rollout and seen.status.rollout.failure
        assert failure
        assert failure.reason is FailureReason.PROGRESS_DEADLINE_EXCEEDED
        assert seen.says("Available", "Serving", true=True)
        contained_incident(room)
    # and it has never answered anybody.
    assert set(load.ledger.tallies()) == {"1"}


def contained_incident(room: Room) -> Incident:
    """The only incident, once it says that the harm is over."""

    def contained() -> bool:
        phases = [i.status.phase if i.status else None for i in room.incidents()]
        return phases == [IncidentPhase.CONTAINED]

    room.wait_until(contained, "there is one incident, and it is contained", deadline_s=10)
    (incident,) = room.incidents()
    return incident


def counted(room: Room) -> bool:
    """Say whether the incident's end is counted, and not only told by the gateway."""
    (incident,) = room.incidents()
    entries = incident.status.timeline if incident.status else ()
    return any("was counted to answer nobody since" in entry.text for entry in entries)


def tells_of_the_approvals(incident: Incident) -> None:
    """Hold a person's questions against the incident: what, why, when, what was done."""
    assert incident.spec.policy_ref is not None
    assert incident.spec.policy_ref.name == "lending"
    status = incident.status
    assert status is not None
    assert "version 2 of loan is taken back: approval-rate of version 2" in (status.summary or "")
    assert status.subject is not None
    assert (status.subject.version, status.fallback and status.fallback.version) == ("2", "1")
    assert status.containment is Containment.VERIFIED
    assert [(a.type.value, a.state) for a in status.actions] == [("Rollback", ActionState.VERIFIED)]
    (evidence,) = status.evidence
    assert evidence.trigger == APPROVALS
    assert float(evidence.effect or 0) < -0.05
    assert evidence.samples
    assert evidence.reference_samples
    clocks = status.clocks
    assert clocks is not None
    assert clocks.onset is not None
    assert clocks.detected is not None
    assert clocks.contained is not None
    assert clocks.onset <= clocks.detected <= clocks.contained
    assert clocks.contained - clocks.detected < timedelta(seconds=10)
    texts = [entry.text for entry in status.timeline]
    assert texts[0] == "version 2 starts to differ (estimated from the counts)"
    assert "the gateway was seen to give version 2 no requests" in texts
    assert [entry.seq for entry in status.timeline] == list(range(1, len(texts) + 1))
