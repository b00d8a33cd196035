"""The gateways of the local cluster, as stories choose between them."""

from enum import StrEnum
from typing import Final

from e2e.cluster import Cluster

_NAMESPACE: Final = "gateways"


class Gateway(StrEnum):
    """A gateway, by the name of its Gateway object."""

    CONTOUR = "public"
    TRAEFIK = "second"

    @property
    def ref(self) -> dict[str, str]:
        """What a route's `parentRefs` say to attach to it."""
        return {"name": self.value, "namespace": _NAMESPACE}

    def url(self, cluster: Cluster) -> str:
        """Return where it answers. Raises `ClusterError` if the cluster has none."""
        return cluster.gateway_url if self is Gateway.CONTOUR else cluster.second_gateway_url

    @property
    def lag_s(self) -> float:
        """For how long it may go on as before, after a route's status says that a change is taken over.

        Contour says so when it is done. Traefik says so at once; it puts changes into effect every 2 s at most.
        """
        return 0.5 if self is Gateway.CONTOUR else 2.5
