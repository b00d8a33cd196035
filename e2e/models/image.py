"""The loan model as an image of the local cluster."""

import sys
from pathlib import Path
from typing import Final

from e2e.cluster import Image
from e2e.cluster.progress import Progress
from e2e.models import train

NAME: Final = "knowngood/loan-model"
"""Name of the image in the manifests, without its tag."""

_ROOT: Final = Path(__file__).parents[2]


def loan_model(cache_dir: Path | None = None, progress: Progress | None = None) -> Image:
    """Return what the node runs for the image, after training the models if they are absent.

    Args:
        cache_dir: Where rows and models are kept; the user's cache by default.
        progress: Told what is done; by default the standard error stream is.

    Raises:
        BuildError: the rows could not be fetched.
    """
    env = {"MODEL_DIR": str(train.ensure(cache_dir, progress)), "PYTHONPATH": str(_ROOT)}
    return Image((sys.executable, "-m", "e2e.models.server"), env)
