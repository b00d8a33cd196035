"""Programs that Debian and its kin carry as packages, unpacked without being installed."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e.cluster.errors import BuildError
from e2e.cluster.progress import Progress

_RELEASE = Path("/etc/os-release")


@dataclass(frozen=True, slots=True)
class DebianPackages:
    """A recipe: the files of some packages, in the version of this machine's release; apt proves whose they are.

    Attributes:
        name: Name of the entry in the cache.
        packages: With what they need that a machine may lack.
        products: See `Recipe`.
    """

    name: str
    packages: Sequence[str]
    products: Sequence[str]

    @property
    def inputs(self) -> Sequence[str]:
        """See `Recipe`."""
        return (*self.packages, _RELEASE.read_text() if _RELEASE.exists() else "")

    def make(self, into: Path, progress: Progress) -> None:
        """See `Recipe`."""
        if shutil.which("apt-get") is None:
            raise BuildError(f"{self.name}: it comes as Debian packages, and there is no apt-get")
        progress(f"{self.name}: fetching {', '.join(self.packages)}")
        with tempfile.TemporaryDirectory(prefix="knowngood-debian-") as scratch:
            folder = Path(scratch)
            for part in ("state/lists/partial", "cache/archives/partial"):
                (folder / part).mkdir(parents=True)
            # Lists of its own: the machine's may be old or absent, and only root may bring them up to date.
            settings = (f"Dir::State={folder}/state", f"Dir::Cache={folder}/cache")
            apt = ["apt-get", "-qq", *(f"-o{one}" for one in (*settings, "APT::Sandbox::User="))]
            self._run([*apt, "update"], folder)
            self._run([*apt, "download", *self.packages], folder)
            for archive in sorted(folder.glob("*.deb")):
                self._run(["dpkg-deb", "--extract", str(archive), str(into)], folder)

    def _run(self, command: Sequence[str], cwd: Path) -> None:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError(f"{self.name}: {command[0]} failed:\n{done.stderr.strip()}")
