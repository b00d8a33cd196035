import itertools
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from e2e.cluster import Cluster
from e2e.cluster.errors import KubectlFailed
from e2e.cluster.waiting import until
from tests.cli.stage import Stage

CRDS = Path(__file__).parents[2] / "crds"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def kinds(control_plane: Cluster) -> Cluster:
    """The control plane, with our CRDs in it."""
    control_plane.kubectl("apply", "--server-side", "-f", str(CRDS))
    for kind in ("aimd", "aimv", "aiinc"):
        until(partial(_is_served, control_plane, kind), f"{kind} is served", deadline_s=60)
    return control_plane


def _is_served(cluster: Cluster, kind: str) -> bool:
    try:
        cluster.kubectl("get", kind, "-A")
    except KubectlFailed:
        return False
    return True


@pytest.fixture
def stage(kinds: Cluster) -> Iterator[Stage]:
    """A namespace of its own, where the test plays the operator."""
    namespace = f"cli-{next(_numbers)}"
    kinds.kubectl("create", "namespace", namespace)
    yield Stage(kinds, namespace)
    kinds.kubectl("delete", "namespace", namespace, "--wait=false")
