"""What the loop needs from the outside. Each port is as small as its use; adapters implement them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion, ObjectMeta
from knowngood.decisions.gateways import GatewaySupport, Parent
from knowngood.decisions.parting import Parting
from knowngood.decisions.plan import Notice
from knowngood.decisions.references import Reference
from knowngood.decisions.situation import RouteView
from knowngood.signals.native import NativeSeries
from knowngood.signals.planning import Query
from knowngood.signals.series import RawSeries

Vector = tuple[tuple[Mapping[str, str], float], ...]
"""The answer of an instant query: labels and value."""

Series = tuple[RawSeries, ...] | tuple[NativeSeries, ...]
"""Raw samples, of counters or of native histograms."""


@dataclass(frozen=True, slots=True)
class Key:
    """Names one model."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Backend:
    """A version's Service in a route.

    Attributes:
        weight: Its share of the requests, in percent.
        mirror: Share of the requests that it gets a copy of, in percent.
        tested: It answers the requests by which people try it.
    """

    version: str
    service: str
    port: int
    weight: int
    mirror: int = 0
    tested: bool = False


@dataclass(frozen=True, slots=True)
class WorkloadSeen:
    """A Deployment of ours, as it was last seen."""

    name: str
    version: str
    replicas: int


class Fence(Protocol):
    """Who may write."""

    def term(self) -> int:
        """Number of the present term.

        Raises:
            NotLeader: This process does not hold the Lease, or cannot be sure that it does.
        """
        ...


class Resources(Protocol):
    """Writes to objects of our own kinds. Every write carries the uid that it is meant for.

    Those to an object that exists return it as it is then. All raise `Gone`, `Refused`, `Unavailable` or `NotLeader`.
    """

    async def create(self, manifest: Mapping[str, Any]) -> None:
        """Create an object; one that exists already is left as it is."""
        ...

    async def confirm(self, kind: str, meta: ObjectMeta) -> None:
        """Make sure that an object is as it was seen.

        Raises:
            Changed: It is not at the resource version of `meta` any more.
        """
        ...

    async def write_status(
        self, kind: str, meta: ObjectMeta, status: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Replace an object's status.

        Raises:
            Changed: The object is not at the resource version of `meta` any more.
        """
        ...

    async def set_labels(
        self, kind: str, meta: ObjectMeta, labels: Mapping[str, str]
    ) -> dict[str, Any]:
        """Set labels of ours on an object."""
        ...

    async def delete(self, kind: str, meta: ObjectMeta) -> None:
        """Delete exactly this object; one that is gone is fine."""
        ...

    async def set_finalizer(self, kind: str, meta: ObjectMeta, *, present: bool) -> dict[str, Any]:
        """Add or remove our finalizer.

        Raises:
            Changed: The object is not at the resource version of `meta` any more.
        """
        ...


class Workloads(Protocol):
    """Deployments and Services of versions that Knowngood runs."""

    def seen(self, key: Key) -> tuple[WorkloadSeen, ...]:
        """Deployments of a model, as they were last seen."""
        ...

    async def check(self, model: AIModelDeployment) -> str | None:
        """Ask the API server whether it would take the desired version's Deployment; its words if not."""
        ...

    async def apply(self, model: AIModelDeployment, record: AIModelVersion, replicas: int) -> None:
        """Make a version's Deployment and Service as they should be; writes nothing when they are."""
        ...

    async def remove(self, key: Key, name: str) -> None:
        """Delete a version's Deployment and Service; absent ones are fine."""
        ...


class Endpoints(Protocol):
    """Who is ready to answer."""

    def ready(self, namespace: str, service: str) -> int:
        """Count the ready endpoints of a Service."""
        ...

    def pods(self, namespace: str, service: str) -> frozenset[str]:
        """Names of the pods behind a Service, ready or not, also of those that went since this was first asked."""
        ...


class Images(Protocol):
    """What the pods of versions run."""

    def images(self, key: Key) -> Mapping[str, frozenset[tuple[str, str]]]:
        """Container and image id of a model's pods, by version; only of pods that Knowngood runs."""
        ...


class References(Protocol):
    """Objects that users make, and that versions need."""

    async def exists(self, namespace: str, reference: Reference) -> bool:
        """Say whether an object is there.

        Raises:
            ApiError: The API server did not say.
        """
        ...


class Namespaces(Protocol):
    """What is known of namespaces."""

    def labels(self, namespace: str) -> Mapping[str, str]:
        """Labels of a namespace; empty when it is not known."""
        ...

    def ends(self, namespace: str) -> bool:
        """Whether a namespace is being deleted, and everything in it."""
        ...

    def freeze(self, namespace: str) -> str:
        """Why people have frozen a namespace; empty when they have not."""
        ...


class Traffic(Protocol):
    """The route of a model."""

    def seen(self, model: AIModelDeployment, services: Mapping[str, str]) -> RouteView:
        """The route as it was last seen; `services` maps version to Service name, for every version there is."""
        ...

    async def claimed(self, model: AIModelDeployment) -> str | None:
        """Say whose the route's name is, when it is not ours."""
        ...

    async def apply(
        self, model: AIModelDeployment, backends: tuple[Backend, ...], ours: frozenset[str]
    ) -> None:
        """Make the route as it should be; writes nothing when it is.

        Args:
            model: With the status that was just written.
            backends: What our part of the route should be.
            ours: Names of the Services of all versions; those that are not among the backends are taken out.

        Raises:
            Claimed: It belongs to somebody else.
        """
        ...

    async def remove(self, model: AIModelDeployment, ours: frozenset[str], step: Parting) -> bool:
        """Delete the route, or go a step in giving its requests back to whom they went before; True when it was seen.

        A route of our own knows no steps: it is deleted.
        """
        ...


class Prober(Protocol):
    """Finds out what gateways do."""

    async def prove(self, parent: Parent) -> GatewaySupport:
        """Try a gateway; takes seconds.

        Raises:
            NotLeader: This process may not write.
        """
        ...


class Signals(Protocol):
    """Where readings come from."""

    async def read(self, source: str, query: Query) -> Series | Vector:
        """Ask one query; native histograms where the query is for them.

        Raises:
            ObserverError: It could not be answered, or only in part.
        """
        ...


class Recorder(Protocol):
    """Tells people through Events of the API server. Best effort: losing one changes nothing."""

    async def tell(self, model: AIModelDeployment, notice: Notice) -> bool:
        """Tell a notice once, also across restarts; False when this process has told it before."""
        ...
