"""Every story has a room of its own on one bed; the operator runs with the chart's rights."""

import re
from collections.abc import Callable, Iterator

import pytest

from e2e.bed import Bed, Gateway, Room
from e2e.cluster import Cluster

_LONGEST_NAME = 40
_REQUESTS = "requests"


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
def room(
    bed: Bed,
    gateway: Gateway,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> Iterator[Room]:
    """A namespace and a host name, called as the story is."""
    option = request.config.getoption
    if gateway is Gateway.TRAEFIK and option("--kubeconfig") and not option("--second-gateway-url"):
        pytest.skip("the cluster was not started here, and no second gateway of it is named")
    story, _, case = request.node.name.removeprefix("test_").partition("[")
    words = f"{story[: _LONGEST_NAME - len(case)]} {case}".lower()
    with bed.room(re.sub(r"[^a-z0-9]+", "-", words).strip("-"), gateway) as mine:
        yield mine
        record_property(_REQUESTS, mine.requests)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many requests the stories have sent: each of them fails when one of its own is lost."""
    ends = [
        report
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "teardown"
    ]
    sent = sum(int(str(n)) for end in ends for name, n in end.user_properties if name == _REQUESTS)
    if sent:
        terminalreporter.write_line(f"{sent:,} requests were sent in stories")
