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
    steps = [step for number, m in enumerate(mounts) for step in _steps(m, scratch / str(number))]
    script = "; ".join(["set -e", *steps, f"cd {shlex.quote(directory)}", 'exec "$@"'])
    enter = ["nsenter", f"--net={network.path}", "unshare", "--mount", "--propagation", "private"]
    return [*enter, "sh", "-c", script, "sh", *argv]


def hides_program(target: Path, needed: Sequence[str]) -> bool:
    """Tell whether something mounted at the target would hide a file that the program needs.

    Args:
        target: The mount point.
        needed: The program's own words and paths; what is not an absolute path is ignored.
    """
    return any(Path(word).is_absolute() and Path(word).is_relative_to(target) for word in needed)


def _steps(mount: Mount, scratch: Path) -> list[str]:
    """Return the shell commands that mount it, run inside the container's own mount namespace."""
    source, target = shlex.quote(str(mount.source)), shlex.quote(str(mount.target))
    steps = [*_make_point(mount.target, scratch), f"mount --bind {source} {target}"]
    if mount.read_only:
        steps.append(f"mount -o remount,bind,ro {target}")
    return steps


def _make_point(target: Path, scratch: Path) -> list[str]:
    """Make a mount point without a trace on the machine: in our tmpfs, or in an overlay."""
    if target.is_dir():
        return []
    make = f"mkdir -p {shlex.quote(str(target))}"
    if Path(os.path.realpath(target)).is_relative_to(_OURS):
        return [make]
    ancestor = next(parent for parent in target.parents if parent.is_dir())
    if ancestor == Path("/"):
        raise ConfigError(f"mountPath {target}: neither it nor its parent exists on this machine")
    upper, work = scratch / "upper", scratch / "work"
    for directory in (upper, work):
        directory.mkdir(parents=True, exist_ok=True)
    layers = f"lowerdir={ancestor},upperdir={upper},workdir={work}"
    overlay = f"mount -t overlay overlay -o {shlex.quote(layers)} {shlex.quote(str(ancestor))}"
    return [overlay, make]
