"""Routes of somebody else: the same claims in memory and on a real API server."""

from typing import Any

import pytest

from knowngood.api.v1alpha1 import AIModelDeployment, DeploymentStatus, Phase, TrafficStatus
from knowngood.control.ports import Backend
from knowngood.decisions.parting import Parting
from knowngood.decisions.situation import RouteView
from knowngood.errors import Claimed, Unavailable
from tests.adapters.grounds import Ground, KubernetesGround, Object
from tests.control.manifests import a_model

SERVICES = {"7": "loan-seven", "8": "loan-eight"}
OURS = frozenset(SERVICES.values())
OLD: Object = {"name": "loan-old", "port": 8080, "weight": 3}
OTHER: Object = {"name": "explainer", "port": 80}


def rules() -> list[Object]:
    header = {"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": ["x-debug"]}}
    path = {"path": {"type": "PathPrefix", "value": "/predict"}}
    return [
        {
            "name": "predict",
            "matches": [path],
            "filters": [header],
            "timeouts": {"request": "7s"},
            "backendRefs": [OLD],
        },
        {"name": "explain", "backendRefs": [OTHER]},
    ]


async def a_foreign_model(ground: Ground, phase: Phase = Phase.PROBATION) -> AIModelDeployment:
    body = a_model()
    body["metadata"]["namespace"] = ground.namespace
    ref = {"name": "edge", "ruleNames": ["predict"], "adopt": "loan-old"}
    body["spec"]["traffic"] = {"routeRef": ref}
    model = AIModelDeployment.model_validate(await ground.create(body))
    return model.model_copy(update={"status": DeploymentStatus(phase=phase)})


def backends(seven: int, eight: int | None = None) -> tuple[Backend, ...]:
    found = [Backend("7", "loan-seven", 80, seven)]
    if eight is not None:
        found.append(Backend("8", "loan-eight", 80, eight))
    return tuple(found)


async def weights(ground: Ground, rule: int = 0) -> dict[str, int]:
    refs = (await ground.rules_of("edge"))[rule]["backendRefs"]
    return {ref["name"]: ref.get("weight", 1) for ref in refs}


def seen(ground: Ground, model: AIModelDeployment) -> RouteView:
    return ground.ports.traffic.seen(model, SERVICES)


async def test_a_route_that_is_not_there_is_said_and_not_made(ground: Ground) -> None:
    model = await a_foreign_model(ground)

    problem = seen(ground, model).problem
    assert problem is not None
    assert problem.reason == "RouteNotFound"
    with pytest.raises(Claimed):
        await ground.ports.traffic.apply(model, backends(100), OURS)


async def test_the_first_version_takes_over_in_steps(ground: Ground) -> None:
    await ground.put_route("edge", rules())
    model = await a_foreign_model(ground, Phase.INITIALIZING)
    assert dict(seen(ground, model).weights) == {"loan-old": 3}

    await ground.ports.traffic.apply(model, backends(0), OURS)
    assert await weights(ground) == {"loan-old": 3, "loan-seven": 0}
    assert seen(ground, model).adopted

    await ground.ports.traffic.apply(model, backends(100), OURS)
    assert await weights(ground) == {"loan-old": 0, "loan-seven": 100}
    assert dict(seen(ground, model).weights) == {"7": 100}

    status = DeploymentStatus(phase=Phase.PROBATION)
    served = model.model_copy(update={"status": status})
    await ground.ports.traffic.apply(served, backends(100), OURS)
    assert await weights(ground) == {"loan-seven": 100}
    assert not seen(ground, model).adopted


async def test_other_rules_are_left_alone(ground: Ground) -> None:
    await ground.put_route("edge", rules())
    model = await a_foreign_model(ground)

    await ground.ports.traffic.apply(model, backends(90, 10), OURS)

    assert await weights(ground) == {"loan-seven": 90, "loan-eight": 10}
    assert await weights(ground, 1) == {"explainer": 1}


async def test_a_part_that_is_right_is_not_written_again_also_after_a_restart(
    ground: Ground,
) -> None:
    await ground.put_route("edge", rules())
    model = await a_foreign_model(ground)
    await ground.ports.traffic.apply(model, backends(90, 10), OURS)
    writes = ground.writes()

    await ground.ports.traffic.apply(model, backends(90, 10), OURS)
    await ground.restart().traffic.apply(model, backends(90, 10), OURS)

    assert ground.writes() == writes
    assert seen(ground, model).claimant == f"{ground.namespace}/loan/{model.metadata.uid}"


async def test_the_requests_are_given_back_step_by_step_and_the_claim_last(ground: Ground) -> None:
    await ground.put_route("edge", rules())
    model = await a_foreign_model(ground)
    original = seen(ground, model).original
    status = DeploymentStatus(phase=Phase.TERMINATING, traffic=TrafficStatus(original=original))
    deleted = model.model_copy(update={"status": status})
    await ground.ports.traffic.apply(model, backends(90, 10), OURS)

    steps = []
    for step in Parting:
        await ground.ports.traffic.remove(deleted, OURS, step)
        steps.append((await weights(ground), bool(seen(ground, model).claimant)))

    assert steps == [
        ({"loan-old": 0, "loan-seven": 90, "loan-eight": 10}, True),
        ({"loan-old": 3, "loan-seven": 0, "loan-eight": 0}, True),
        ({"loan-old": 3}, False),
    ]


async def test_a_backend_of_a_stranger_is_named_and_kept(ground: Ground) -> None:
    await ground.put_route("edge", rules())
    model = await a_foreign_model(ground)
    await ground.ports.traffic.apply(model, backends(90, 10), OURS)
    edited = rules()
    edited[0]["backendRefs"] = [
        {"name": "loan-seven", "port": 80, "weight": 90},
        {"name": "loan-eight", "port": 80, "weight": 10},
        {"name": "stranger", "port": 80, "weight": 5},
    ]
    await ground.put_route("edge", edited)

    problem = seen(ground, model).problem
    assert problem is not None
    assert problem.reason == "ForeignBackend"

    await ground.ports.traffic.apply(model, backends(100, 0), OURS)
    assert await weights(ground) == {"loan-seven": 100, "loan-eight": 0, "stranger": 5}


@pytest.mark.cluster
async def test_the_object_differs_in_our_weights_and_claim_alone(real: KubernetesGround) -> None:
    """Also its order, its defaults and what other controllers have written."""
    await real.put_route("edge", rules())
    before = await real.read("httproutes", "edge")
    model = await a_foreign_model(real)
    await real.ports.traffic.apply(model, backends(90, 10), OURS)
    after = await real.read("httproutes", "edge")
    assert before is not None
    assert after is not None

    claim = after["metadata"].pop("annotations")
    assert claim == {"knowngood.dev/claimed-by": f"{real.namespace}/loan/{model.metadata.uid}"}
    refs = after["spec"]["rules"][0].pop("backendRefs")
    before["spec"]["rules"][0].pop("backendRefs")
    assert [(r["name"], r["weight"]) for r in refs] == [("loan-seven", 90), ("loan-eight", 10)]
    assert _without_versions(after) == _without_versions(before)


STRANGER: Object = {"name": "stranger", "port": 80, "weight": 5}
ALIKE = [rules()[0], {**rules()[1], "backendRefs": [OLD]}]
JOINED = [{**rules()[0], "backendRefs": [OLD, STRANGER]}, rules()[1]]


@pytest.mark.cluster
@pytest.mark.parametrize(
    ("first", "edited"),
    [
        pytest.param(rules(), rules()[::-1], id="moved"),
        pytest.param(ALIKE, ALIKE[::-1], id="moved, and its neighbour looks like it"),
        pytest.param(rules(), JOINED, id="joined by a stranger"),
    ],
)
async def test_a_rule_that_changed_meanwhile_is_not_overwritten(
    real: KubernetesGround, first: list[Object], edited: list[Object]
) -> None:
    await real.put_route("edge", first)
    model = await a_foreign_model(real)
    late = real.others.get(real.namespace, "edge")
    assert late is not None
    await real.put_route("edge", edited)
    before = [await weights(real, index) for index in (0, 1)]
    key = (real.namespace, "edge")
    real.others._view[key], real.others._versions[key] = late, "1"  # noqa: SLF001  - a watch that is late

    with pytest.raises(Unavailable):
        await real.ports.traffic.apply(model, backends(100), OURS)

    assert [await weights(real, index) for index in (0, 1)] == before
    # What it is now is known at once, so the next pass succeeds.
    await real.ports.traffic.apply(model, backends(100), OURS)
    found = {rule["name"]: rule["backendRefs"] for rule in await real.rules_of("edge")}
    wanted = {rule["name"]: rule["backendRefs"] for rule in edited}
    assert [r["name"] for r in found["explain"]] == [r["name"] for r in wanted["explain"]]
    assert {r["name"] for r in found["predict"]} & {"loan-old", "loan-seven"} == {"loan-seven"}


def _without_versions(body: Object) -> Any:
    meta = {
        k: v
        for k, v in body["metadata"].items()
        if k not in {"resourceVersion", "generation", "managedFields"}
    }
    return {**body, "metadata": meta}
