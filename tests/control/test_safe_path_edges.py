"""The safe path in routes of somebody else, and what people do to a route meanwhile."""

import asyncio

from knowngood.api.v1alpha1.safe_path import SAFE_PATH
from tests.control.manifests import a_policy
from tests.control.process import Killed, Process, played, until
from tests.control.safe_paths import has_safe_path
from tests.control.stories import answer, waits
from tests.control.test_foreign_routes import put_refs, refs
from tests.control.test_probation import told
from tests.control.virtual_time import run
from tests.control.world import EDGE, OLD, REVIEW, World, shares_of

SAFELY = {REVIEW: 100}


async def on_safe_path(world: World) -> None:
    """The only version fails; nobody else is asked."""
    await until(lambda: world.status().get("phase") == "Probation")
    world.attest("7")
    has_safe_path(world)
    trigger = {
        "name": "errors",
        "signal": {"name": "errors"},
        "roles": ["Stable"],
        "test": {"threshold": {"above": "0.05", "window": "1m", "minSamples": 50}},
    }
    response = {"name": "s", "when": {"roles": ["Stable"]}, "actions": [{"safePath": {}}]}
    spec = a_policy(triggers=[trigger], responses=[response])["spec"]
    world.server.patch("IncidentPolicy", "lending", "lending", lambda body: body.update(spec=spec))
    await asyncio.sleep(15)
    world.error_rates["7"] = 0.3
    await until(lambda: waits(world))
    answer(world, "alice")
    await until(lambda: world.condition("SafePath") == "True SafePathAnswers")


def leads(world: World) -> dict[str, int]:
    shares = shares_of(refs(world))
    return {name: share for name, share in shares.items() if share}


def test_a_route_of_somebody_else_leads_there_and_back() -> None:
    async def story(world: World) -> None:
        await on_safe_path(world)
        assert leads(world) == SAFELY
        await asyncio.sleep(5)
        world.command("restore 7")
        await until(lambda: "safePath" not in world.status())

    world = played(story, seconds=300, edge=True)

    assert world.lost == 0
    assert world.reviewed > 0
    assert [ref["name"][:6] for ref in refs(world)] == ["loan-7"]


def test_a_process_that_dies_before_it_has_taken_it_out_leaves_no_stranger_behind() -> None:
    """From that write on the status does not name it among the shares, and the route still does."""

    async def one_after_the_other() -> World:
        world = World(edge=True)
        living = asyncio.create_task(world.live())
        first = Process(world)

        def die(_: int) -> None:
            status = world.status()
            shares = [b["version"] for b in (status.get("traffic") or {}).get("backends", ())]
            left = (status.get("safePath") or {}).get("step") == "Left"
            if left and SAFE_PATH not in shares and first.line.broken is None:
                first.line.broken = Killed()
                first.dead.set()
                raise first.line.broken

        first.line.after = die
        running = asyncio.create_task(first.run())
        await on_safe_path(world)
        world.command("restore 7")
        await first.dead.wait()
        await asyncio.gather(running, return_exceptions=True)
        assert REVIEW in shares_of(refs(world))
        second = asyncio.create_task(Process(world).run())
        await until(lambda: "safePath" not in world.status())
        for task in (second, living):
            task.cancel()
        await asyncio.gather(second, living, return_exceptions=True)
        return world

    world = run(one_after_the_other())

    assert [ref["name"][:6] for ref in refs(world)] == ["loan-7"]
    assert world.lost == 0


def test_a_model_that_is_deleted_meanwhile_gives_the_route_back_as_it_was() -> None:
    async def story(world: World) -> None:
        await on_safe_path(world)
        world.server.delete("AIModelDeployment", "lending", "loan", world.clock.now().isoformat())
        await until(lambda: world.server.get("AIModelDeployment", "lending", "loan") is None)

    world = played(story, seconds=400, edge=True)

    assert refs(world) == ({"name": OLD, "port": 80},)
    assert world.gateway.others.routes[EDGE].claimant == ""
    assert world.lost == 0


def test_weights_that_somebody_sets_meanwhile_are_kept_and_put_back_by_a_word() -> None:
    async def story(world: World) -> None:
        await on_safe_path(world)
        put_refs(world, *({**r, "weight": 100 - r["weight"]} for r in refs(world)))
        await until(lambda: bool(told(world, "RouteOverridden")))
        await asyncio.sleep(150)  # longer than a gateway may take to follow
        assert leads(world) != SAFELY
        assert world.condition("Available") == "False ServingBreached"
        world.command("release 7")
        await until(lambda: leads(world) == SAFELY)
        await asyncio.sleep(5)

    world = played(story, seconds=500, edge=True)

    assert leads(world) == SAFELY
    assert world.condition("Available") == "True SafePathAnswers"


def test_nothing_happens_while_the_model_is_suspended() -> None:
    async def story(world: World) -> None:
        await on_safe_path(world)
        world.edit(lambda body: body["spec"].update(suspend=True))
        await until(lambda: world.status()["phase"] == "Suspended")
        world.reviews = False
        await asyncio.sleep(20)
        assert leads(world) == SAFELY
        world.edit(lambda body: body["spec"].update(suspend=False))
        await until(lambda: leads(world) != SAFELY)

    world = played(story, seconds=400, edge=True)

    assert [name[:6] for name in leads(world)] == ["loan-7"]


def test_weights_by_hand_are_told_as_harm_and_it_is_over_when_they_are_put_back() -> None:
    async def story(world: World) -> None:
        await on_safe_path(world)
        await asyncio.sleep(30)
        put_refs(world, *({**r, "weight": 100 - r["weight"]} for r in refs(world)))
        await until(lambda: contained(world) != ("Contained", "Verified"))
        await asyncio.sleep(90)  # long enough to be found to be bad once more
        world.command("release 7")
        await until(lambda: leads(world) == SAFELY)
        await until(lambda: contained(world) == ("Contained", "Verified"), within=120)
        await asyncio.sleep(60)

    world = played(story, seconds=600, edge=True)

    assert leads(world) == SAFELY
    assert contained(world) == ("Contained", "Verified")


def contained(world: World) -> tuple[str, str]:
    (incident,) = world.server.list("Incident")
    return incident["status"]["phase"], incident["status"]["containment"]
