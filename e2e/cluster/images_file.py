"""The images that a person adds at the prompt: a JSON file, read with care."""

import json
from pathlib import Path
from typing import Any, Final

from e2e.cluster.errors import OptionError
from e2e.cluster.options import Image

SHAPE: Final = '{"image prefix": {"argv": ["program", "argument"], "env": {"NAME": "value"}}}'


def read_images(path: Path) -> dict[str, Image]:
    """Return the images of a file of `SHAPE`; `env` may be left out.

    Raises:
        OptionError: it can not be read, or has another shape; the text says which part.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"--images names a file, and {path} can not be read: {error}") from error
    except json.JSONDecodeError as error:
        raise OptionError(f"--images: {path} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise OptionError(f"--images: {path} must be like {SHAPE}")
    return {prefix: _image(path, prefix, entry) for prefix, entry in found.items()}


def _image(path: Path, prefix: str, entry: Any) -> Image:
    entry = entry if isinstance(entry, dict) else {}
    argv, env = entry.get("argv"), entry.get("env", {})
    if not (isinstance(argv, list) and argv and all(isinstance(word, str) for word in argv)):
        raise OptionError(f"--images: {path}: {prefix}.argv must be a list of words, as in {SHAPE}")
    if not (isinstance(env, dict) and all(isinstance(value, str) for value in env.values())):
        raise OptionError(f"--images: {path}: {prefix}.env must hold strings, as in {SHAPE}")
    return Image(tuple(argv), env)
