"""Knowngood itself: its chart, installed with helm as an administrator would."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from e2e.cluster import Cluster, Image
from e2e.cluster.errors import StartError

NAMESPACE: Final = "knowngood"
RELEASE: Final = "knowngood"
IMAGE: Final = "knowngood/operator"
_TAG: Final = "dev"
_READY_S: Final = 60
_ROOT: Final = Path(__file__).parents[2]


def operator_image() -> Image:
    """Return what the node runs for the operator's image: the package in this checkout."""
    return Image((sys.executable, "-m", "knowngood"), {"PYTHONPATH": str(_ROOT / "operator")})


def install(cluster: Cluster, *settings: str) -> None:
    """Install the chart, and return when the operator is ready.

    Args:
        cluster: Where to.
        settings: Further values, as helm's `--set` takes them.

    Raises:
        StartError: helm failed, or the operator did not become ready.
    """
    named = [f"image.tag={_TAG}", f"sources.default={cluster.prometheus_url}"]
    values = [*named, "feeds.enabled=true", *settings]
    done = subprocess.run(
        [
            cluster.tools.helm,
            "upgrade",
            "--install",
            RELEASE,
            _ROOT / "charts" / "knowngood",
            f"--namespace={NAMESPACE}",
            "--create-namespace",
            "--wait",
            f"--timeout={_READY_S}s",
            *(f"--set={value}" for value in values),
        ],
        env=_environment(cluster),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StartError(f"helm could not install Knowngood:\n{done.stderr}{logs(cluster)}")


def logs(cluster: Cluster, lines: int = 15) -> str:
    """Return the end of what the operator's pods wrote, and where all of it is."""
    parts = []
    for path in sorted((cluster.run_dir / "pods").glob(f"{NAMESPACE}_*.log")):
        parts += [f"end of {path}:", *path.read_text(errors="replace").splitlines()[-lines:]]
    return "\n".join(parts or [f"no pod of the operator wrote anything to {cluster.run_dir}/pods"])


def _environment(cluster: Cluster) -> dict[str, str]:
    home = str(cluster.run_dir / "helm")
    own = {f"HELM_{kind}_HOME": f"{home}/{kind.lower()}" for kind in ("CACHE", "CONFIG", "DATA")}
    return {**os.environ, **own, "KUBECONFIG": str(cluster.kubeconfig), "NO_PROXY": "*"}
