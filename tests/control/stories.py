"""What happens to a model, told in virtual time: the stories that are told again with a death after each write."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.control.manifests import Object, a_policy
from tests.control.process import until
from tests.control.world import World

Story = Callable[[World], Awaitable[None]]


async def promoted(world: World) -> None:
    await asyncio.sleep(10)
    world.want("8")


async def earned(world: World) -> None:
    """Version 8 is seen for long enough after its promotion, and is known good."""

    def change(body: Object) -> None:
        body["spec"]["rollout"]["probation"] = {"duration": "30s", "minDecisions": 500}

    world.edit(change)
    await promoted(world)
    await until(lambda: world.record("8").get("standing") == "KnownGood")
    assert world.record("8")["baselines"]


def hold_back(world: World, percent: int = 10, duration: str = "30s", **probation: object) -> None:
    """Ask that the earlier version keeps a share while the promoted one is in probation."""

    def change(body: Object) -> None:
        asked = {"duration": duration, "minDecisions": 500, "holdback": percent, **probation}
        body["spec"]["rollout"]["probation"] = asked

    world.edit(change)


async def held_back(world: World) -> None:
    """Version 7 keeps a tenth of the requests until version 8 is known good."""
    hold_back(world)
    await promoted(world)
    await until(lambda: world.held == 10)
    await until(lambda: world.record("8").get("standing") == "KnownGood")


async def held_back_and_replaced(world: World) -> None:
    """Version 9 is wanted while version 7 keeps a tenth of the requests; later version 8 does."""
    hold_back(world)
    await promoted(world)
    await until(lambda: world.held == 10)
    await asyncio.sleep(3)
    world.want("9")


async def held_back_and_undone(world: World) -> None:
    """Version 7, which keeps a tenth of the requests, gets all of them back."""
    hold_back(world, duration="10m")
    await promoted(world)
    await until(lambda: world.held == 10)
    await asyncio.sleep(3)
    world.command("undo 8")


async def held_back_and_returned(world: World) -> None:
    """The spec goes back to version 7, which is known good and keeps a tenth of the requests."""
    hold_back(world, duration="10m")
    await until(lambda: world.record("7").get("standing") == "Probation")
    world.attest("7")
    await promoted(world)
    await until(lambda: world.held == 10)
    await asyncio.sleep(3)
    world.want("7")


async def rolled_back(world: World) -> None:
    world.error_rates["8"] = 0.5
    await promoted(world)


async def rolled_back_and_reverted(world: World) -> None:
    """The spec goes back to 7 while the operator still rolls 8 back."""
    await rolled_back(world)
    await until(lambda: world.status()["phase"] == "RollingBack")
    world.want("7")


async def rolled_back_and_replaced(world: World) -> None:
    """Somebody has fixed it already, and wants 9."""
    await rolled_back(world)
    await until(lambda: world.status()["phase"] == "RollingBack")
    world.want("9")


async def tried_again(world: World) -> None:
    await rolled_back(world)
    await asyncio.sleep(20)
    world.error_rates["8"] = 0.0
    world.command("retry 8")


async def aborted(world: World) -> None:
    await promoted(world)
    await until(lambda: world.canary_weight)
    world.command("abort 8")


async def superseded(world: World) -> None:
    await promoted(world)
    await until(lambda: world.canary_weight)
    world.want("9")


async def returned(world: World) -> None:
    """The spec goes back from 8 to 7, which stands by and is known good."""
    world.stand_by("Warm")
    await until(lambda: world.record("7").get("standing") == "Probation")
    world.attest("7")
    await promoted(world)
    await until(lambda: world.status()["versions"]["shadow"] == "7")
    world.want("7")


async def undone(world: World) -> None:
    """A promotion is taken back when the pods of version 7 are gone already."""
    await promoted(world)
    await until(lambda: world.status().get("versions", {}).get("stable") == "8")
    await asyncio.sleep(35)
    world.command("undo 8")


async def trial_undone(world: World) -> None:
    """A rollback is undone; the fault lay elsewhere and is over."""
    await rolled_back(world)
    await asyncio.sleep(20)
    world.error_rates["8"] = 0.0
    world.command("undo 8")


async def forced(world: World) -> None:
    """A person knows better than the trigger that took version 8 back, and the errors go on."""
    await rolled_back(world)
    await asyncio.sleep(20)
    world.command("force 8")


async def deleted(world: World) -> None:
    await promoted(world)
    await asyncio.sleep(4)
    world.server.delete("AIModelDeployment", "lending", "loan", "2026-03-01T12:00:14Z")


async def rolled_back_and_deleted(world: World) -> None:
    await rolled_back(world)
    await until(lambda: world.status()["phase"] == "RolledBack")
    await asyncio.sleep(5)
    world.server.delete("AIModelDeployment", "lending", "loan", world.clock.now().isoformat())


async def adopted(world: World) -> None:
    """Version 7 takes over from a Service that answered before, through a route of somebody else."""
    await until(lambda: world.status().get("phase") == "Probation")


async def adopted_and_promoted(world: World) -> None:
    await adopted(world)
    world.want("8")


async def adopted_and_rolled_back(world: World) -> None:
    world.error_rates["8"] = 0.5
    await adopted_and_promoted(world)


async def adopted_and_deleted(world: World) -> None:
    await adopted_and_promoted(world)
    await until(lambda: world.canary_weight)
    world.server.delete("AIModelDeployment", "lending", "loan", world.clock.now().isoformat())


async def copied_and_rolled_back(world: World) -> None:
    """A bad version is found by its answers to copies."""

    def change(body: Object) -> None:
        body["spec"]["mirror"] = {"sideEffects": "None"}
        body["spec"]["rollout"]["steps"].insert(0, {"setMirror": 100})

    await asyncio.sleep(5)
    world.server.patch("AIModelDeployment", "lending", "loan", change)
    await rolled_back(world)


async def stands_by_and_is_copied(world: World) -> None:
    """A known good version is replaced, gets copies at rest, and is the one to go back to."""
    await copies_begin(world)
    await asyncio.sleep(2)
    world.command("undo 8")


async def copies_begin(world: World) -> None:
    """Version 7 is known good, is replaced, and gets copies."""

    def change(body: Object) -> None:
        body["spec"]["mirror"] = {"sideEffects": "None"}
        body["spec"]["shadow"] = {"standby": "Warm", "mirrorPercent": 40}

    world.edit(change)
    await until(lambda: world.record("7").get("standing") == "Probation")
    world.attest("7")
    await asyncio.sleep(5)
    world.want("8")
    await until(lambda: any(world.gateway.copied.values()))


async def contained(world: World) -> None:
    """What serves turns bad after a while; the known good version that answers copies takes over."""
    await turns_bad(world)
    await until(lambda: world.status()["phase"] == "Contained")


async def turns_bad(world: World, *approval: Object) -> None:
    """What serves turns bad after a while, beside a known good version that answers copies."""
    await copies_begin(world)
    trigger = {
        "name": "errors",
        "signal": {"name": "errors"},
        "roles": ["Stable"],
        "test": {"threshold": {"above": "0.05", "window": "1m", "minSamples": 50}},
    }
    shift = {"name": "s", "when": {"roles": ["Stable"]}, "actions": [{"shiftToShadow": {}}]}
    spec = a_policy(triggers=[trigger], responses=[shift], approval=list(approval))["spec"]
    world.server.patch("IncidentPolicy", "lending", "lending", lambda body: body.update(spec=spec))
    await asyncio.sleep(15)
    world.error_rates["8"] = 0.3


def answer(world: World, by: str, decision: str = "Approve", action: str = "a2") -> None:
    """Say something to what an incident asks, as a person does."""

    def change(body: Object) -> None:
        said = {"actionId": action, "decision": decision, "by": by}
        body["spec"]["approvals"] = [*body["spec"].get("approvals", []), said]

    world.server.patch("Incident", "lending", "loan-1", change)


def waits(world: World) -> bool:
    """Whether an action waits for people."""
    body = world.server.get("Incident", "lending", "loan-1") or {}
    actions = (body.get("status") or {}).get("actions", ())
    return any(action["state"] == "Waiting" for action in actions)


async def approved(world: World) -> None:
    """The same where a person has to approve it."""
    await turns_bad(world, {"action": "ShiftToShadow", "mode": "Require"})
    await until(lambda: waits(world))
    await asyncio.sleep(3)
    answer(world, "alice")
    await until(lambda: world.status()["phase"] == "Contained")


ADOPTING = (adopted_and_promoted, adopted_and_rolled_back, adopted_and_deleted)
AFTER_A_ROLLBACK = {"tried_again", "trial_undone", "forced"}
STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        promoted,
        earned,
        held_back,
        held_back_and_replaced,
        held_back_and_undone,
        held_back_and_returned,
        rolled_back,
        rolled_back_and_reverted,
        rolled_back_and_replaced,
        tried_again,
        undone,
        trial_undone,
        forced,
        aborted,
        superseded,
        returned,
        deleted,
        rolled_back_and_deleted,
        copied_and_rolled_back,
        stands_by_and_is_copied,
        contained,
        *ADOPTING,
    )
}
