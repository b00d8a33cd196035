from functools import partial
from pathlib import Path

import pytest

from e2e.cluster import Cluster
from e2e.cluster.errors import KubectlFailed
from e2e.cluster.waiting import until
from tests.crds.trying import Server

CRDS = Path(__file__).parents[2] / "crds"


@pytest.fixture(scope="session")
def crds(control_plane: Cluster) -> Cluster:
    """The control plane, with our CRDs in it."""
    control_plane.kubectl("apply", "--server-side", "-f", str(CRDS))
    until(partial(_are_established, control_plane), "our kinds are established", deadline_s=60)
    return control_plane


def _are_established(cluster: Cluster) -> bool:
    """Say whether the API server serves our kinds.

    A CRD that was just made has no conditions to wait for yet, and discovery follows a moment later.
    """
    try:
        cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", str(CRDS))
        for name in ("aimd", "aimv", "ipol", "cipol", "csigt", "aiinc"):
            cluster.kubectl("explain", name)
    except KubectlFailed:
        return False
    return True


@pytest.fixture(scope="session")
def server(crds: Cluster) -> Server:
    """The API server, which is asked what it takes."""
    return Server(crds.kubeconfig)
