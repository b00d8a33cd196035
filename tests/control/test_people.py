"""What a process was told when it started decides whether it believes who people say they are."""

import asyncio
from typing import Any

import pytest

from tests.control.process import Process, during
from tests.control.virtual_time import run
from tests.control.world import World

ACKNOWLEDGED: dict[str, Any] = {
    "apiVersion": "knowngood.dev/v1alpha1",
    "kind": "Incident",
    "metadata": {"name": "gone-1", "namespace": "lending"},
    "spec": {
        "modelRef": {"name": "gone", "uid": "u9"},
        "origin": "Manual",
        "acknowledgement": {"by": "alice"},
    },
}


def heard(*, people_proved: bool) -> tuple[str, str]:
    """Who gave a command, and who acknowledged an incident, as it was written down."""
    world = World()
    world.add(ACKNOWLEDGED)

    async def play() -> None:
        process = Process(world, people_proved=people_proved)
        living = asyncio.create_task(during(world, process, seconds=10))
        await asyncio.sleep(5)
        world.command("abort 7", by="alice")
        await living

    run(play())
    incident = world.server.get("Incident", "lending", "gone-1")
    assert incident is not None
    return world.status()["lastCommand"]["by"], incident["status"]["timeline"][-1]["text"]


@pytest.mark.parametrize(
    ("people_proved", "words"),
    [
        (True, ("alice", "acknowledged by alice")),
        (False, ("unverified", "acknowledged by alice (unverified)")),
    ],
)
def test_names_are_believed_where_the_setting_says_that_they_are_proved(
    people_proved: bool,  # noqa: FBT001  - a table's column
    words: tuple[str, str],
) -> None:
    assert heard(people_proved=people_proved) == words
