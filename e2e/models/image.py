"""The loan model, and what feeds it, as images of the local cluster."""

import sys
from pathlib import Path
from typing import Final

from e2e.cluster import Image
from e2e.cluster.progress import Progress
from e2e.models import train

NAME: Final = "knowngood/loan-model"
"""Name of the image in the manifests, without its tag."""

FEED: Final = "knowngood/feature-feed"
"""Likewise, of the feature store and of the job that fills it."""

_ROOT: Final = Path(__file__).parents[2]


def loan_model(
    cache_dir: Path | None = None, progress: Progress | None = None, proxy: str = ""
) -> Image:
    """Return what the node runs for the image, after training the models if they are absent.

    Args:
        cache_dir: Where rows and models are kept; the user's cache by default.
        progress: Told what is done; by default the standard error stream is.
        proxy: URL of what leads to Services by their names, in a cluster that has neither DNS nor kube-proxy.

    Raises:
        BuildError: the rows could not be fetched.
    """
    env = {"MODEL_DIR": str(train.ensure(cache_dir, progress)), **_environment(proxy)}
    return Image((sys.executable, "-m", "e2e.models.server"), env)


def feature_feed(proxy: str = "") -> Image:
    """Return what the node runs for the feature store and for its feed; see `loan_model`."""
    return Image((sys.executable, "-m", "e2e.models.store"), _environment(proxy))


def _environment(proxy: str) -> dict[str, str]:
    return {"PYTHONPATH": str(_ROOT), **({"http_proxy": proxy} if proxy else {})}
