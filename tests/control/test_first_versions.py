"""The first version of a model, and a version that serves, when things around them go missing."""

import asyncio

from tests.control.manifests import Object
from tests.control.process import played, until
from tests.control.test_routes_by_hand import SEVEN, serves
from tests.control.world import EDGE, OLD, World, shares_of


def edge(world: World) -> dict[str, int]:
    """Whom the gateway sends the requests of somebody else's route to."""
    return shares_of(world.gateway.others.routes[EDGE].taken[0].refs)


def test_a_first_version_that_dies_gives_its_requests_back_also_when_another_one_is_wanted() -> (
    None
):
    async def story(world: World) -> None:
        await until(lambda: edge(world).get(SEVEN) == 100)
        assert world.status()["phase"] == "Initializing"
        await asyncio.sleep(1)
        world.running = False
        world.want("8")

    world = played(story, seconds=40, edge=True)

    assert edge(world).get(OLD) == 100


def test_a_first_version_that_never_starts_is_said_to_be_stalled() -> None:
    async def story(world: World) -> None:
        world.running = False
        await until(lambda: world.condition("Stalled"))
        assert world.condition("Stalled") == "True ProgressDeadlineExceeded"
        assert world.condition("Reconciling") == ""
        world.running = True

    world = played(story, seconds=1000)

    assert world.condition("Ready") == "True Serving"


def test_ready_says_no_where_the_version_that_answers_has_no_pod() -> None:
    async def story(world: World) -> None:
        await serves(world)
        await asyncio.sleep(5)
        world.running = False
        await asyncio.sleep(60)
        for kind in ("Available", "Ready"):
            assert world.condition(kind) == "False NoEndpoints"
        assert world.condition("Reconciling") == "True NoEndpoints"
        world.running = True

    world = played(story, seconds=100)

    assert world.condition("Ready") == "True Serving"


def test_a_version_that_serves_is_recorded_anew_when_its_record_is_deleted() -> None:
    def scale(body: Object) -> None:
        body["spec"]["serving"]["deployment"]["replicas"] = 5

    async def story(world: World) -> None:
        await serves(world)
        await asyncio.sleep(5)
        world.server.delete("AIModelVersion", "lending", SEVEN, "")
        await asyncio.sleep(60)
        world.edit(scale)

    world = played(story, seconds=100)

    assert world.record("7")["standing"] == "Probation"
    assert world.cluster.deployments["lending", SEVEN][1].replicas == 5


def empty(body: Object) -> None:
    """Take a model's status away."""
    del body["status"]


def test_deletion_of_a_model_whose_status_was_lost_gives_the_adopted_service_its_requests() -> None:
    async def story(world: World) -> None:
        await serves(world)
        await asyncio.sleep(5)
        world.want("8")
        await until(lambda: world.canary_weight)
        await asyncio.sleep(1)
        world.edit(empty)
        await asyncio.sleep(5)
        assert world.condition("Stalled") == "True StateLost"
        at = world.clock.now().isoformat()
        world.server.delete("AIModelDeployment", "lending", "loan", at)

    world = played(story, seconds=400, edge=True)

    assert world.server.get("AIModelDeployment", "lending", "loan") is None
    assert edge(world) == {OLD: 100}
