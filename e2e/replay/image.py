"""The replaying pod as an image of the local cluster."""

import sys
from pathlib import Path
from typing import Final

from e2e.cluster import Image
from e2e.models.data import fetch

NAME: Final = "knowngood/loan-replay"
"""Name of the image in the manifests, without its tag."""

_ROOT: Final = Path(__file__).parents[2]


def loan_replay() -> Image:
    """Return what the node runs for the image, after fetching the rows if they are absent.

    Raises:
        BuildError: the rows could not be fetched.
    """
    env = {"ROWS_DIR": str(fetch()), "PYTHONPATH": str(_ROOT)}
    return Image((sys.executable, "-m", "e2e.replay.server"), env)
