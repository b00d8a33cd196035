from pathlib import Path

import pytest

from e2e.cluster import Cluster

CRDS = Path(__file__).parents[2] / "crds"


@pytest.fixture(scope="session")
def crds(control_plane: Cluster) -> Cluster:
    """The control plane, with our CRDs in it."""
    control_plane.kubectl("apply", "--server-side", "-f", str(CRDS))
    control_plane.kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", str(CRDS))
    return control_plane
