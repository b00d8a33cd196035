"""How versions of a model are served."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from knowngood.api.hints import RULES, cel, exactly_one, listed, validated_by
from knowngood.api.v1alpha1.safe_path import RESERVED
from knowngood.api.v1alpha1.scalars import PortNumber, ServiceName, VersionName
from knowngood.api.v1alpha1.wire import Wire

_NO_USERINFO: Final = cel(
    "!self.matches('^[^:]+://[^/?#]*@')",
    "must not carry a user name or password: every reader of the object sees it",
)

ModelName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$", max_length=63)
]

Uri = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z][A-Za-z0-9+.-]{0,31}:[^\s]+$",
        max_length=2048,
        json_schema_extra={RULES: [_NO_USERINFO]},
    ),
]


class ModelSpec(Wire):
    """Which model, and which version of it."""

    name: ModelName | None = None
    """Name of the model in metrics and registries. Default: the name of the object."""

    version: Annotated[VersionName, RESERVED]
    """Name of the version that should serve. A name never changes its meaning: another template
    needs another name."""

    uri: Uri | None = None
    """Where the version's artefact is stored, for people and records. It must not contain a user
    name or password."""


class Port(Wire):
    """One port of the version's Service."""

    name: Annotated[str, Field(pattern=r"^[a-z]([-a-z0-9]{0,13}[a-z0-9])?$", max_length=15)]
    """Name of the port."""

    port: PortNumber
    """Number of the port on the Service."""

    target_port: PortNumber
    """Number of the port in the pods."""

    app_protocol: Annotated[str, Field(max_length=63)] | None = None
    """Protocol for gateways and meshes, for example kubernetes.io/h2c."""


_PORTS_DIFFER: Final = cel(
    "self.all(a, self.exists_one(b, b.port == a.port))", "every port number must be used once"
)

PodTemplate = Mapping[str, Any]
"""A PodTemplateSpec, as the user wrote it."""

Ports = Annotated[
    tuple[Port, ...],
    listed(
        16,
        1,
        key="name",
        rules=(_PORTS_DIFFER,),
    ),
]


class DeploymentServing(Wire):
    """Knowngood runs the pods of every version in a Deployment of its own."""

    replicas: Annotated[int, Field(ge=0, le=1000)] = 1
    """Pods that carry all of the traffic."""

    ports: Ports
    """Ports of the version's Service; requests are routed to the first one. Part of what the
    version means."""

    template: PodTemplate
    """Template of the version's pods, as in a Deployment. Part of what the version means."""


class ServiceVersion(Wire):
    """A Service that answers for one version."""

    model_config = validated_by(
        cel(
            "self.name == oldSelf.name",
            "a version never changes its Service: give another version name",
            path=".name",
            reason="FieldValueForbidden",
        ),
        cel(
            "(has(self.port) ? self.port : 80) == (has(oldSelf.port) ? oldSelf.port : 80)",
            "a version never changes its port: give another version name",
            path=".port",
            reason="FieldValueForbidden",
        ),
    )

    version: Annotated[VersionName, RESERVED]
    """Name of the version that the Service answers for."""

    name: ServiceName
    """Name of the Service, in the same namespace."""

    port: PortNumber = 80
    """Port of the Service that requests are routed to. Default: 80."""


_SERVICES_DIFFER: Final = cel(
    "self.all(a, self.exists_one(b, b.name == a.name))",
    "every version needs a Service of its own: requests are split between Services",
)


class Serving(Wire):
    """How versions are served: exactly one way, which can not be changed later."""

    model_config = validated_by(
        exactly_one("deployment", "services"),
        cel(
            "has(self.deployment) == has(oldSelf.deployment)",
            "deployment and services can not be exchanged on a live object: create another one",
            reason="FieldValueForbidden",
        ),
    )

    deployment: DeploymentServing | None = None
    """Knowngood runs the pods: one Deployment and one Service for each version."""

    services: (
        Annotated[
            tuple[ServiceVersion, ...], listed(16, 1, key="version", rules=(_SERVICES_DIFFER,))
        ]
        | None
    ) = None
    """Somebody else runs the pods: one Service for each version, all listed here."""
