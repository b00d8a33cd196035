import itertools
from collections.abc import Iterator

import pytest

from e2e.cluster import Cluster, ClusterOptions, Part
from tests.cluster.pods import Pods, server_image

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def node_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A control plane and a node, whose pods can run the test server."""
    options = ClusterOptions(
        parts={Part.NODE},
        images={"test/server": server_image()},
        run_dir=tmp_path_factory.mktemp("node"),
        token_renewal_s=1.0,
    )
    with Cluster.start(options) as running:
        yield running


@pytest.fixture
def pods(node_cluster: Cluster) -> Iterator[Pods]:
    """An empty namespace for pods."""
    with Pods.in_new_namespace(node_cluster, f"test-{next(_numbers)}") as namespace:
        yield namespace
