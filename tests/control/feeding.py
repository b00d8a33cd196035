"""A model whose feeds are suspended when it turns bad, as stories tell of it."""

import asyncio
from typing import Any

from tests.control.manifests import Object, a_policy
from tests.control.process import until
from tests.control.world import World

FEED = "nightly"
SERVES = {
    "name": "errors",
    "signal": {"name": "errors"},
    "roles": ["Stable"],
    "test": {"threshold": {"above": "0.05", "window": "1m", "minSamples": 50}},
}


def asks(mode: str, **more: Any) -> Object:
    return {"action": "SuspendFeed", "mode": mode, **more}


def says(*approval: Object, actions: tuple[str, ...] = ("suspendFeed",), **spec: Any) -> Object:
    """What a policy says that wants the feeds suspended."""
    done: list[Object] = [{action: {}} for action in actions]
    response = {"name": "feeds", "when": {"roles": ["Stable"]}, "actions": done}
    more: Object = {"approval": list(approval)} if approval else {}
    policy: Object = a_policy(triggers=[SERVES], responses=[response], **more, **spec)["spec"]
    return policy


def is_fed(world: World, *names: str) -> None:
    """Give the model feeds: CronJobs that run."""
    for name in names or (FEED,):
        world.feeds.put("lending", "cronjobs", name, "false", running=(f"{name}-1",))
    feeds = [{"cronJobRef": {"name": name}} for name in names or (FEED,)]
    world.edit(lambda body: body["spec"].update(feeds=feeds))


async def turns_bad(world: World, *approval: Object, **spec: Any) -> None:
    """What serves turns bad after a while, and a policy wants its feed suspended."""
    policy = says(*approval, **spec)
    world.server.patch("IncidentPolicy", "lending", "lending", lambda b: b.update(spec=policy))
    await until(lambda: world.status().get("phase") == "Probation")
    await asyncio.sleep(5)
    world.error_rates["7"] = 0.3


def answer(world: World, by: str, decision: str = "Approve", number: int = 1) -> None:
    """Say something to what the last incident asks about a feed, as a person does."""
    name = f"loan-{number}"
    body = world.server.get("Incident", "lending", name) or {}
    (action,) = [a for a in body["status"]["actions"] if a["state"] == "Waiting" and "feed" in a]

    def change(found: Object) -> None:
        said = {"actionId": action["id"], "decision": decision, "by": by}
        found["spec"]["approvals"] = [*found["spec"].get("approvals", []), said]

    world.server.patch("Incident", "lending", name, change)


def held(world: World, name: str = FEED) -> Object:
    """What the status says of a feed; empty where it says nothing."""
    feeds = world.status().get("feeds", ())
    return next((feed for feed in feeds if feed["name"] == name), {})


def value(world: World, name: str = FEED) -> str | None:
    """The field of a feed's object."""
    return world.feeds.objects["lending", "cronjobs", name].value


def by(world: World, name: str = FEED) -> str:
    """Who says that he has suspended it."""
    return world.feeds.objects["lending", "cronjobs", name].by


def incident(world: World, number: int = 1) -> Any:
    return (world.server.get("Incident", "lending", f"loan-{number}") or {}).get("status") or {}


def states(world: World) -> list[tuple[str, str]]:
    return [(a["type"], a["state"]) for a in incident(world).get("actions", ())]


def texts(world: World) -> list[str]:
    return [entry["text"] for entry in incident(world)["timeline"]]


def is_waiting(world: World) -> bool:
    """Whether people are asked about a feed, and can read it."""
    return ("SuspendFeed", "Waiting") in states(world)


async def suspended(world: World) -> None:
    """The feed is suspended because a person has approved it."""
    is_fed(world)
    await turns_bad(world)
    await until(lambda: is_waiting(world))
    await asyncio.sleep(3)
    answer(world, "alice")
    await until(lambda: held(world).get("state") == "Suspended")


async def suspended_and_resumed(world: World) -> None:
    """The same, and a person has it resumed."""
    await suspended(world)
    await asyncio.sleep(5)
    world.command(f"resume-feed {FEED}")
    await until(lambda: held(world).get("state") == "Resumed")
