"""Recipes of programs and files that published Go modules carry as they are."""

from e2e.cluster.binaries.cache import Cache, Recipe
from e2e.cluster.binaries.modules import ModuleFiles, PublishedProgram

_CONTOUR = "v1.33.8"


def contour(cache: Cache) -> Recipe:
    """The gateway controller."""
    return PublishedProgram(
        cache=cache,
        name="contour",
        package="github.com/projectcontour/contour/cmd/contour",
        version=_CONTOUR,
        packages=1034,
    )


def gateway_crds(cache: Cache) -> Recipe:
    """Resource definitions of the Gateway API, and of Contour."""
    return ModuleFiles(
        cache=cache,
        name="gateway-crds",
        sources=(
            ("sigs.k8s.io/gateway-api", "v1.6.3", "config/crd/standard/*.yaml"),
            ("github.com/projectcontour/contour", _CONTOUR, "examples/contour/01-crds.yaml"),
        ),
        products=("gateway.networking.k8s.io_httproutes.yaml", "01-crds.yaml"),
    )


def prometheus(cache: Cache) -> Recipe:
    """Prometheus, which finds pods by Kubernetes."""
    return PublishedProgram(
        cache=cache,
        name="prometheus",
        package="github.com/prometheus/prometheus/cmd/prometheus",
        version="v0.316.0",
        packages=1274,
        tags=("remove_all_sd", "enable_kubernetes_sd"),  # the others cannot all be fetched
    )


def alertmanager(cache: Cache) -> Recipe:
    """Alertmanager, without another one beside it."""
    return PublishedProgram(
        cache=cache,
        name="alertmanager",
        package="github.com/prometheus/alertmanager/cmd/alertmanager",
        version="v0.31.1",  # later ones embed pages that only their own build writes
        packages=700,
    )
