"""Helm, as the tests speak of it."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

CHART: Final = Path(__file__).parents[2] / "charts" / "knowngood"
NAMES: Final = "knowngood"

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What helm said.

    Attributes:
        code: Its exit code.
        out: What it printed.
        err: What it complained about.
    """

    code: int
    out: str
    err: str

    @property
    def good(self) -> str:
        """What it printed; it must not have failed."""
        assert self.code == 0, self.err
        return self.out

    @property
    def objects(self) -> list[Json]:
        """The objects that it printed."""
        return [document for document in yaml.safe_load_all(self.good) if document]

    @property
    def refusal(self) -> str:
        """Why it refused, in one line of words; it must have refused."""
        assert self.code != 0, f"helm took it:\n{self.out[:2000]}"
        return " ".join(self.err.split())


@dataclass(frozen=True)
class Helm:
    """The program, with a home of its own.

    Attributes:
        home: Where it keeps its caches.
        kubeconfig: Whose cluster it speaks to; None for none.
    """

    program: Path
    home: Path
    kubeconfig: Path | None = None

    def __call__(self, *args: str | Path, values: Json | None = None) -> Answer:
        """Run it; `values` are read like a file that `--values` names."""
        own = {f"HELM_{kind}_HOME": str(self.home / kind) for kind in ("CACHE", "CONFIG", "DATA")}
        own["KUBECONFIG"] = str(self.kubeconfig or self.home / "none")
        done = subprocess.run(  # noqa: S603 - the program that was built for the tests
            [self.program, *args, *(["--values=-"] if values is not None else [])],
            env={**os.environ, **own, "NO_PROXY": "*"},
            input=yaml.safe_dump(values) if values is not None else "",
            capture_output=True,
            text=True,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def template(
        self,
        release: str = NAMES,
        *args: str,
        namespace: str = NAMES,
        chart: Path = CHART,
        values: Json | None = None,
    ) -> Answer:
        """Render a chart without asking any cluster."""
        return self(
            "template", release, chart, f"--namespace={namespace}", *args, values=values or {}
        )


def one(objects: list[Json], kind: str) -> Json:
    """Return the only object of a kind."""
    (found,) = [o for o in objects if o["kind"] == kind]
    return found
