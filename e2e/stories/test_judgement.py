"""When nothing may be done about a version: observing policies, little traffic, no traffic of ours."""

from e2e.bed import LoanPolicy, Room, pause, weight
from e2e.bed.loan import route, service
from e2e.bed.policy import APPROVALS
from knowngood.api.v1alpha1 import ActionState, Containment, Phase, WaitingFor
from knowngood.decisions.naming import MODEL_LABEL


def test_policy_that_observes_only_records(room: Room) -> None:
    # Given a model whose policy only observes
    room.serve(LoanPolicy(namespace=room.name, mode="Observe"), room.model)
    with room.load():
        # When a bad version is rolled out and was seen to be bad
        steps = (weight(40), pause(), weight(60), pause("1s"))
        room.apply(room.model.bad("2", steps=steps))
        room.wait_until(
            lambda: room.metric("knowngood_would_have_acted_total", trigger=APPROVALS) == 1,
            "it is counted what would have been done",
            deadline_s=90,
        )

        # Then it keeps its share,
        stays = room.seen()
        assert (stays.phase, stays.weights) == (Phase.PAUSED, {"1": 60, "2": 40})
        # the rollout goes on to its end when it is told to,
        room.command("promote", "2")
        room.wait_for(lambda seen: seen.serves("2"), "version 2 serves alone", deadline_s=60)
        # and nobody speaks of an incident.
        assert room.incidents() == []
        assert room.told("RollingBack") == []
        assert room.metric("knowngood_would_have_acted_total", trigger=APPROVALS) == 1


def test_low_traffic_is_inconclusive_and_holds_until_there_is_more(room: Room) -> None:
    # Given a model that hardly anybody calls
    room.serve(LoanPolicy(namespace=room.name, min_samples=150), room.model)
    with room.load(rate=4):
        # When a version is rolled out and all its steps are done
        room.apply(room.model.next("2", steps=(weight(50), pause("1s"))))
        room.wait_for(
            lambda seen: seen.step == 2 and seen.waits_for is WaitingFor.SAMPLES,
            "it waits for samples before the promotion",
            deadline_s=60,
        )

        # Then it is neither promoted nor taken back,
        verdict = {"name": "knowngood_verdict", "trigger": APPROVALS, "kind": "Inconclusive"}
        room.wait_until(lambda: room.metric(**verdict) == 1, "it is inconclusive", deadline_s=10)
        room.holds(
            lambda seen: seen.phase is Phase.PAUSED and seen.weights == {"1": 50, "2": 50},
            "it keeps its share",
            for_s=8,
        )
        assert room.metric(**verdict) == 1
        # until enough requests have been seen.
        with room.load():
            room.wait_for(lambda seen: seen.serves("2"), "it is promoted", deadline_s=60)


def test_model_without_traffic_of_ours_is_watched_and_its_requests_are_not_moved(
    room: Room,
) -> None:
    # Given a model whose user routes the requests to all of its pods
    everything = service(room.name, "all", {MODEL_LABEL: room.model.name})
    mine = room.model.next("1", host=None)
    room.serve(room.policy, everything, route(room.name, "edge", room.host, "all"), mine)
    with room.load():
        # When a bad version is rolled out
        room.apply(mine.bad("2", steps=(weight(50), pause("5m"))))

        # Then it is rejected, and the incident says that no request was moved,
        seen = room.wait_for(
            lambda seen: seen.phase is Phase.ROLLED_BACK, "version 2 is rejected", deadline_s=90
        )
        room.wait_until(
            lambda: (
                [i.status and i.status.containment for i in room.incidents()] == [Containment.NONE]
            ),
            "the incident says that nothing was contained",
            deadline_s=10,
        )
        (incident,) = room.incidents()
        assert incident.status is not None
        assert [action.state for action in incident.status.actions] == [ActionState.SKIPPED]
        # and there is no route of ours, nor was the user's one touched.
        assert seen.condition("RouteProgrammed") is None
        (edge,) = room.find_all("httproutes")
        assert (edge["metadata"]["name"], edge["metadata"]["generation"]) == ("edge", 1)


def test_services_of_a_user_are_rolled_back_and_left_alone(room: Room) -> None:
    # Given two versions that a user runs, the second of them bad
    old = room.model.next("1", services={"1": "loan-a"})
    new = room.model.next("2", services={"1": "loan-a", "2": "loan-b"}, steps=(weight(50), pause()))
    workloads = (*old.workload("loan-a"), *room.model.bad("2").workload("loan-b"))
    room.serve(room.policy, *workloads, old)
    with room.load() as load:
        # When the second one is rolled out
        room.apply(new)

        # Then its Service gets no requests any more,
        seen = room.wait_for(
            lambda seen: seen.phase is Phase.ROLLED_BACK, "version 2 is taken back", deadline_s=90
        )
        assert seen.applied == {"1": 100}
        # and the user's Deployments are as they were.
        found = {o["metadata"]["name"]: o["metadata"] for o in room.find_all("deployments")}
        assert {name: meta["generation"] for name, meta in found.items()} == {
            "loan-a": 1,
            "loan-b": 1,
        }
    assert load.ledger.first_of("2") is not None
