"""Events for people, on the model: one for each edge, named by it, so that no restart tells it twice."""

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Final

from knowngood.adapters.kubernetes.answers import Conflict
from knowngood.adapters.kubernetes.api import Api
from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.decisions.plan import Notice

NOTE_LENGTH: Final = 1024
REMEMBERED: Final = 10_000
CONTROLLER: Final = "knowngood.dev/operator"


class EventRecorder:
    """The `Recorder` port on `events.k8s.io/v1`."""

    def __init__(self, api: Api, identity: str, now: Callable[[], datetime]) -> None:
        self._api = api
        self._identity = identity
        self._now = now
        self._told: OrderedDict[str, None] = OrderedDict()

    async def tell(self, model: AIModelDeployment, notice: Notice) -> bool:
        """Tell a notice once, also across restarts; False when this process has told it before."""
        meta = model.metadata
        digest = sha256(f"{meta.uid}/{notice.reason}/{notice.key}".encode()).hexdigest()[:16]
        if digest in self._told:
            return False
        body = {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"name": f"{meta.name}.{digest}", "namespace": meta.namespace},
            "eventTime": self._now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "reportingController": CONTROLLER,
            "reportingInstance": self._identity[:128],
            "action": notice.reason,
            "reason": notice.reason,
            "type": "Warning" if notice.warning else "Normal",
            "note": notice.message[:NOTE_LENGTH],
            "regarding": {
                "apiVersion": "knowngood.dev/v1alpha1",
                "kind": "AIModelDeployment",
                "name": meta.name,
                "namespace": meta.namespace,
                "uid": meta.uid,
                "resourceVersion": meta.resource_version,
            },
        }
        with suppress(Conflict):
            await self._api.create(
                f"/apis/events.k8s.io/v1/namespaces/{meta.namespace}/events", body
            )
        self._told[digest] = None
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return True
