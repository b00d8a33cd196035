"""What the steps say of what signals have counted, under a running operator."""

import asyncio
from collections.abc import Callable
from collections.abc import Set as AbstractSet

import pytest

from knowngood.decisions.playbook.objects import CronJobSeen
from tests.control.looked_into import (
    PRESETS,
    counting,
    said,
    serves_beside,
    states,
    steps,
)
from tests.control.manifests import a_policy, a_template, a_trigger
from tests.control.process import Process, until
from tests.control.test_probation import played
from tests.control.world import World

AGE = a_template(
    "feature-age",
    value={"query": "max by (namespace, service) (age)"},
    identity={"by": "Service"},
    playbook={"step": "UpstreamFreshness"},
)


def broken(
    world: World,
    moved: dict[str, set[str]],
    faults: AbstractSet[str] = frozenset(),
    *,
    before: Callable[[], None] = lambda: None,
    seconds: float = 400,
) -> World:
    """Version 8 serves for minutes; then features move, what reaches it breaks, and every version fails."""
    drifting: dict[str, set[str]] = {}
    wrong: set[str] = set()

    async def acts(world: World, _: Process) -> None:
        counted = asyncio.create_task(counting(world, drifting, wrong))
        await serves_beside(world, [], wait=200)
        before()
        drifting.update(moved)
        wrong.update(faults)
        world.error_rates |= {"7": 0.3, "8": 0.3}
        await until(lambda: bool(states(world)) and "Running" not in states(world).values())
        counted.cancel()

    played(world, seconds, acts)
    return world


def a_world() -> World:
    world = World()
    for template in PRESETS:
        world.add(template)
    return world


def test_features_that_moved_at_every_version_speak_for_what_feeds_them() -> None:
    world = broken(a_world(), {"7": {"income"}, "8": {"income"}}, {"income"})

    assert states(world)["feature-distributions"] == "Found"
    text = said(world, "feature-distributions")
    assert text.startswith("1 of 3 features have moved at version 8 (")
    assert "income (PSI " in text
    assert "age" not in text
    assert "at version 7, which is asked the same, income moved too" in text
    assert states(world)["pipeline-integrity"] == "Found"
    text = said(world, "pipeline-integrity")
    assert "requests reach it as before" in text
    assert "more requests come with something wrong: income (0.0 % to " in text
    assert "at version 7, which is asked the same, income too: that speaks for the pipeline" in text
    assert "errors has moved at version 7 too" in text


def test_features_that_moved_at_one_version_speak_for_that_version() -> None:
    world = a_world()
    # A preset, and somebody's own template that reads the same: no feature is told twice.
    world.add(a_template("own-features", **PRESETS[0]["spec"]))
    broken(world, {"8": {"debt"}})

    text = said(world, "feature-distributions")
    assert text.startswith("1 of 3 features have moved at version 8 (")
    assert "debt (PSI " in text
    assert "they were not seen to move: that speaks for version 8 itself" in text


def test_features_that_did_not_move_are_not_named() -> None:
    world = broken(a_world(), {})

    assert states(world)["feature-distributions"] == "Passed"
    assert said(world, "feature-distributions").startswith(
        "none of 3 features has moved at version 8 ("
    )
    assert "none of 3 shares of requests with something wrong has risen" in said(
        world, "pipeline-integrity"
    )


def test_without_signals_a_step_says_which_ones_would_make_it_possible() -> None:
    world = broken(World(), {})

    assert states(world)["feature-distributions"] == "Skipped"
    assert "knowngood-features" in said(world, "feature-distributions")
    assert states(world)["upstream-freshness"] == "Skipped"
    assert "knowngood-feature-age" in said(world, "upstream-freshness")
    assert "requests reach it as before" in said(world, "pipeline-integrity")


@pytest.mark.parametrize(("limit", "state"), [("3600", "Found"), ("90000", "Passed")])
def test_data_that_is_older_than_a_policy_allows_is_told(limit: str, state: str) -> None:
    world = World()
    world.add(AGE)
    old = a_trigger("too-old", "feature-age", threshold={"above": limit})
    world.add(a_policy("feeds", mode="Observe", triggers=[{**old, "roles": ["Stable"]}]))

    def ages() -> None:
        (service,) = {
            seen.name for _, seen in world.cluster.deployments.values() if seen.version == "8"
        }
        labels = {"namespace": "lending", "service": service}
        world.signals.values[AGE["spec"]["value"]["query"]] = ((labels, 7200.0),)

    broken(world, {}, before=ages)

    assert states(world)["upstream-freshness"] == state
    assert f"7200 s old, and a policy allows {limit} s" in said(world, "upstream-freshness")


def test_a_feed_whose_latest_run_failed_is_told() -> None:
    world = World()

    def job() -> None:
        now = world.clock.now()
        world.objects.jobs["lending"] = (CronJobSeen("nightly", scheduled=now),)
        feeds = [{"cronJobRef": {"name": name}} for name in ("nightly", "nowhere")]
        world.edit(lambda body: body["spec"].update(feeds=feeds))

    broken(world, {}, before=job)

    assert states(world)["upstream-freshness"] == "Found"
    text = said(world, "upstream-freshness")
    assert "CronJob nightly: its latest run was not seen to succeed" in text
    assert "CronJob nowhere is not there" in text


def test_one_model_asks_a_source_one_question_at_a_time() -> None:
    world = a_world()
    broken(world, {"8": {"age"}})

    asked = [q for q in world.signals.asked if "increase(" in q.promql]
    assert steps(world)
    assert len(asked) <= 12
    assert all('namespace="lending"' in q.promql for q in asked)
