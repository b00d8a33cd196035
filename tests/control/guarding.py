"""A guard over some policies, and triggers for them."""

from typing import Any

from knowngood.adapters.memory.people import MemoryNamespaces
from knowngood.adapters.memory.server import MemoryServer
from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.control.guard import Guard
from knowngood.control.policies import Bound
from knowngood.control.ports import Key
from knowngood.control.store import Store
from tests.control.manifests import (
    NAMESPACE,
    a_model,
    a_trigger,
)

KEY = Key(NAMESPACE, "loan")
PROPORTION = {"comparedTo": "Stable", "direction": "Increase"}


class Watch:
    """A guard over some policies."""

    def __init__(self, *manifests: dict[str, Any], labels: dict[str, str] | None = None) -> None:
        self.server, self.store = MemoryServer(), Store()
        self.guard = Guard(self.store, MemoryNamespaces({NAMESPACE: labels or {}}))
        for manifest in (a_model(), *manifests):
            self.put(manifest)

    def put(self, manifest: dict[str, Any]) -> None:
        body = self.server.create(manifest)
        assert body is not None
        self.store.put(manifest["kind"], body)

    @property
    def model(self) -> AIModelDeployment:
        found: AIModelDeployment | None = self.store.get("AIModelDeployment", NAMESPACE, "loan")
        assert found is not None
        return found

    def bound(self) -> dict[str, Bound]:
        return {b.trigger.name: b for b in self.guard.bound(KEY)}


def proportions(*names: str, share: str | None = None) -> list[dict[str, Any]]:
    explicit = {"falseAlarms": {"perRollout": share}} if share else {}
    return [a_trigger(name, proportion={**PROPORTION, **explicit}) for name in names]


def budget(percent: str) -> dict[str, Any]:
    return {"falseAlarmBudget": {"perRollout": percent}}
