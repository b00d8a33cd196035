"""What an image name means on this machine."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Program:
    """The entry point of an image, and its environment."""

    argv: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)

    def image_id(self, image: str) -> str:
        """Name the image by what it means now, as a registry's digest does: a name can be given another meaning."""
        text = json.dumps([list(self.argv), dict(self.env)], sort_keys=True)
        return f"{image.partition('@')[0]}@sha256:{hashlib.sha256(text.encode()).hexdigest()}"


class UnknownImageError(Exception):
    """The image is not in the map, and the container brings no command of its own."""


class Images:
    """A JSON file: `{"prefix": {"argv": [...], "env": {...}}}`; it may change at any time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, image: str, *, has_command: bool) -> Program:
        """Return the program of the longest prefix of the image's name.

        Raises:
            UnknownImageError: there is none, and it is needed.
        """
        known = json.loads(self._path.read_text())
        best = max((prefix for prefix in known if image.startswith(prefix)), key=len, default=None)
        if best is not None:
            return Program(known[best]["argv"], known[best]["env"])
        if has_command:
            return Program()
        raise UnknownImageError(
            f"{image} is not in the images map and the container has no command"
        )
