"""A world in which every pod counts each feature of each request into a histogram with edges of its own."""

import asyncio
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from tests.control.manifests import Object
from tests.control.test_kinds import labels, pods, world_of
from tests.control.world import World

FEATURES: Final = ("income", "age", "debt", "sex", "region")
EDGES: Final = {
    "income": ("1000", "5000", "+Inf"),
    "age": ("30", "+Inf"),
    "debt": ("0", "10000", "+Inf"),
    "sex": ("0.5", "+Inf"),
    "region": ("1", "2", "+Inf"),
    "unnamed": ("1", "+Inf"),
}
USUAL: Final = (24, 6)
MOVED: Final = (12, 18)
"""Of 30 requests a second, how many fall into the lowest bin, and how many into the highest one."""

DRIFT: Final = {"comparedTo": "Stable", "above": "0.1", "minSamples": 100}
Drifts = Mapping[str, Mapping[str, tuple[int, int]]]
"""How features of a version fall, by version and feature; those that are not named as usual."""


def world_of_features(mode: str = "Observe", test: Object | None = None, **segments: Any) -> World:
    named = {"by": "feature", "values": list(FEATURES), **segments}
    signal = {"histogram": {"buckets": "model_feature_bucket"}, "segments": named}
    return world_of(test or {"distribution": DRIFT}, mode, **signal)


async def observing(
    world: World,
    drifts: Drifts,
    *absent: tuple[str, str],
    odd: AbstractSet[tuple[str, str]] = frozenset(),
) -> None:
    """Every pod answers 30 requests a second, and counts each feature of each; all begin with the same past.

    Args:
        world: The pods, and who scrapes them.
        drifts: Who sees what.
        absent: Version and feature that are not counted at all.
        odd: Versions and features whose bins are other ones; may change at any time.
    """
    counted: dict[tuple[str, str], tuple[int, int]] = {}
    while True:
        await asyncio.sleep(1.0)
        at, scraped = world.clock.now().timestamp(), dict[Any, float]()
        for version, pod in pods(world):
            for feature, edges in EDGES.items():
                if (version, feature) in absent:
                    continue
                key = pod["pod"], feature
                gained = drifts.get(version, {}).get(feature, USUAL)
                low, high = (
                    a + b for a, b in zip(counted.get(key, (240, 60)), gained, strict=True)
                )
                counted[key] = low, high
                for edge in edges if (version, feature) not in odd else ("7", "+Inf"):
                    count = low + high if edge == "+Inf" else low
                    more = {"feature": feature, "le": edge}
                    scraped[labels("model_feature_bucket", pod, **more)] = count
        world.signals.scrape(at, scraped)
