"""Calling kubectl."""

import os
import subprocess
from pathlib import Path

from e2e.cluster.errors import KubectlFailed


def kubectl(
    program: Path, kubeconfig: Path, *args: str, stdin: str | None = None, cache: Path | None = None
) -> str:
    """Run kubectl and return what it printed.

    Args:
        program: kubectl itself.
        kubeconfig: Whose cluster to speak to.
        args: As at the prompt.
        stdin: What it reads for `-f -`.
        cache: Where it keeps what it learnt about the API; two clusters may share an address.

    Raises:
        KubectlFailed: it ended with an error.
    """
    where = [] if cache is None else [f"--cache-dir={cache}"]
    done = subprocess.run(
        [program, *where, *args],
        env={**os.environ, "KUBECONFIG": str(kubeconfig), "NO_PROXY": "*"},
        input=stdin or "",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise KubectlFailed(args, done.returncode, done.stderr)
    return done.stdout
