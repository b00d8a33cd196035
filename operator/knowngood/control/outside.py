"""What a situation is gathered from."""

from collections.abc import Mapping
from dataclasses import dataclass

from knowngood.control.feeds import Feeds
from knowngood.control.gateways import Gateways
from knowngood.control.golden import Golden
from knowngood.control.ports import (
    Endpoints,
    Images,
    Namespaces,
    References,
    Traffic,
    Workloads,
)
from knowngood.control.sharing import Sharing


@dataclass(frozen=True, slots=True)
class Outside:
    """What a situation is gathered from.

    Attributes:
        home: The operator's own namespace.
    """

    workloads: Workloads
    endpoints: Endpoints
    traffic: Traffic
    namespaces: Namespaces
    gateways: Gateways
    images: Images
    references: References
    golden: Golden
    sharing: Sharing
    feeds: Feeds
    home: str = "knowngood"

    def ready(self, namespace: str, services: Mapping[str, str]) -> Mapping[str, int]:
        """Ready endpoints by version."""
        return {v: self.endpoints.ready(namespace, name) for v, name in services.items()}
