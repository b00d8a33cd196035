"""A model whose requests come through a route of somebody else."""

import asyncio
from dataclasses import replace

import pytest

from knowngood.decisions.foreign import Ref
from tests.control.manifests import Object, a_model
from tests.control.process import played, until
from tests.control.world import EDGE, OLD, World, shares_of

STRANGER: Ref = {"name": "stranger", "port": 80, "weight": 5}


async def serves(world: World) -> None:
    await until(lambda: world.status().get("phase") == "Probation")


def refs(world: World) -> tuple[Ref, ...]:
    return world.gateway.others.routes[EDGE].rules[0].refs


def answering(world: World) -> list[str]:
    """Who gets requests, by the start of its name."""
    return [name[:6] for name, share in shares_of(refs(world)).items() if share > 0]


def put_refs(world: World, *wanted: Ref, claimant: str | None = None) -> None:
    """Edit the route, as its owner does."""
    route = world.gateway.others.routes[EDGE]
    rules = (replace(route.rules[0], refs=wanted),)
    claimed = route.claimant if claimant is None else claimant
    world.gateway.others.put(EDGE, replace(route, rules=rules, claimant=claimed))


def stalled(world: World, name: str = "loan") -> Object:
    found = [c for c in world.status(name)["conditions"] if c["type"] == "Stalled"]
    return found[0] if found else {}


def test_a_route_that_a_living_model_uses_is_left_to_it() -> None:
    async def second(world: World) -> None:
        await serves(world)
        other = {"routeRef": {"name": "edge", "adopt": OLD}}
        world.add(a_model("other", traffic=other))
        await asyncio.sleep(5)
        assert stalled(world, "other")["reason"] == "Claimed"
        assert "lending/loan" in stalled(world, "other")["message"]

    world = played(second, edge=True)

    assert [ref["name"][:6] for ref in refs(world)] == ["loan-7"]
    assert world.lost == 0


@pytest.mark.parametrize("claimant", ["lending/gone/u9", "lending/loan/an-earlier-uid", "odd"])
def test_the_claim_of_a_model_that_is_gone_counts_for_nothing(claimant: str) -> None:
    async def claimed(world: World) -> None:
        put_refs(world, *refs(world), claimant=claimant)
        await serves(world)

    world = played(claimed, edge=True)

    assert world.gateway.others.routes[EDGE].claimant.startswith("lending/loan/uid-")
    assert world.lost == 0


def test_a_stranger_in_the_rule_stops_the_rollout_until_it_is_gone() -> None:
    async def joined(world: World) -> None:
        await serves(world)
        world.want("8")
        await until(lambda: world.canary_weight == 50)
        put_refs(world, *refs(world), STRANGER)
        await asyncio.sleep(30)
        assert world.status()["phase"] in {"Progressing", "Paused"}
        assert stalled(world)["reason"] == "ForeignBackend"
        put_refs(world, *(ref for ref in refs(world) if ref != STRANGER))

    world = played(joined, edge=True)

    assert world.status()["versions"]["stable"] == "8"


def test_a_stranger_in_the_rule_stops_no_rollback_and_keeps_its_place() -> None:
    async def joined(world: World) -> None:
        await serves(world)
        world.want("8")
        await until(lambda: world.canary_weight == 50)
        put_refs(world, *refs(world), STRANGER)
        world.error_rates["8"] = 0.5

    world = played(joined, edge=True)

    assert world.status()["phase"] == "RolledBack"
    assert STRANGER in refs(world)
    assert [ref["weight"] for ref in refs(world) if ref["name"].startswith("loan-8")] in ([], [0])


def test_a_route_that_is_deleted_and_written_anew_is_used_again() -> None:
    async def rewritten(world: World) -> None:
        await serves(world)
        route = world.gateway.others.routes.pop(EDGE)
        world.gateway.others.changed(EDGE.namespace, EDGE.name)
        await asyncio.sleep(5)
        assert stalled(world)["reason"] == "RouteNotFound"
        rules = (replace(route.rules[0], refs=({"name": OLD, "port": 80},)),)
        world.gateway.others.put(EDGE, replace(route, rules=rules, taken=rules, claimant=""))

    world = played(rewritten, edge=True)

    assert answering(world) == ["loan-7"]
    assert world.status()["phase"] == "Probation"


def test_whoever_writes_the_route_again_and_again_is_fought_three_times_and_no_more() -> None:
    """A GitOps tool that resets it every few seconds."""
    written = []

    async def reset(world: World) -> None:
        await serves(world)
        for _ in range(8):
            put_refs(world, {"name": OLD, "port": 80})
            await asyncio.sleep(5)
            written.append(answering(world))
        assert stalled(world)["reason"] == "RouteContested"

    world = played(reset, edge=True)

    assert written == [["loan-7"]] * 2 + [["loan-o"]] * 6
    assert world.events.reasons.count("RouteDrifted") == 3


def test_a_canary_that_was_taken_out_of_the_route_comes_back_without_a_lost_request() -> None:
    """A gateway does not know at once a backend that it is told of again."""

    async def reset(world: World) -> None:
        await serves(world)
        world.want("8")
        await until(lambda: world.status()["phase"] == "Paused")
        put_refs(world, *(ref for ref in refs(world) if ref["name"].startswith("loan-7")))
        await asyncio.sleep(1)
        assert answering(world) == ["loan-7"]
        await until(lambda: set(shares_of(refs(world)).values()) == {50})

    world = played(reset, edge=True)

    assert world.lost == 0
    assert world.events.reasons.count("RouteDrifted") == 1
    assert world.status()["versions"]["stable"] == "8"


def test_a_route_that_its_owner_has_reset_is_put_back_without_a_lost_request() -> None:
    """A GitOps tool that applies the file from before the adoption."""

    async def reset(world: World) -> None:
        await serves(world)
        await asyncio.sleep(3)
        put_refs(world, {"name": OLD, "port": 80})
        await asyncio.sleep(1)
        theirs = world.lost
        assert answering(world) == ["loan-o"]
        await until(lambda: answering(world) == ["loan-7"])
        await asyncio.sleep(1)
        assert world.lost == theirs

    world = played(reset, edge=True)

    assert world.events.reasons.count("RouteDrifted") == 1
    assert world.status()["phase"] == "Probation"
