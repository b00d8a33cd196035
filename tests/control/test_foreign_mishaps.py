"""What owners of routes, other models and Kubernetes do at the wrong moment costs nobody a request."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from knowngood.decisions.adopting import DRAIN
from knowngood.decisions.foreign import ForeignRule
from tests.control.manifests import Object, a_model
from tests.control.process import played, until
from tests.control.world import EDGE, OLD, World, shares_of

LEFT: Object = {"name": OLD, "port": 80}


async def serves(world: World) -> None:
    await until(lambda: world.status().get("phase") == "Probation")


async def at_half(world: World) -> None:
    await serves(world)
    world.want("8")
    await until(lambda: world.canary_weight == 50)


def names(world: World) -> list[str]:
    return [ref["name"][:8] for ref in world.gateway.others.routes[EDGE].rules[0].refs]


def set_rules(world: World, *rules: ForeignRule) -> None:
    world.gateway.others.put(EDGE, replace(world.gateway.others.routes[EDGE], rules=rules))


def delete(world: World, *, ago: timedelta = timedelta(0)) -> None:
    at = (world.clock.now() - ago).isoformat()
    world.server.delete("AIModelDeployment", "lending", "loan", at)


def is_gone(world: World) -> bool:
    return world.server.get("AIModelDeployment", "lending", "loan") is None


@pytest.mark.parametrize("change", ["another rule", "another name"])
def test_an_owner_who_changes_the_rules_stops_no_rollback_and_no_deletion(change: str) -> None:
    async def changed(world: World) -> None:
        await at_half(world)
        (rule,) = world.gateway.others.routes[EDGE].rules
        docs = ForeignRule("lending", 1, "docs", ({"name": "docs", "port": 80},))
        rules = (rule, docs) if change == "another rule" else (replace(rule, name="new"), docs)
        set_rules(world, *rules)
        world.error_rates["8"] = 0.5
        await until(lambda: world.status()["phase"] == "RolledBack")
        delete(world)

    world = played(changed, edge=True)

    assert is_gone(world)
    assert names(world) == [OLD]
    assert world.gateway.others.routes[EDGE].rules[1].name == "docs"
    assert world.lost == 0


def test_an_older_model_that_wants_the_same_requests_later_stops_no_rollback() -> None:
    async def joined(world: World) -> None:
        world.add(a_model("archive"))
        await at_half(world)

        def same_host(body: Object) -> None:
            body["spec"]["traffic"]["gatewayAPI"]["hostnames"] = ["loan.example.com"]

        world.server.patch("AIModelDeployment", "lending", "archive", same_host)
        world.error_rates["8"] = 0.5

    assert played(joined).status()["phase"] == "RolledBack"


def test_requests_are_given_back_also_when_the_records_were_collected_before() -> None:
    """A deletion in the foreground takes what the model owns at once; the old Service comes up later."""

    async def collected(world: World) -> None:
        await serves(world)
        world.answers_old = False
        await asyncio.sleep(2)
        delete(world)
        for record in world.server.list("AIModelVersion"):
            world.server.delete("AIModelVersion", "lending", record["metadata"]["name"], "")
        await asyncio.sleep(30)
        world.answers_old = True

    world = played(collected, edge=True)

    assert (is_gone(world), names(world), world.lost) == (True, [OLD], 0)
    assert "RestoreWaits" in world.events.reasons


def test_requests_are_given_back_also_when_the_status_was_lost_before() -> None:
    async def lost(world: World) -> None:
        await serves(world)
        world.server.patch(
            "AIModelDeployment", "lending", "loan", lambda body: body.update(status={})
        )
        await asyncio.sleep(5)
        await serves(world)
        delete(world)

    world = played(lost, edge=True)

    assert (is_gone(world), names(world), world.lost) == (True, [OLD], 0)


def test_a_deletion_that_nobody_heard_for_long_still_waits_for_the_gateway() -> None:
    async def late(world: World) -> None:
        await serves(world)
        world.routed = False
        delete(world, ago=timedelta(minutes=10))
        await asyncio.sleep(20)
        assert world.cluster.deployments
        world.routed = True

    world = played(late, edge=True)

    assert (is_gone(world), names(world), world.lost) == (True, [OLD], 0)


def test_a_first_version_that_dies_gives_the_requests_back_until_it_is_there_again() -> None:
    seen: list[list[str]] = []

    async def died(world: World) -> None:
        await until(lambda: world.status().get("rollout", {}).get("step") == 2)
        world.running = False
        await asyncio.sleep(10)
        refs = world.gateway.others.routes[EDGE].taken[0].refs
        seen.append([ref["name"][:8] for ref in refs if ref.get("weight", 1) > 0])
        world.running = True

    world = played(died, edge=True)

    assert seen == [[OLD]]
    assert world.status()["phase"] == "Probation"
    assert names(world) == ["loan-7-7"]


def test_another_version_that_is_wanted_during_the_adoption_takes_over_instead() -> None:
    async def changed(world: World) -> None:
        await until(lambda: world.status().get("rollout", {}).get("step") == 2)
        world.want("8")

    world = played(changed, edge=True)

    assert (world.status()["phase"], world.status()["versions"]["stable"]) == ("Probation", "8")
    assert world.lost == 0


def test_the_way_back_is_open_while_a_stranger_is_in_the_rule() -> None:
    async def reverted(world: World) -> None:
        await at_half(world)
        (rule,) = world.gateway.others.routes[EDGE].rules
        stranger = {"name": "stranger", "port": 80, "weight": 5}
        set_rules(world, replace(rule, refs=(*rule.refs, stranger)))
        await asyncio.sleep(5)
        world.want("7")

    world = played(reverted, edge=True)

    assert world.canary_weight == 0
    assert "stranger" in names(world)
    conditions = {c["type"]: c["reason"] for c in world.status()["conditions"]}
    assert conditions["Ready"] == conditions["Stalled"] == "ForeignBackend"


def test_a_version_that_gave_its_requests_back_keeps_its_place_until_the_last_ones_are_answered() -> (
    None
):
    waited: list[float] = []

    async def deleted(world: World) -> None:
        await serves(world)
        delete(world)
        await until(lambda: shares_of(world.gateway.others.routes[EDGE].taken[0].refs).get(OLD))
        given = world.clock.monotonic()
        await until(lambda: names(world) == [OLD])
        waited.append(world.clock.monotonic() - given)

    world = played(deleted, edge=True)

    assert is_gone(world)
    assert waited[0] >= DRAIN.total_seconds()
