"""What a container sees mounted, and the command that starts it so."""

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e.node.environment import ConfigError
from e2e.node.network import PodNetwork

_OURS = Path("/run")  # a tmpfs of the cluster: nothing made below it reaches the machine's disk


@dataclass(frozen=True, slots=True)
class Mount:
    """A directory of the node, seen by a container at a path."""

    source: Path
    target: Path
    read_only: bool = False


def launch_command(
    network: PodNetwork, mounts: Sequence[Mount], scratch: Path, directory: str, argv: Sequence[str]
) -> list[str]:
    """Return a command that ends up being `argv`, in a pod's network and with its mounts.

    Args:
        network: Of the pod.
        mounts: What to mount; a mount point that is absent is made in a private overlay.
        scratch: A directory on a tmpfs for such overlays.
        directory: The working directory.
        argv: The program.

    Raises:
        ConfigError: a mount point cannot be made.
    """
    points = _points([m.target for m in mounts], scratch)
    steps = [step for m in mounts for step in _steps(m)]
    script = "; ".join(["set -e", *points, *steps, f"cd {shlex.quote(directory)}", 'exec "$@"'])
    enter = ["nsenter", f"--net={network.path}", "unshare", "--mount", "--propagation", "private"]
    return [*enter, "sh", "-c", script, "sh", *argv]


def hides_program(target: Path, needed: Sequence[str]) -> bool:
    """Tell whether something mounted at the target would hide a file that the program needs.

    Args:
        target: The mount point.
        needed: The program's own words and paths; what is not an absolute path is ignored.
    """
    return any(Path(word).is_absolute() and Path(word).is_relative_to(target) for word in needed)


def _steps(mount: Mount) -> list[str]:
    """Return the shell commands that mount it, run inside the container's own mount namespace."""
    source, target = shlex.quote(str(mount.source)), shlex.quote(str(mount.target))
    steps = [f"mkdir -p {target}", f"mount --bind {source} {target}"]
    if mount.read_only:
        steps.append(f"mount -o remount,bind,ro {target}")
    return steps


def _points(targets: Sequence[Path], scratch: Path) -> list[str]:
    """Let mount points be made without a trace on the machine: in our tmpfs, or in overlays.

    Each directory gets one overlay, and those come first: one would hide what was mounted below it before.
    """
    absent = (t for t in targets if not t.is_dir())
    covered = {_ancestor(t) for t in absent if not Path(os.path.realpath(t)).is_relative_to(_OURS)}
    return [_overlay(path, scratch / str(n)) for n, path in enumerate(sorted(covered))]


def _ancestor(target: Path) -> Path:
    ancestor = next(parent for parent in target.parents if parent.is_dir())
    if ancestor == Path("/"):
        raise ConfigError(f"mountPath {target}: neither it nor its parent exists on this machine")
    return ancestor


def _overlay(ancestor: Path, scratch: Path) -> str:
    upper, work = scratch / "upper", scratch / "work"
    for directory in (upper, work):
        directory.mkdir(parents=True, exist_ok=True)
    layers = f"lowerdir={ancestor},upperdir={upper},workdir={work}"
    return f"mount -t overlay overlay -o {shlex.quote(layers)} {shlex.quote(str(ancestor))}"
