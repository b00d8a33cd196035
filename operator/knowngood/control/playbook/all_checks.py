"""Every step of the playbook, put together."""

from knowngood.control.golden import Golden
from knowngood.control.guard import Guard
from knowngood.control.playbook.around import Changes, WayBack
from knowngood.control.playbook.checks import Check
from knowngood.control.playbook.counting import Counting
from knowngood.control.playbook.freshness import Freshness
from knowngood.control.playbook.moving import Features, Pipeline
from knowngood.control.playbook.ports import Objects
from knowngood.control.ports import Endpoints, Signals
from knowngood.control.store import Store
from knowngood.decisions.playbook.names import (
    FALLBACK_READY,
    FEATURE_DISTRIBUTIONS,
    PIPELINE_INTEGRITY,
    RECENT_CHANGES,
    UPSTREAM_FRESHNESS,
)


def all_checks(  # noqa: PLR0917  - what the steps look at: none of them stands for another
    store: Store,
    guard: Guard,
    signals: Signals,
    endpoints: Endpoints,
    golden: Golden,
    objects: Objects,
) -> dict[str, Check]:
    """What each step does, by its name."""
    counting = Counting(store, guard, signals, endpoints)
    return {
        PIPELINE_INTEGRITY: Pipeline(counting),
        FEATURE_DISTRIBUTIONS: Features(counting),
        UPSTREAM_FRESHNESS: Freshness(counting, objects),
        FALLBACK_READY: WayBack(endpoints, golden),
        RECENT_CHANGES: Changes(store, guard, objects),
    }
