"""Whoever writes a model's route: it is put back at once where it leads people to whom nobody should be led."""

import asyncio

from knowngood.control.ports import Key, WorkloadSeen
from knowngood.decisions.naming import child_name
from tests.control.manifests import Object
from tests.control.process import played, until
from tests.control.world import LOAN, World

SEVEN, EIGHT, NINE = (child_name("loan", version) for version in "789")


def freeze(body: Object) -> None:
    body["metadata"]["annotations"] = {"knowngood.dev/freeze": "quarter end"}


async def serves(world: World, version: str = "7") -> None:
    await until(lambda: (world.status().get("versions") or {}).get("stable") == version)


def test_a_breach_takes_the_requests_away_also_where_somebody_has_given_them_three_times() -> None:
    """The share was taken back to 0, and a tool gives it again and again; then the version turns bad."""

    async def story(world: World) -> None:
        await serves(world)
        world.want("8")
        await until(lambda: world.canary_weight)
        await asyncio.sleep(1)
        world.command("undo 8")
        await until(lambda: not world.canary_weight)
        await asyncio.sleep(5)
        for _ in range(3):
            world.lead({SEVEN: 50, EIGHT: 50})
            await asyncio.sleep(5)
        assert world.condition("Stalled") == "True RouteContested"
        world.error_rates["8"] = 0.5

    world = played(story, seconds=170)

    assert world.led.get(EIGHT, 0) == 0
    assert world.record("8")["standing"] == "Rejected"


def test_weights_that_lead_to_nobody_are_put_back_also_while_frozen() -> None:
    async def story(world: World) -> None:
        await serves(world)
        world.want("8")
        await serves(world, "8")
        world.want("9")
        await serves(world, "9")
        await asyncio.sleep(60)  # version 7 is retired: its Deployment is gone
        world.edit(freeze)
        await asyncio.sleep(5)
        world.lead({SEVEN: 100})
        await asyncio.sleep(30)

    world = played(story, seconds=220)

    assert world.led[NINE] == 100


def test_a_route_that_is_deleted_three_times_is_written_again() -> None:
    async def story(world: World) -> None:
        await serves(world)
        for _ in range(3):
            await asyncio.sleep(20)
            world.lead(None)

    world = played(story, seconds=150)

    assert world.led == {SEVEN: 100}


def test_a_rejected_version_that_nobody_names_any_more_is_not_left_in_the_route() -> None:
    async def story(world: World) -> None:
        world.error_rates["8"] = 0.5
        await serves(world)
        world.want("8")
        await until(lambda: world.status()["phase"] == "RolledBack")
        await asyncio.sleep(5)
        world.want("9")
        await serves(world, "9")
        await asyncio.sleep(60)
        world.edit(freeze)
        await asyncio.sleep(5)
        world.lead({EIGHT: 50, NINE: 50})
        await asyncio.sleep(30)

    world = played(story, seconds=220)

    assert world.record("8")["standing"] == "Rejected"
    assert EIGHT not in world.led


def test_a_rejected_version_whose_pods_are_the_users_own_does_not_answer_by_hand() -> None:
    listed = [{"version": v, "name": f"loan-v{v}", "port": 80} for v in "789"]

    async def story(world: World) -> None:
        world.edit(lambda body: body["spec"].update(serving={"services": listed}))
        for v in "789":
            world.cluster.deployments["lending", f"loan-v{v}"] = (
                LOAN,
                WorkloadSeen(f"loan-v{v}", v, 2),
            )
        world.error_rates["8"] = 0.5
        await serves(world)
        world.want("8")
        await until(lambda: world.status()["phase"] == "RolledBack")
        await asyncio.sleep(5)
        world.want("9")
        await serves(world, "9")
        await asyncio.sleep(60)
        world.lead({"loan-v8": 100})  # the incident of 8 is open still, so weights are kept
        await asyncio.sleep(30)

    world = played(story, seconds=300)

    assert "loan-v8" not in world.led


def test_a_service_of_nobodys_version_that_a_person_leads_to_is_kept_while_it_can_answer() -> None:
    """A manual fallback, while rollouts are frozen."""

    async def story(world: World) -> None:
        await serves(world)
        await asyncio.sleep(5)
        world.edit(freeze)
        review = WorkloadSeen("manual-review", "", 1)
        world.cluster.deployments["lending", review.name] = (Key("lending", "other"), review)
        await asyncio.sleep(10)
        world.lead({"manual-review": 100})
        await asyncio.sleep(60)

    world = played(story, seconds=120)

    assert world.led == {"manual-review": 100}
    assert world.condition("Available") == "True Serving"
    assert world.condition("Ready") == "False RouteOverridden"


def test_weights_that_are_changed_while_a_pass_is_under_way_are_not_put_back_in_silence() -> None:
    """It had seen the route before, and writes it after."""

    def in_the_middle(world: World) -> None:
        def change(kind: str, _: str, body: Object) -> None:
            if kind == "AIModelDeployment" and body["status"]["rollout"].get("paused"):
                stop()
                world.lead({SEVEN: 10, EIGHT: 90})

        stop = world.server.watch(change)

    async def story(world: World) -> None:
        await serves(world)
        world.want("8")
        await until(lambda: world.canary_weight)
        await asyncio.sleep(1)
        asked_for = dict(world.led)
        in_the_middle(world)
        world.command("pause 8")
        await until(lambda: "RouteDrifted" in world.events.reasons)
        await until(lambda: dict(world.led) == asked_for)

    played(story, seconds=60)
