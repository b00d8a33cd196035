"""A version that was rolled out is judged again, beside the one that served: as at one step that does not end."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import VerdictKind
from knowngood.rehearsal.told import Matter, Rehearsed
from tests.control.process import played, until
from tests.control.world import World
from tests.rehearsal.past import objects, replayed


def a_rollout(rate: float) -> World:
    """Version 7 serves with 1 % errors, and 8 is rolled out with others."""

    async def story(world: World) -> None:
        world.error_rates |= {"7": 0.01, "8": rate}
        world.edit(
            lambda body: body["spec"]["rollout"].update(steps=[{"setWeight": 20}, {"pause": {}}])
        )
        await until(lambda: world.status().get("phase") == "Probation")
        world.want("8")

    return played(story, seconds=240)


@pytest.fixture(scope="module")
def bad() -> World:
    return a_rollout(0.2)


def again(world: World) -> Rehearsed:
    begins = datetime.fromisoformat(rollout(world)["evidenceSince"])
    return replayed(objects(world), world.signals, begins=begins, rollout="8")


def rollout(world: World) -> Any:
    return world.status()["rollout"]


def test_a_bad_canary_is_taken_back_at_the_same_numbers(bad: World) -> None:
    failure, found = rollout(bad)["failure"], again(bad)

    (act,) = found.acts
    assert (found.stable, found.rollout, act.moves) == ("7", "8", True)
    counts = failure["message"].partition(" against ")[0]
    assert "errors of version 8 is 0.1875 (9 of 48)" in counts
    assert counts in act.text
    assert act.onset == datetime.fromisoformat(failure["onset"])
    assert abs(act.at - datetime.fromisoformat(failure["detectedAt"])) < timedelta(seconds=1)
    assert Matter.DONE in {entry.matter for entry in found.entries}
    assert [t.verdict for t in found.triggers] == [VerdictKind.BREACHED]
    assert found.incident is not None
    assert found.incident["status"]["containment"] == "Pending"


def test_a_good_canary_is_left_alone_and_not_promoted() -> None:
    found = again(a_rollout(0.01))

    assert (found.acts, found.incident, found.until) == ((), None, found.ends)
    assert [t.verdict for t in found.triggers] == [VerdictKind.HEALTHY]
    assert "which share version 8 had is not known" in " ".join(found.notes)
