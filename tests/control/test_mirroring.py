"""Copies of requests, under a running operator: a bad version is found before it answers anybody."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from knowngood.control.ports import Key
from knowngood.decisions.foreign import Ref
from knowngood.decisions.gateways import GatewaySupport, Parent, Support
from tests.control.process import played, until
from tests.control.world import EDGE, World

COPIED = [{"setMirror": 40}, {"pause": {"duration": "10s", "minSamples": 100}}, {"setWeight": 50}]
LOAN = Key("lending", "loan")
HARMLESS = {"sideEffects": "None"}


def copies_first(world: World, steps: list[Any] | None = None, mirror: Any = HARMLESS) -> None:
    """Let rollouts begin with copies."""

    def change(body: Any) -> None:
        body["spec"]["mirror"] = mirror
        body["spec"]["rollout"]["steps"] = steps or COPIED

    world.server.patch("AIModelDeployment", "lending", "loan", change)


async def serving(world: World) -> None:
    await until(lambda: world.status().get("phase") == "Probation")


def copies(world: World) -> list[int]:
    """Percentages that the gateway of the model's own route copies now."""
    return [percent for found in world.gateway.copied.values() for percent in found.values()]


def stalled(world: World) -> tuple[str, str]:
    found = [c for c in world.status()["conditions"] if c["type"] == "Stalled"]
    return (found[0]["reason"], found[0]["message"]) if found else ("", "")


def test_a_good_version_gets_copies_first_and_none_once_it_answers_users() -> None:
    seen: list[tuple[list[int], int]] = []

    async def story(world: World) -> None:
        await serving(world)
        copies_first(world)
        world.want("8")
        await until(lambda: copies(world) == [40])
        seen.append((copies(world), world.canary_weight))
        await until(lambda: world.canary_weight == 50 and world.gateway.follows(LOAN))
        seen.append((copies(world), world.canary_weight))

    world = played(story, seconds=90)

    assert seen == [([40], 0), ([], 50)]
    assert world.status()["phase"] == "Probation"
    assert world.status()["versions"]["stable"] == "8"
    assert world.prober.tried == [Parent("lending", "public")]
    assert (world.lost, world.copies_lost) == (0, 0)
    assert world.events.reasons.count("MirrorSet") == 1


def test_a_bad_version_is_rejected_by_its_answers_to_copies_and_no_user_met_it() -> None:
    met: list[int] = []

    async def story(world: World) -> None:
        await serving(world)
        world.error_rates["8"] = 0.5
        copies_first(world)
        world.want("8")
        while world.status()["phase"] != "RolledBack":
            met.append(world.canary_weight)
            await asyncio.sleep(0.1)

    world = played(story, seconds=120)

    assert set(met) == {0}
    assert copies(world) == []
    assert world.server.list("Incident")[0]["status"]["phase"] == "Contained"
    assert world.status()["rejected"][0]["version"] == "8"


@pytest.mark.parametrize(
    ("support", "steps", "reason"),
    [
        pytest.param(
            GatewaySupport(Support.NO, Support.NO, message="it answered 500"),
            COPIED,
            "MirrorUnsupported",
            id="it can not",
        ),
        pytest.param(
            GatewaySupport(Support.YES, Support.NO, message="it copies all"),
            COPIED,
            "MirrorUnsupported",
            id="it copies all or nothing",
        ),
        pytest.param(
            GatewaySupport(Support.UNKNOWN, message="it has no address"),
            COPIED,
            "MirrorNotProved",
            id="nobody knows",
        ),
    ],
)
def test_a_gateway_that_was_not_seen_to_copy_is_never_asked_to(
    support: GatewaySupport, steps: list[Any], reason: str
) -> None:
    async def story(world: World) -> None:
        world.prober.support = support
        await serving(world)
        copies_first(world, steps)
        world.want("8")

    world = played(story, seconds=60)

    assert stalled(world)[0] == reason
    assert support.message in stalled(world)[1]
    assert "spec.rollout.steps[0].setMirror" in stalled(world)[1]
    assert world.gateway.copies == {} or copies(world) == []
    assert world.status()["phase"] == "Paused"
    assert world.events.reasons.count(reason) == 1


def test_what_could_not_be_found_out_is_tried_again_and_then_goes_on() -> None:
    async def story(world: World) -> None:
        world.prober.support = GatewaySupport(Support.UNKNOWN, message="it has no address")
        await serving(world)
        copies_first(world)
        world.want("8")
        await until(lambda: stalled(world)[0] == "MirrorNotProved")
        world.prober.support = GatewaySupport(Support.YES, Support.YES, message="it does")

    world = played(story, seconds=120)

    assert world.status()["versions"]["stable"] == "8"


def test_copies_of_all_requests_need_no_percentage() -> None:
    async def story(world: World) -> None:
        world.prober.support = GatewaySupport(Support.YES, Support.NO, message="it copies all")
        await serving(world)
        copies_first(world, [{"setMirror": 100}, {"pause": {"duration": "5s"}}, {"setWeight": 50}])
        world.want("8")
        await until(lambda: copies(world) == [100])

    assert played(story, seconds=90).status()["versions"]["stable"] == "8"


def test_copies_end_when_no_pod_of_the_version_is_ready_and_come_back_with_one() -> None:
    seen: list[list[int]] = []

    async def story(world: World) -> None:
        await serving(world)
        copies_first(world, [{"setMirror": 40}, {"pause": {"duration": "40s"}}, {"setWeight": 50}])
        world.want("8")
        await until(lambda: copies(world) == [40])
        world.running = False
        world.endpoints.put("lending", name_of(world, "8"), frozenset())
        # The pods of the other version stay: only the canary's are gone.
        world.running = True
        world.told[0](next(iter(world.gateway.asked)))
        await until(lambda: copies(world) == [])
        seen.append(copies(world))
        await until(lambda: copies(world) == [40])

    world = played(story, seconds=120)

    assert seen == [[]]
    assert world.status()["versions"]["stable"] == "8"


def filters_of(world: World) -> tuple[Ref, ...]:
    """Filters that the gateway follows in a route of somebody else."""
    return world.gateway.others.routes[EDGE].taken[0].filters


def name_of(world: World, version: str) -> str:
    return next(n for (_, n), (_, w) in world.cluster.deployments.items() if w.version == version)


def test_copies_end_at_once_when_nobody_declares_them_harmless_any_more() -> None:
    async def story(world: World) -> None:
        await serving(world)
        copies_first(world, [{"setMirror": 40}, {"pause": {}}, {"setWeight": 50}])
        world.want("8")
        await until(lambda: copies(world) == [40])
        copies_first(world, [{"setMirror": 40}, {"pause": {}}, {"setWeight": 50}], {})

    assert copies(played(story, seconds=30)) == []


def test_a_gateway_that_gets_the_route_while_copies_are_sent_is_tried_first() -> None:
    seen: list[tuple[tuple[Parent, ...], list[int]]] = []

    def move(body: Any) -> None:
        body["spec"]["traffic"]["gatewayAPI"]["parentRefs"] = [{"name": "other"}]

    async def story(world: World) -> None:
        await serving(world)
        copies_first(world, [{"setMirror": 40}, {"pause": {}}, {"setWeight": 50}])
        world.want("8")
        await until(lambda: copies(world) == [40])
        world.prober.support = GatewaySupport(Support.NO, Support.NO, message="it answers 500")
        world.server.patch("AIModelDeployment", "lending", "loan", move)
        for _ in range(5000):
            gateway = world.gateway
            seen.append((gateway.parents[LOAN], list(gateway.copies[LOAN].values())))
            await asyncio.sleep(0.001)

    world = played(story, seconds=120)
    other = (Parent("lending", "other"),)
    asked = [percents for parents, percents in seen if parents == other]
    assert asked
    assert not any(asked)
    assert stalled(world)[0] == "MirrorUnsupported"
    assert world.prober.tried == [Parent("lending", "public"), *other]


def test_a_route_of_somebody_else_gets_our_mirror_and_loses_it_and_keeps_its_filters() -> None:
    theirs: Ref = {"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": ["x"]}}
    seen: list[list[str]] = []

    async def story(world: World) -> None:
        route = world.gateway.others.routes[EDGE]
        rules = tuple(replace(rule, filters=(theirs,)) for rule in route.rules)
        world.gateway.others.put(EDGE, replace(route, rules=rules))
        await serving(world)
        copies_first(world)
        world.want("8")
        await until(lambda: len(filters_of(world)) == 2)
        seen.append([f["type"] for f in filters_of(world)])
        await until(lambda: world.canary_weight == 50)

    world = played(story, edge=True)

    assert seen == [["RequestHeaderModifier", "RequestMirror"]]
    assert filters_of(world) == (theirs,)
    assert world.status()["versions"]["stable"] == "8"


def test_a_mirror_of_the_routes_owner_is_left_alone() -> None:
    audit = {"backendRef": {"name": "audit", "port": 80}}
    theirs: Ref = {"type": "RequestMirror", "requestMirror": audit}

    async def story(world: World) -> None:
        route = world.gateway.others.routes[EDGE]
        rules = tuple(replace(rule, filters=(theirs,)) for rule in route.rules)
        world.gateway.others.put(EDGE, replace(route, rules=rules))
        await serving(world)
        copies_first(world)
        world.want("8")

    world = played(story, seconds=60, edge=True)

    assert stalled(world)[0] == "MirrorTaken"
    assert filters_of(world) == (theirs,)
