"""The safe path under a running operator, told to its end: how many were harmed, and how it was seen to be over."""

import asyncio
from datetime import datetime
from typing import Any

from tests.control.process import played, until
from tests.control.safe_paths import on_safe_path
from tests.control.stories import turns_bad
from tests.control.test_safe_path import incident
from tests.control.virtual_time import EPOCH
from tests.control.world import REQUESTS, World


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() - EPOCH.timestamp()


def test_it_says_how_many_were_harmed_up_to_the_containment_and_by_which_numbers_it_is_over() -> (
    None
):
    said: dict[str, Any] = {}

    async def story(world: World) -> None:
        """Both versions are mended while people decide, and a person gives the requests back."""
        await on_safe_path(world)
        await until(lambda: "decisions" in incident(world)["affected"])
        said.update(incident(world))
        world.error_rates["7"] = world.error_rates["8"] = 0.0
        await asyncio.sleep(30)
        world.command("undo 8", by="alice")
        await until(lambda: incident(world)["phase"] == "Eradicated")
        await asyncio.sleep(30)

    world = played(story, seconds=700)

    before, after = said["affected"], incident(world)["affected"]
    assert before["to"] == said["clocks"]["contained"]
    assert after == before, "what the version answers since it was mended is not in doubt"
    lasted = seconds(before["to"]) - seconds(before["from"])
    assert abs(before["decisions"]["atLeast"] - REQUESTS * lasted) <= 2 * REQUESTS

    texts = [entry["text"] for entry in incident(world)["timeline"]]
    (over,) = [text for text in texts if text.startswith("what was found about version 8 is over")]
    assert "is Healthy again: errors is 0.0 % (0 of " in over
    (healthy,) = [e for e in incident(world)["evidence"] if e["verdict"] == "Healthy"]
    assert healthy["message"] == over
    assert healthy["events"] == 0
    assert any("seen to send all requests to version 8, and none to" in text for text in texts)


def test_answers_of_the_version_that_took_over_are_not_counted_as_those_in_doubt() -> None:
    """What is counted of a version that served ends with the shift, so there is no honest number."""

    async def story(world: World) -> None:
        await turns_bad(world)
        await until(lambda: world.status()["phase"] == "Contained")
        await asyncio.sleep(60)

    world = played(story, seconds=400)

    affected = incident(world)["affected"]
    assert incident(world)["containment"] == "Verified"
    assert (affected["versions"], "to" in affected) == (["8"], True)
    assert "decisions" not in affected
