"""The kinds of the group: their names, scopes and what `kubectl get` prints of them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from knowngood.api.v1alpha1.deployment import AIModelDeployment
from knowngood.api.v1alpha1.incident import Incident
from knowngood.api.v1alpha1.policy import ClusterIncidentPolicy, IncidentPolicy
from knowngood.api.v1alpha1.signal_template import ClusterSignalTemplate
from knowngood.api.v1alpha1.version import AIModelVersion
from knowngood.api.v1alpha1.wire import Wire

GROUP: Final = "knowngood.dev"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"


class Scope(StrEnum):
    """Where objects of a kind live."""

    NAMESPACED = "Namespaced"
    CLUSTER = "Cluster"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of `kubectl get`.

    Attributes:
        path: JSON path; of many results the first one is printed.
        kind: `string`, `integer` or `date` (printed as an age).
        wide: Printed with `-o wide` only.
    """

    name: str
    path: str
    kind: str = "string"
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Scaled:
    """Where the scale subresource finds how many pods are wanted, how many there are, and which."""

    wanted: str
    there: str
    selector: str


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind.

    Attributes:
        scaled: What `kubectl scale` and an autoscaler use; None for kinds without pods.
    """

    model: type[Wire]
    plural: str
    short: str
    scope: Scope
    columns: tuple[Column, ...]
    scaled: Scaled | None = None

    @property
    def kind(self) -> str:
        """The kind's name."""
        return self.model.__name__

    @property
    def crd(self) -> str:
        """Name of its CustomResourceDefinition."""
        return f"{self.plural}.{GROUP}"


_READY: Final = Column("Ready", '.status.conditions[?(@.type=="Ready")].status')
_AGE: Final = Column("Age", ".metadata.creationTimestamp", "date")
_POLICY: Final = (
    Column("Mode", ".spec.mode"),
    Column("Models", ".status.selectedModels", "integer"),
    _READY,
    _AGE,
)

RESOURCES: Final = (
    Resource(
        AIModelDeployment,
        "aimodeldeployments",
        "aimd",
        Scope.NAMESPACED,
        (
            Column("Version", ".spec.model.version"),
            Column("Stable", ".status.versions.stable"),
            Column("Canary", ".status.versions.canary"),
            Column("Weight", ".status.traffic.canaryWeight", "integer"),
            Column("Phase", ".status.phase"),
            _READY,
            Column("Incident", ".status.incidentRef.name"),
            _AGE,
            Column("Waiting", ".status.rollout.waitingFor", wide=True),
            Column("Reason", '.status.conditions[?(@.type=="Ready")].reason', wide=True),
        ),
        Scaled(".spec.serving.deployment.replicas", ".status.replicas", ".status.selector"),
    ),
    Resource(
        AIModelVersion,
        "aimodelversions",
        "aimv",
        Scope.NAMESPACED,
        (
            Column("Model", ".spec.modelRef.name"),
            Column("Version", ".spec.model.version"),
            Column("Role", ".status.role"),
            Column("Standing", ".status.standing"),
            Column("Since", ".status.transitions[-1:].time", "date"),
            Column("Digest", ".spec.digest", wide=True),
        ),
    ),
    Resource(IncidentPolicy, "incidentpolicies", "ipol", Scope.NAMESPACED, _POLICY),
    Resource(ClusterIncidentPolicy, "clusterincidentpolicies", "cipol", Scope.CLUSTER, _POLICY),
    Resource(
        ClusterSignalTemplate,
        "clustersignaltemplates",
        "csigt",
        Scope.CLUSTER,
        (
            Column("Source", ".spec.source"),
            Column("Identity", ".spec.identity.by"),
            _READY,
            # A template that nothing matches is ready, too: it must not look as if all were well.
            Column("Series", '.status.conditions[?(@.type=="SeriesFound")].status'),
            _AGE,
        ),
    ),
    Resource(
        Incident,
        "incidents",
        "aiinc",
        Scope.NAMESPACED,
        (
            Column("Model", ".spec.modelRef.name"),
            Column("Severity", ".status.severity"),
            Column("Phase", ".status.phase"),
            Column("Trigger", ".status.evidence[0].trigger"),
            Column("Action", ".status.actions[-1:].type"),
            Column("Detected", ".status.clocks.detected", "date"),
            Column("Summary", ".status.summary", wide=True),
        ),
    ),
)
"""All kinds."""
