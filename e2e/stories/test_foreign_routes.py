"""A route that belongs to somebody else, with Knowngood in one of its rules."""

from typing import Any, Final

from e2e.bed import Room, pause, weight
from e2e.bed.loan import Json, LoanModel
from e2e.stories.gateways import ON_BOTH_GATEWAYS
from knowngood.api.v1alpha1 import Phase
from knowngood.decisions.naming import CLAIM_ANNOTATION

OLD: Final = "loan-old"
EDGE: Final = {"name": "edge", "ruleNames": ["predict"], "adopt": OLD}


def an_edge(room: Room) -> Json:
    """The route of a team: two rules to the Service that has always answered, each with its own settings."""
    match = {"path": {"type": "PathPrefix", "value": "/predict"}}
    header = {"set": [{"name": "X-Edge", "value": "kept"}]}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {
            "name": "edge",
            "namespace": room.name,
            "annotations": {"team": "edge", "external-dns": "yes"},
        },
        "spec": {
            "parentRefs": [room.gateway.ref],
            "hostnames": [room.host],
            "rules": [
                {"name": "explain", "backendRefs": [{"name": OLD, "port": 80}]},
                {
                    "name": "predict",
                    "matches": [match],
                    "timeouts": {"request": "9s"},
                    "filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": header}],
                    "backendRefs": [{"name": OLD, "port": 80, "weight": 5}],
                },
            ],
        },
    }


def served_by_the_old_one(room: Room) -> None:
    deployment, service = LoanModel(namespace=room.name, host=None, version="0").workload(OLD)
    room.apply(deployment, service, an_edge(room))
    room.wait_until(lambda: room.answering_version() == "0", "the old one answers", deadline_s=60)


def spec_of(room: Room) -> Any:
    found = room.find("httproutes", "edge")
    assert found is not None
    return found["spec"]


def weights(room: Room) -> list[int]:
    """The weights in the rule that leads to the model."""
    (rule,) = (r for r in spec_of(room)["rules"] if r["name"] == "predict")
    return [ref["weight"] for ref in rule["backendRefs"]]


def backends_taken_out(spec: Json) -> Json:
    """A route's spec without the backends of the rule that leads to the model."""
    rules = [
        {k: v for k, v in rule.items() if k != "backendRefs" or rule["name"] != "predict"}
        for rule in spec["rules"]
    ]
    return {**spec, "rules": rules}


@ON_BOTH_GATEWAYS
def test_a_service_in_use_is_adopted_judged_and_given_back(room: Room) -> None:
    # Given a Service that answers users through somebody's route
    served_by_the_old_one(room)
    before = spec_of(room)
    model = room.model.next("1", route=EDGE)
    with room.load() as load:
        # When a model takes one rule of it over
        room.apply(room.policy, model)

        # Then its first version answers them,
        room.wait_for(lambda seen: seen.serves("1"), "version 1 serves", deadline_s=120)
        room.wait_until(lambda: weights(room) == [100], "it is alone in the rule", deadline_s=20)
        # nothing but that rule's backends has changed,
        assert backends_taken_out(spec_of(room)) == backends_taken_out(before)
        # a bad version is taken back in it as in one of Knowngood's own,
        room.apply(model.bad("2", steps=(weight(30), pause("5m"))))
        room.wait_for(lambda seen: seen.phase is Phase.ROLLED_BACK, "it is back", deadline_s=90)
        # and when the model is deleted, the requests go back to whom they went before.
        room.kubectl("delete", "aimd", "loan", "--wait=false")
        room.wait_until(lambda: not room.seen().exists, "the model is gone", deadline_s=120)
        assert room.answering_version() == "0"
        room.wait_until(lambda: not room.pods("1"), "its pods are gone", deadline_s=30)
    assert spec_of(room) == before
    assert (
        CLAIM_ANNOTATION not in (room.find("httproutes", "edge") or {})["metadata"]["annotations"]
    )
    assert set(load.ledger.tallies()) == {"0", "1", "2"}


def test_a_route_that_another_model_uses_is_not_touched(room: Room) -> None:
    # Given a model that uses somebody's route
    served_by_the_old_one(room)
    room.apply(room.policy, room.model.next("1", route=EDGE))
    room.wait_for(lambda seen: seen.serves("1"), "version 1 serves", deadline_s=120)
    with room.load() as load:
        # When another one refers to the same route
        other = {**EDGE, "ruleNames": ["explain"]}
        room.apply(LoanModel(namespace=room.name, host=None, name="other", route=other))

        # Then that one says whose it is, and moves nothing.
        def stalled() -> bool:
            found = room.find("aimodeldeployments", "other") or {}
            said = {c["type"]: c for c in (found.get("status") or {}).get("conditions", [])}
            return "Stalled" in said and said["Stalled"]["reason"] == "Claimed"

        room.wait_until(stalled, "the other one is stalled", deadline_s=30)
        explain = next(r for r in spec_of(room)["rules"] if r["name"] == "explain")
        assert [ref["name"] for ref in explain["backendRefs"]] == [OLD]
    assert set(load.ledger.tallies()) == {"1"}


def test_a_route_whose_rule_is_not_named_is_not_touched(room: Room) -> None:
    # Given a route with two rules
    served_by_the_old_one(room)
    with room.load() as load:
        # When a model refers to it without naming one
        room.apply(room.model.next("1", route={"name": "edge", "adopt": OLD}))

        # Then it asks which one.
        seen = room.wait_for(
            lambda seen: seen.says("Stalled", "RuleAmbiguous", true=True), "it asks", 30
        )
        stalled = seen.condition("Stalled")
        assert stalled is not None
        assert "spec.traffic.routeRef.ruleNames" in stalled.message
    assert set(load.ledger.tallies()) == {"0"}
