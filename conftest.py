"""What all tests share: a real cluster for the whole session, and how properties are drawn."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

from e2e.cluster import Cluster, ClusterOptions, Part

# A run tells something about the code, and nothing about luck; `--hypothesis-profile=explore` draws anew each time.
settings.register_profile("steady", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile("steady")

_WHOLE: Final = "cluster"
"""The cluster with everything in it; the others are an API server, and a node at most."""

_CLUSTERS: Final = frozenset({_WHOLE, "control_plane", "node_cluster"})
_DISTURBING: Final = "ours"
"""What a test asks for that stops or kills parts of its cluster."""

_EVENED: Final = frozenset({"test_golden", "test_playbook", "test_replay"})
"""Stories that stop nothing, and are told by the process that does: so both end at about the same time."""

_FIRST: Final = ("steady", "disturbed", "served", "walk")
"""Groups in the order in which processes take them: the longest first, then what is in none."""

_GIVES_WAY: Final = 5
"""How nice a process is once it only computes: stories are timed, and computing fills what they leave."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a person run the tests on a cluster of their own."""
    group = parser.getgroup("cluster", "the cluster that tests run on; by default one is started")
    group.addoption("--kubeconfig", type=Path, help="use this cluster and start nothing")
    group.addoption("--gateway-url", help="where the gateway of that cluster answers")
    group.addoption("--second-gateway-url", help="where a second one answers, Gateway `second`")
    group.addoption("--prometheus-url", help="where the Prometheus of that cluster answers")
    group.addoption(
        "--kills",
        choices=("every", "each"),
        default="every",
        help="every: one run of a story in which the operator is killed after every write; "
        "each: also a run for each write, killed after that one alone (two hours)",
    )
    group.addoption(
        "--outage",
        type=float,
        default=30.0,
        help="seconds for which who is told is away; default 30",
    )


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs a cluster, so that `-m "not cluster"` leaves it out.

    Where several processes run the tests, one of them runs what stops parts of its cluster, another one what needs all
    of a cluster, and a third one what needs an API server alone; so nobody shares a cluster with who stops it. Stories
    wait for most of their time, so three processes keep two cores busy.
    """
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if not _CLUSTERS.isdisjoint(fixtures):
            item.add_marker(pytest.mark.cluster)
            item.add_marker(pytest.mark.xdist_group(_group(fixtures, item.path)))
    if config.getoption("loadgroup", default=False):
        items.sort(key=_turn)  # what is in no group keeps its order


def _group(fixtures: Collection[str], path: Path) -> str:
    if _DISTURBING in fixtures or (path.parent.name == "stories" and path.stem in _EVENED):
        return "disturbed"
    return "steady" if _WHOLE in fixtures else "served"


def _turn(item: pytest.Item) -> int:
    marker = item.get_closest_marker("xdist_group")
    return _FIRST.index(marker.args[0]) if marker else len(_FIRST)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give way to processes with a cluster; groups with one come first, so no cluster of this process starts later."""
    computes = item.get_closest_marker("cluster") is None
    if computes and hasattr(item.config, "workerinput") and os.nice(0) < _GIVES_WAY:
        os.nice(_GIVES_WAY)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run where groups would be lost: tests that stop parts of a cluster would meet the others on it."""
    if not session.config.getoption("loadgroup", default=False):
        return
    for item in session.items:
        if item.get_closest_marker("xdist_group") and "@" not in item.nodeid:
            raise pytest.UsageError("this pytest does not keep the groups of pytest-xdist together")


@pytest.fixture(scope="session")
def control_plane(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """An API server with its controllers, and nothing that would run a pod."""
    options = ClusterOptions(
        parts={Part.CONTROL_PLANE}, run_dir=tmp_path_factory.mktemp("control-plane")
    )
    with _attached(request.config) or Cluster.start(options) as running:
        yield running


@pytest.fixture(scope="session")
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """Everything: control plane, node, both gateways and Prometheus."""
    options = ClusterOptions(parts=frozenset(Part), run_dir=tmp_path_factory.mktemp("cluster"))
    with _attached(request.config) or Cluster.start(options) as running:
        yield running


def _attached(config: pytest.Config) -> Cluster | None:
    kubeconfig = config.getoption("--kubeconfig")
    if kubeconfig is None:
        return None
    return Cluster.attach(
        kubeconfig,
        gateway_url=config.getoption("--gateway-url"),
        second_gateway_url=config.getoption("--second-gateway-url"),
        prometheus_url=config.getoption("--prometheus-url"),
    )
