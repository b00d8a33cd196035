"""Every story has a room of its own on one bed; the operator runs with the chart's rights."""

import re
from collections.abc import Iterator

import pytest

from e2e.bed import Bed, Gateway, Room
from e2e.cluster import Cluster

_LONGEST_NAME = 40


@pytest.fixture(scope="session")
def bed(cluster: Cluster) -> Iterator[Bed]:
    """The cluster with Knowngood installed. At the end nothing of any story may be stuck."""
    made = Bed.make(cluster)
    yield made
    made.clear()


@pytest.fixture
def ours(request: pytest.FixtureRequest) -> None:
    """Leave a story out on a cluster that was not started here: its parts must not be stopped."""
    if request.config.getoption("--kubeconfig") is not None:
        pytest.skip("stops or kills parts of the cluster, and this one was not started here")


@pytest.fixture
def gateway() -> Gateway:
    """Which gateway the story's requests come through; a story may ask for both."""
    return Gateway.CONTOUR


@pytest.fixture
def room(bed: Bed, gateway: Gateway, request: pytest.FixtureRequest) -> Iterator[Room]:
    """A namespace and a host name, called as the story is."""
    option = request.config.getoption
    if gateway is Gateway.TRAEFIK and option("--kubeconfig") and not option("--second-gateway-url"):
        pytest.skip("the cluster was not started here, and no second gateway of it is named")
    story, _, case = request.node.name.removeprefix("test_").partition("[")
    words = f"{story[: _LONGEST_NAME - len(case)]} {case}".lower()
    with bed.room(re.sub(r"[^a-z0-9]+", "-", words).strip("-"), gateway) as mine:
        yield mine
