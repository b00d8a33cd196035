"""Recipes for what comes out of Go modules: programs, and files that modules carry."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e.cluster.binaries.cache import Cache
from e2e.cluster.binaries.golang import Compilation, run, toolchain
from e2e.cluster.errors import BuildError
from e2e.cluster.progress import Progress

_FLAGS = ("-v", "-trimpath")
_STRIPPED = "-s -w"  # no symbol table, no debug data: half the size


@dataclass(frozen=True, slots=True)
class OwnModule:
    """A recipe: a module of this repository, as one program known by several names.

    Attributes:
        cache: Where Go itself may have to be kept.
        name: Name of the entry in the cache, and of the program.
        source: Directory with go.mod, go.sum and main.go.
        called: The names that link to the program.
        packages: See `Compilation`.
        settings: Variables that the linker sets, by their full names.
    """

    cache: Cache
    name: str
    source: Path
    called: Sequence[str]
    packages: int
    settings: Sequence[tuple[str, str]] = ()

    @property
    def inputs(self) -> Sequence[str]:
        """See `Recipe`."""
        sources = [(self.source / f).read_text() for f in ("go.mod", "go.sum", "main.go")]
        return (*_FLAGS, _linked(self.settings), *self.called, *sources)

    @property
    def products(self) -> Sequence[str]:
        """See `Recipe`."""
        return (self.name, *self.called)

    def make(self, into: Path, progress: Progress) -> None:
        """See `Recipe`."""
        go = toolchain(self.cache, progress)
        args = ["build", *_FLAGS, "-ldflags", _linked(self.settings), "-o", str(into / self.name)]
        what = Compilation(self.name, self.packages)
        run(go, args, cwd=self.source, compilation=what, progress=progress)
        for link in self.called:
            (into / link).symlink_to(self.name)


@dataclass(frozen=True, slots=True)
class PublishedProgram:
    """A recipe: a program of a published module.

    Attributes:
        cache: Where Go itself may have to be kept.
        name: Name of the entry in the cache, and of the program.
        package: Import path of the program.
        version: Version of its module.
        packages: See `Compilation`.
        tags: Build tags.
        settings: Variables that the linker sets, by their full names.
    """

    cache: Cache
    name: str
    package: str
    version: str
    packages: int
    tags: Sequence[str] = ()
    settings: Sequence[tuple[str, str]] = ()

    @property
    def inputs(self) -> Sequence[str]:
        """See `Recipe`."""
        return (f"{self.package}@{self.version}", *self._options())

    @property
    def products(self) -> Sequence[str]:
        """See `Recipe`."""
        return (self.name,)

    def make(self, into: Path, progress: Progress) -> None:
        """See `Recipe`."""
        go = toolchain(self.cache, progress)
        args = ["install", *self._options(), f"{self.package}@{self.version}"]
        what = Compilation(self.name, self.packages)
        env: Mapping[str, str] = {"GOBIN": str(into)}
        run(go, args, cwd=into, env=env, compilation=what, progress=progress)

    def _options(self) -> Sequence[str]:
        tags = ["-tags", ",".join(self.tags)] if self.tags else []
        return (*_FLAGS, *tags, "-ldflags", _linked(self.settings))


@dataclass(frozen=True, slots=True)
class ModuleFiles:
    """A recipe: YAML files that published modules carry.

    Attributes:
        cache: Where Go itself may have to be kept.
        name: Name of the entry in the cache.
        sources: Of each module: its path, its version, and the glob of the files wanted.
        products: See `Recipe`.
    """

    cache: Cache
    name: str
    sources: Sequence[tuple[str, str, str]]
    products: Sequence[str]

    @property
    def inputs(self) -> Sequence[str]:
        """See `Recipe`."""
        return [text for source in self.sources for text in source]

    def make(self, into: Path, progress: Progress) -> None:
        """See `Recipe`."""
        go = toolchain(self.cache, progress)
        for module, version, pattern in self.sources:
            args = ["mod", "download", "-json", f"{module}@{version}"]
            what = Compilation(self.name)
            output = run(go, args, cwd=into, compilation=what, progress=progress)
            found = sorted(Path(json.loads(output)["Dir"]).glob(pattern))
            if not found:
                raise BuildError(f"{self.name}: {module} {version} holds no {pattern}")
            for file in found:
                shutil.copyfile(file, into / file.name)


def _linked(settings: Sequence[tuple[str, str]]) -> str:
    return " ".join([_STRIPPED, *(f"-X {name}={value}" for name, value in settings)])
