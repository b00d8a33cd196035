import itertools
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from e2e.cluster import Cluster
from e2e.cluster.errors import KubectlFailed
from e2e.cluster.waiting import until
from tests.adapters.grounds import Ground, KubernetesGround, MemoryGround, kubernetes_ground

CRDS = Path(__file__).parents[2] / "crds"
ROUTES = "gateway.networking.k8s.io_httproutes.yaml"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def all_kinds(control_plane: Cluster) -> Cluster:
    """The control plane, with our CRDs and HTTPRoute in it."""
    for crds in (CRDS, control_plane.tools.gateway_crds / ROUTES):
        control_plane.kubectl("apply", "--server-side", "-f", str(crds))
    for kind in ("aimd", "aimv", "aiinc", "httproutes"):
        until(partial(_is_served, control_plane, kind), f"{kind} is served", deadline_s=60)
    return control_plane


def _is_served(cluster: Cluster, kind: str) -> bool:
    try:
        cluster.kubectl("get", kind, "-A")
    except KubectlFailed:
        return False
    return True


@pytest.fixture(params=["memory", pytest.param("kubernetes", marks=pytest.mark.cluster)])
async def ground(request: pytest.FixtureRequest) -> AsyncIterator[Ground]:
    """Where the ports stand."""
    namespace = f"contract-{next(_numbers)}"
    if request.param == "memory":
        yield MemoryGround(namespace)
        return
    async with kubernetes_ground(request.getfixturevalue("all_kinds"), namespace) as found:
        yield found


@pytest.fixture
async def real(all_kinds: Cluster) -> AsyncIterator[KubernetesGround]:
    """For what only a real API server can tell."""
    async with kubernetes_ground(all_kinds, f"contract-{next(_numbers)}") as found:
        yield found
