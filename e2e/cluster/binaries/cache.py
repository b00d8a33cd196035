"""The user's cache of programs: each is made once, and is either whole or absent."""

import fcntl
import hashlib
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from e2e.cluster.errors import BuildError
from e2e.cluster.progress import Progress


class Recipe(Protocol):
    """How to make one entry of the cache."""

    @property
    def name(self) -> str:
        """A short name, also of its directory."""

    @property
    def inputs(self) -> Sequence[str]:
        """Everything that decides the outcome: versions, flags, contents of sources."""

    @property
    def products(self) -> Sequence[str]:
        """The files, relative to the entry, that exist once it is made."""

    def make(self, into: Path, progress: Progress) -> None:
        """Make all files in an empty directory; raise `BuildError` if that is impossible."""


class Cache:
    """Entries keyed by a digest of what they are made from."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, recipe: Recipe) -> Path:
        """Return where the entry is, or would be."""
        return self.directory / f"{recipe.name}-{_digest(recipe)}"

    def has(self, recipe: Recipe) -> bool:
        """Tell whether the entry is there."""
        return self.path(recipe).is_dir()

    def ensure(self, recipe: Recipe, progress: Progress) -> Path:
        """Return the directory of the entry, making it first if it is absent.

        Several processes may ask at once: one makes it, the others wait.

        Raises:
            BuildError: it could not be made; nothing is left in its place.
        """
        if self.has(recipe):
            return self.path(recipe)
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._locked(recipe, progress):
            if not self.has(recipe):
                self._make(recipe, progress)
        return self.path(recipe)

    def _make(self, recipe: Recipe, progress: Progress) -> None:
        self._sweep(recipe)
        unfinished = Path(tempfile.mkdtemp(dir=self.directory, prefix=f".making-{recipe.name}-"))
        try:
            recipe.make(unfinished, progress)
            absent = [name for name in recipe.products if not (unfinished / name).exists()]
            if absent:
                raise BuildError(f"{recipe.name}: made, but without {', '.join(absent)}")
            unfinished.chmod(0o755)
            unfinished.rename(self.path(recipe))
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _sweep(self, recipe: Recipe) -> None:
        """Remove what a killed build left; we hold the lock, so no other one is under way."""
        for leftover in self.directory.glob(f".making-{recipe.name}-*"):
            shutil.rmtree(leftover, ignore_errors=True)

    @contextmanager
    def _locked(self, recipe: Recipe, progress: Progress) -> Iterator[None]:
        descriptor = os.open(self.directory / f".{recipe.name}.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress(f"{recipe.name}: another process is making it; waiting")
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _digest(recipe: Recipe) -> str:
    parts = [platform.machine(), *recipe.inputs]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
