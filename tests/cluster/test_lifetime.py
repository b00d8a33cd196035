"""A cluster ends with its owner, whatever ends the owner, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from e2e.bed.images import own_images
from e2e.cluster import Cluster, ClusterOptions, Part
from e2e.cluster.errors import StartError
from e2e.cluster.kubectl import kubectl
from e2e.cluster.namespace import REPOSITORY
from e2e.cluster.network import running
from tests.cluster.pods import eventually, pod

POD = json.dumps(pod("sleeper", image="any", command=["/bin/sleep", "1000"]))


@dataclass(frozen=True)
class Traces:
    """What a cluster makes the kernel keep: looked up by what is its own."""

    init: int
    pid_namespace: str
    cable: str

    @classmethod
    def of_owner(cls, owner: int, *, besides: frozenset[int] = frozenset()) -> "Traces":
        """Find the cluster among the children of its owner, other than those named."""
        (outer,) = [c for c in children(owner) - besides if "unshare" in command_line(c)]
        (init,) = children(outer)
        number = next(
            word.split(".")[1]
            for child in children(init)
            for word in command_line(child).split("\0")
            if word.startswith("--advertise-address=10.")
        )
        return cls(init, pid_namespace(init), f"knowngood{number}")

    def processes(self) -> list[str]:
        """Return the command lines of all processes in it."""
        return [command_line(p) for p in all_processes() if pid_namespace(p) == self.pid_namespace]

    def has_cable(self) -> bool:
        return (Path("/sys/class/net") / self.cable).exists()


@pytest.fixture
def mounts() -> Iterator[None]:
    """Nothing may be mounted or named on the machine by a test."""
    before = machine()
    yield
    assert machine() == before


def machine() -> tuple[str, list[str]]:
    named = Path("/run/netns")
    return Path("/proc/self/mountinfo").read_text(), sorted(map(str, named.glob("*")))


@contextmanager
def owner(run_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a cluster with a pod in a process of its own, as a person does at a prompt."""
    command = [sys.executable, "-m", "e2e.cluster", "up", "--parts", "node", "--run-dir"]
    with subprocess.Popen(  # noqa: S603 - our own program
        [*command, str(run_dir)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until_up(process: subprocess.Popen[str], tools: Cluster, run_dir: Path) -> None:
    """Return when the cluster says that it is up and runs a pod."""
    assert process.stdout is not None
    said = []
    while (line := process.stdout.readline()) and not line.startswith("Ctrl-C"):
        said.append(line)
    assert any(text.startswith("export KUBECONFIG=") for text in said), "".join(said)
    assert own_images().keys() <= json.loads((run_dir / "images.json").read_text()).keys()
    kubeconfig = run_dir / "admin.kubeconfig"

    def call(*args: str, stdin: str | None = None) -> str:
        return kubectl(tools.tools.kubectl, kubeconfig, *args, stdin=stdin)

    eventually(lambda: call("get", "serviceaccount", "default", "--ignore-not-found"), bool)
    call("apply", "-f", "-", stdin=POD)
    call("wait", "--for=condition=Ready", "pod/sleeper", "--timeout=20s")


@pytest.mark.usefixtures("mounts")
@pytest.mark.parametrize(
    "ending",
    [
        pytest.param((signal.SIGINT, signal.SIGKILL), id="ctrl-c-and-kill"),
        pytest.param((signal.SIGTERM, signal.SIGTERM), id="terminate"),
    ],
)
def test_two_clusters_live_side_by_side_and_end_with_their_owners(
    node_cluster: Cluster, tmp_path: Path, ending: tuple[signal.Signals, signal.Signals]
) -> None:
    first_dir, second_dir = tmp_path / "first", tmp_path / "second"
    with owner(first_dir) as first, owner(second_dir) as second:
        wait_until_up(first, node_cluster, first_dir)
        wait_until_up(second, node_cluster, second_dir)
        one, two = Traces.of_owner(first.pid), Traces.of_owner(second.pid)
        assert one.pid_namespace != two.pid_namespace
        assert one.cable != two.cable
        assert any("/bin/sleep" in line for line in one.processes())

        first.send_signal(ending[0])

        eventually(one.processes, lambda found: not found)
        eventually(one.has_cable, lambda found: not found)
        assert any("/bin/sleep" in line for line in two.processes())
        assert two.has_cable()

        if ending[1] == signal.SIGKILL:
            os.kill(two.init, signal.SIGSTOP)  # so that the kernel alone can end it
        second.send_signal(ending[1])

        eventually(two.processes, lambda found: not found)
        eventually(two.has_cable, lambda found: not found)


@pytest.mark.usefixtures("mounts")
def test_a_stopped_cluster_is_gone_when_stop_returns() -> None:
    others = children(os.getpid())
    with Cluster.start(ClusterOptions(parts={Part.CONTROL_PLANE})) as cluster:
        traces = Traces.of_owner(os.getpid(), besides=others)
        run_dir = cluster.run_dir
        assert len(traces.processes()) >= 4

    assert traces.processes() == []
    assert not traces.has_cable()
    assert not run_dir.exists()


@pytest.mark.usefixtures("mounts")
def test_a_start_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    (assets / "kube-apiserver").write_text("#!/bin/sh\necho no room at the inn; exit 4\n")
    (assets / "kube-apiserver").chmod(0o755)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(assets))
    before = children(os.getpid())

    with pytest.raises(StartError, match=r"kube-apiserver ended with 4(.|\n)*no room at the inn"):
        Cluster.start(ClusterOptions(parts={Part.CONTROL_PLANE}))

    assert children(os.getpid()) <= before


@pytest.mark.usefixtures("mounts", "node_cluster")  # whose programs are built by now
@pytest.mark.parametrize("right", ["sys_admin", "net_admin"])
def test_a_missing_right_is_named(right: str) -> None:
    without = ["setpriv", f"--bounding-set=-{right}", f"--inh-caps=-{right}"]
    start = [sys.executable, "-m", "e2e.cluster", "up", "--parts", "control-plane"]

    done = subprocess.run(  # noqa: S603 - our own program
        [*without, *start], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert f"CAP_{right.upper()}" in done.stderr
    assert "Traceback" not in done.stderr


def test_running_clusters_are_listed(node_cluster: Cluster) -> None:
    assert node_cluster.run_dir in running().values()


def all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]


def children(parent: int) -> frozenset[int]:
    return frozenset(p for p in all_processes() if parent_of(p) == parent)


def parent_of(process: int) -> int:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def command_line(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


def pid_namespace(process: int) -> str:
    try:
        return str(Path(f"/proc/{process}/ns/pid").readlink())
    except OSError:
        return ""
