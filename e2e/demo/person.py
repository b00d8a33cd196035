"""People of the demo: each has a name of their own and the rights of `edit`, and what they type is shown."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

from e2e.demo.stage import EXAMPLES, NAMESPACE, DemoError, Stage

_OPERATOR: Final = Path(__file__).parents[2] / "operator"


class Person:
    """Somebody at a prompt."""

    def __init__(self, stage: Stage, name: str) -> None:
        """Let somebody in.

        Args:
            stage: Where they act.
            name: The user name by which the API server knows them.
        """
        self.name = name
        self._stage = stage
        self._kubeconfig = stage.cluster.kubeconfig_of(name)
        right = ("--clusterrole=edit", f"--user={name}", "-n", NAMESPACE)
        stage.cluster.kubectl("create", "rolebinding", name, *right)
        self._programs = {
            "knowngood": Path(sys.executable).with_name("knowngood"),
            "kubectl": stage.cluster.tools.kubectl,
        }

    def types(self, program: str, *args: str) -> str:
        """Run `knowngood` or `kubectl` in the directory of the examples, in the person's own name; return what it says.

        Raises:
            DemoError: it ended with an error.
        """
        narrator = self._stage.narrator
        narrator.say(f"{self.name}: {shlex.join([program, *args])}", "bold")
        done = subprocess.run(
            [self._programs[program], *args],
            cwd=EXAMPLES.parent,
            env={
                **os.environ,
                "KUBECONFIG": str(self._kubeconfig),
                "NO_PROXY": "*",
                "PYTHONPATH": str(_OPERATOR),  # of this checkout, whatever is installed
            },
            capture_output=True,
            text=True,
            check=False,
        )
        said = f"{done.stdout}{done.stderr}".strip()
        for line in said.splitlines():
            narrator.sentence("           ", line, "dim")
        if done.returncode:
            raise DemoError(f"{self.name} could not do that: {said}")
        return done.stdout
