"""Fixtures that every test may ask for: a real cluster, shared by the whole session."""

from collections.abc import Iterator

import pytest

from e2e.cluster import Cluster, ClusterOptions, Part


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """An API server with its controllers, and nothing that would run a pod."""
    run_dir = tmp_path_factory.mktemp("control-plane")
    options = ClusterOptions(parts={Part.CONTROL_PLANE}, run_dir=run_dir)
    with Cluster.start(options) as running:
        yield running


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Everything: control plane, node, gateway and Prometheus."""
    run_dir = tmp_path_factory.mktemp("cluster")
    with Cluster.start(ClusterOptions(run_dir=run_dir)) as running:
        yield running
