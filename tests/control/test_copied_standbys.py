"""Copies for the version that stands by, under a running operator: nobody meets its answers, none is left behind."""

import asyncio
from typing import Any

import pytest

from knowngood.decisions.gateways import GatewaySupport, Parent, Support
from tests.control.process import played, until
from tests.control.test_routes_by_hand import EIGHT, SEVEN, serves
from tests.control.world import LOAN, World


def copied(world: World) -> dict[str, int]:
    """Who gets copies now, by Service, in percent."""
    return dict(world.gateway.copied.get(LOAN, {}))


async def stands_by(world: World, percent: int = 40) -> None:
    """Version 8 serves, and version 7 is known good, stands by and is to get copies."""

    def asked(body: Any) -> None:
        body["spec"]["shadow"] = {"standby": "Warm", "mirrorPercent": percent}
        body["spec"]["mirror"] = {"sideEffects": "None"}

    world.edit(asked)
    await until(lambda: world.record("7").get("standing") == "Probation")
    world.attest("7")
    await asyncio.sleep(5)
    world.want("8")
    await serves(world, "8")


def test_a_standby_gets_copies_once_the_last_requests_are_answered_and_nobody_is_lost() -> None:
    seen: list[dict[str, int]] = []

    async def story(world: World) -> None:
        await stands_by(world)
        seen.append(copied(world))
        await until(lambda: copied(world))

    world = played(story, seconds=150)

    assert seen == [{}]
    assert copied(world) == {SEVEN: 40}
    assert world.led == {EIGHT: 100, SEVEN: 0}
    assert (world.lost, world.copies_lost) == (0, 0)
    assert world.prober.tried == [Parent("lending", "public")]
    assert world.events.reasons.count("MirrorSet") == 1
    backends = {b["version"]: b.get("mirrorPercent") for b in world.status()["traffic"]["backends"]}
    assert backends == {"8": None, "7": 40}
    assert world.condition("Ready") == "True Serving"


def test_a_rollout_has_the_mirror_for_itself_and_the_standby_gets_it_back() -> None:
    seen: list[dict[str, int]] = []

    async def story(world: World) -> None:
        await stands_by(world)
        await until(lambda: copied(world))
        world.edit(
            lambda body: body["spec"]["rollout"].update(
                steps=[{"setMirror": 100}, {"pause": {"duration": "10s"}}, {"setWeight": 50}]
            )
        )
        world.error_rates["9"] = 0.5
        world.want("9")
        while world.status()["phase"] != "RolledBack":
            if copied(world) and copied(world) not in seen:
                seen.append(copied(world))
            await asyncio.sleep(0.05)
        assert SEVEN not in copied(world)
        await until(lambda: SEVEN in copied(world))

    world = played(story, seconds=300)

    assert seen[0] == {SEVEN: 40}
    assert len(seen) == 2
    assert all(len(one) == 1 for one in seen)
    assert copied(world) == {SEVEN: 40}
    assert world.status()["phase"] == "RolledBack"
    assert (world.lost, world.copies_lost) == (0, 0)


@pytest.mark.parametrize("how", ["not harmless any more", "nobody stands by", "revoked", "undone"])
def test_copies_end_and_stay_ended(how: str) -> None:
    async def story(world: World) -> None:
        await stands_by(world)
        await until(lambda: copied(world))
        if how == "not harmless any more":
            world.edit(lambda body: body["spec"].pop("mirror"))
        elif how == "nobody stands by":
            world.edit(lambda body: body["spec"].update(shadow={"standby": "None"}))
        elif how == "revoked":
            world.command("revoke 7")
        else:
            world.command("undo 8")

    world = played(story, seconds=150)

    assert copied(world) == {}
    assert set(world.led) <= {SEVEN, EIGHT}
    assert world.lost == 0
    assert world.copies_lost == 0
    backends = world.status()["traffic"]["backends"]
    assert all("mirrorPercent" not in b for b in backends)


def test_a_gateway_that_can_not_is_never_asked_and_the_field_is_named() -> None:
    async def story(world: World) -> None:
        world.prober.support = GatewaySupport(Support.NO, Support.NO, message="it answered 500")
        await stands_by(world)

    world = played(story, seconds=120)

    told = [n.message for n in world.events.told.values() if n.reason == "MirrorUnsupported"]
    assert len(told) == 1
    assert told[0].startswith("spec.shadow.mirrorPercent: it answered 500")
    assert copied(world) == {}
    assert world.condition("Ready") == "True Serving"
    assert len(world.prober.tried) == 1
