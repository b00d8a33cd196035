"""Who is ready to answer: EndpointSlices, reduced to pod names and readiness."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from knowngood.adapters.kubernetes.api import Object
from knowngood.decisions.naming import MODEL_LABEL

SLICES: Final = "/apis/discovery.k8s.io/v1/endpointslices"
SERVICE_LABEL: Final = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True)
class SliceView:
    """What is kept of an EndpointSlice.

    Attributes:
        model: The model whose Service it belongs to, when that Service is Knowngood's own.
    """

    service: str
    model: str
    pods: frozenset[str]
    ready: frozenset[str]


def reduce_slice(body: Object) -> SliceView:
    """Keep the names of the pods, and which are ready."""
    pods: set[str] = set()
    ready: set[str] = set()
    for endpoint in body.get("endpoints") or ():
        target = endpoint.get("targetRef") or {}
        name = target.get("name") or ",".join(endpoint.get("addresses") or ())
        pods.add(name)
        # An absent condition means unknown, which the API says to take for ready.
        if (endpoint.get("conditions") or {}).get("ready", True):
            ready.add(name)
    labels = body["metadata"].get("labels") or {}
    service, model = labels.get(SERVICE_LABEL, ""), labels.get(MODEL_LABEL, "")
    return SliceView(service, model, frozenset(pods), frozenset(ready))


class EndpointIndex:
    """The `Endpoints` port: slices by Service."""

    def __init__(self) -> None:
        self._slices: dict[tuple[str, str], dict[str, SliceView]] = defaultdict(dict)
        self._asked: dict[tuple[str, str], set[str]] = {}

    def changed(
        self, namespace: str, name: str, before: SliceView | None, after: SliceView | None
    ) -> None:
        """Take a change from the informer."""
        if before is not None:
            self._slices[namespace, before.service].pop(name, None)
        if after is not None:
            self._slices[namespace, after.service][name] = after
            if (namespace, after.service) in self._asked:
                self._asked[namespace, after.service] |= after.pods

    def ready(self, namespace: str, service: str) -> int:
        """Count the ready endpoints of a Service."""
        slices = self._slices.get((namespace, service), {})
        return len({pod for view in slices.values() for pod in view.ready})

    def pods(self, namespace: str, service: str) -> frozenset[str]:
        """Names of the pods behind a Service, also of those that went since this was first asked."""
        known = self._asked.setdefault((namespace, service), set())
        for view in self._slices.get((namespace, service), {}).values():
            known |= view.pods
        return frozenset(known)
