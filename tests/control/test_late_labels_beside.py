"""What becomes known long after the decision compares no two versions, also not after a promotion."""

import asyncio

from tests.control.manifests import a_trigger
from tests.control.process import Process, until
from tests.control.stories import hold_back
from tests.control.test_probation import played
from tests.control.world import World


def test_labels_that_come_late_do_not_compare_a_promoted_version_with_the_earlier_one() -> None:
    """Those of the version that has served for longer are riper."""
    world = World()
    hold_back(world, 10, "10m")
    late = {**a_trigger(), "roles": ["Canary", "Stable"]}

    def name_it(body: dict[str, object]) -> None:
        body["spec"]["triggers"] = [late]  # type: ignore[index]  # a manifest

    def delay(body: dict[str, object]) -> None:
        body["spec"]["delayed"] = True  # type: ignore[index]  # a manifest

    async def story(world: World, _: Process) -> None:
        world.server.patch("IncidentPolicy", "lending", "lending", name_it)
        await asyncio.sleep(10)
        world.want("8")
        await until(lambda: world.held)
        world.server.patch("ClusterSignalTemplate", "", "errors", delay)
        await asyncio.sleep(5)
        world.error_rates["8"] = 0.5

    played(world, 150, story)

    assert world.record("8")["standing"] == "Probation"
    assert not world.status().get("servingBreaches")
