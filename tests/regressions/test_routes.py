"""What other tools did to routes: each test names the report that it comes from."""

import asyncio

from knowngood.adapters.kubernetes.routes import render
from knowngood.api.v1alpha1 import AIModelDeployment, RouteRef
from knowngood.control.ports import Backend, Key, WorkloadSeen
from knowngood.decisions.foreign import ForeignRule, Ref, leading
from knowngood.decisions.splicing import Share, spliced
from tests.control.manifests import a_model
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import EDGE, OLD, World

LOAN = Key("lending", "loan")
OURS = {"loan-7", "loan-8"}
SHARES = [Share("loan-7", 80, 90), Share("loan-8", 80, 10)]


def a_rule(name: str, index: int, *refs: Ref) -> ForeignRule:
    return ForeignRule("lending", index, name, refs)


def test_other_rules_and_what_is_in_a_backend_survive() -> None:
    """Flagger 1857, the Gateway API plugin of Argo Rollouts 217: filters and whole rules were lost."""
    seven: Ref = {
        "name": "loan-7",
        "port": 80,
        "weight": 100,
        "filters": [{"type": "RequestHeaderModifier"}],
        "x": 1,
    }
    (first, _) = spliced(a_rule("predict", 0, seven), SHARES, OURS, None, keep_adopted=False)

    assert first == {**seven, "weight": 90}
    assert list(first) == list(seven)


def test_two_rules_that_share_backends_are_told_apart_by_name() -> None:
    """The Gateway API plugin of Argo Rollouts 226: the weights of a neighbour were changed."""
    old: Ref = {"name": "old", "port": 80}
    rules = [a_rule("explain", 0, old), a_rule("predict", 1, old)]

    chosen, problem = leading(rules, RouteRef(name="edge", rule_names=("predict",)), OURS)

    assert ([rule.name for rule in chosen], problem) == (["predict"], None)


def test_what_a_gateway_fills_in_is_no_difference() -> None:
    """Flagger 1713 and 1732: defaults and another order of fields made a loop of writes, or reset the weights."""
    filled: list[Ref] = [
        {"group": "", "kind": "Service", "name": "loan-8", "port": 80, "weight": 10},
        {"weight": 90, "port": 80, "name": "loan-7", "kind": "Service", "group": ""},
    ]

    assert spliced(a_rule("predict", 0, *filled), SHARES, OURS, None, keep_adopted=False) == filled


def test_a_restart_in_the_middle_of_a_rollout_sets_nothing_back() -> None:
    """Flagger 1732: the route was written anew with 100 to 0."""
    world = World(edge=True)
    seen: set[int] = set()

    def canary() -> int:
        refs = world.gateway.others.routes[EDGE].rules[0].refs
        return sum(int(ref.get("weight", 1)) for ref in refs if ref["name"].startswith("loan-8"))

    async def play() -> None:
        first = asyncio.create_task(during(world, Process(world), seconds=300))
        await until(lambda: world.status().get("phase") == "Probation")
        world.want("8")
        await until(lambda: canary() == 50)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        second = asyncio.create_task(during(world, Process(world), seconds=20))
        for _ in range(200):
            seen.add(canary())
            await asyncio.sleep(0.1)
        await second

    run(play())

    assert seen == {50, 100}
    assert world.lost == 0


def test_a_model_can_be_deleted_when_its_route_is_gone() -> None:
    """Flagger 1357 and 1448: a missing target kept the object for ever."""
    world = World(edge=True)

    async def story() -> None:
        await until(lambda: world.status().get("phase") == "Probation")
        world.gateway.others.routes.pop(EDGE)
        world.gateway.others.changed(EDGE.namespace, EDGE.name)
        world.server.delete("AIModelDeployment", "lending", "loan", world.clock.now().isoformat())

    async def play() -> None:
        told = asyncio.create_task(story())
        await during(world, Process(world), seconds=120)
        await told

    run(play())

    assert world.server.get("AIModelDeployment", "lending", "loan") is None
    assert world.cluster.deployments == {}


def test_a_deletion_in_the_middle_of_a_rollout_loses_nobody() -> None:
    """Flagger 1562 and 1550: the revert left users without a backend."""
    world = World(edge=True)

    async def story() -> None:
        await until(lambda: world.status().get("phase") == "Probation")
        world.want("8")
        await until(lambda: world.canary_weight == 50)
        world.server.delete("AIModelDeployment", "lending", "loan", world.clock.now().isoformat())

    async def play() -> None:
        told = asyncio.create_task(story())
        await during(world, Process(world), seconds=120)
        await told

    run(play())

    route = world.gateway.others.routes[EDGE]
    assert [ref["name"] for ref in route.taken[0].refs] == [OLD]
    assert route.claimant == ""
    assert world.lost == 0


def test_whoever_resets_our_shares_again_and_again_is_left_alone_and_said() -> None:
    """Argo CD 25284, the Gateway API plugin 208, Flagger 1504: two tools wrote one route in turns for ever."""
    world = World()
    seen: list[int] = []

    async def story() -> None:
        await until(lambda: world.status().get("phase") == "Probation")
        service = next(iter(world.gateway.asked[LOAN]))
        theirs = WorkloadSeen("somebody", "", 1)
        world.cluster.deployments["lending", theirs.name] = (Key("lending", "theirs"), theirs)
        await asyncio.sleep(10)
        for _ in range(20):
            world.gateway.asked[LOAN] = {service: 50, "somebody": 50}
            world.gateway.changed(LOAN)
            await asyncio.sleep(5)
            seen.append(len(world.gateway.asked[LOAN]))

    async def play() -> None:
        told = asyncio.create_task(story())
        await during(world, Process(world), seconds=130)
        await told

    run(play())

    assert seen == [1, 1, *[2] * 18], "put back twice, and then left alone"
    stalled = [c for c in world.status()["conditions"] if c["type"] == "Stalled"]
    assert stalled[0]["reason"] == "RouteContested"


def test_a_copy_is_asked_for_beside_the_share_and_its_answer_reaches_nobody() -> None:
    """Flagger's mirrors: a percentage that a gateway did not know copied everything, and nothing said so.

    Whether a gateway knows it is tried before; here: what is asked of it is a copy of that percentage, and no share.
    """
    model = AIModelDeployment.model_validate(a_model())
    backends = (Backend("7", "loan-7", 80, 100), Backend("8", "loan-8", 80, 0, mirror=20))

    (rule,) = render(model, backends)["spec"]["rules"]

    assert {b["name"]: b["weight"] for b in rule["backendRefs"]} == {"loan-7": 100, "loan-8": 0}
    assert rule["filters"] == [
        {
            "type": "RequestMirror",
            "requestMirror": {"backendRef": {"name": "loan-8", "port": 80}, "percent": 20},
        }
    ]
