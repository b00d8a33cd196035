"""Incidents about what serves that are looked into: what the stories need."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from tests.control.manifests import Object, a_template
from tests.control.process import until
from tests.control.test_contained import ABOVE, SHIFT, answered
from tests.control.test_copied_standbys import copied, stands_by
from tests.control.test_kinds import labels, pods
from tests.control.world import World

FEATURES: Final = ("income", "age", "debt")
USUAL: Final = (24, 6)
MOVED: Final = (6, 24)
"""Of 30 requests a second, how many fall into the lower bin, and how many into the upper one."""

PRESETS: Final = (
    a_template(
        "features",
        histogram={"buckets": "model_feature_bucket"},
        playbook={"step": "FeatureDistributions", "by": "feature"},
    ),
    a_template(
        "feature-faults",
        ratio={"events": "model_feature_invalid_total", "total": "model_predictions_total"},
        playbook={"step": "PipelineIntegrity", "by": "feature"},
    ),
)


def steps(world: World) -> dict[str, Object]:
    """Steps of the one incident, by name; none while there is none."""
    found = [body.get("status") or {} for body in world.server.list("Incident")]
    return {step["name"]: step for status in found for step in status.get("steps") or []}


def states(world: World) -> dict[str, str]:
    return {name: step["state"] for name, step in steps(world).items()}


def said(world: World, name: str) -> str:
    return str(steps(world)[name].get("result", ""))


async def serves_beside(
    world: World, responses: list[Object] | None = None, wait: float = 60
) -> None:
    """Version 8 serves for a while, and version 7 answers copies; a policy watches what serves."""
    await stands_by(world, 100)
    answered(world, ABOVE, SHIFT if responses is None else responses)
    await until(lambda: copied(world))
    await asyncio.sleep(wait)


async def counting(
    world: World, moved: Mapping[str, AbstractSet[str]], broken: AbstractSet[str] = frozenset()
) -> None:
    """Each pod answers 30 requests a second, and counts each feature of each, and what is wrong with them.

    Args:
        world: The pods.
        moved: Features that have moved, by version; may change at any time.
        broken: Features a third of which is missing at every version; likewise.
    """
    counters: dict[Any, float] = defaultdict(float)
    while True:
        await asyncio.sleep(1.0)
        for version, pod in pods(world):
            counters[labels("model_predictions_total", pod)] += 30
            for feature in FEATURES:
                low, high = MOVED if feature in moved.get(version, ()) else USUAL
                name = "model_feature_bucket"
                counters[labels(name, pod, feature=feature, le="1")] += low
                counters[labels(name, pod, feature=feature, le="+Inf")] += low + high
                wrong = 10 if feature in broken else 0
                counters[labels("model_feature_invalid_total", pod, feature=feature)] += wrong
        world.signals.scrape(world.clock.now().timestamp(), counters)
