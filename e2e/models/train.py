"""Training: three scikit-learn models on the reference rows, kept in the user's cache.

scikit-learn is imported where it is used: who finds the models in the cache need not wait for it.
"""

import hashlib
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from e2e.cluster.binaries.cache import Cache
from e2e.cluster.options import default_cache_dir
from e2e.cluster.progress import Progress, Terminal
from e2e.models import data, features
from e2e.models.scoring import Kind, file_name

SEED: Final = 20180101
"""Of everything random in a training."""

_PENALTY: Final = 100.0
"""How much more than the usual regression the other one pays for large weights."""


class _Models:
    """The recipe of the cache entry: one file for each kind, keyed by code, data and libraries."""

    name = "loan-models"
    products: Sequence[str] = tuple(file_name(kind) for kind in Kind)

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir
        code = [Path(__file__), Path(__file__).with_name("features.py")]
        sources = [hashlib.sha256(path.read_bytes()).hexdigest() for path in code]
        libraries = [f"{name}=={version(name)}" for name in ("scikit-learn", "numpy", "joblib")]
        self.inputs: Sequence[str] = (*sources, *libraries, data.digest())

    def make(self, into: Path, progress: Progress) -> None:
        """See `Recipe`."""
        import joblib  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy; it ships no types

        loans = data.reference(data.fetch(self._cache_dir, progress))
        progress(f"loan-models: training on {len(loans.rows)} rows")
        rows = [features.vector(row, features.Preprocessing.V1) for row in loans.rows]
        for kind, make in _PIPELINES.items():
            joblib.dump(make().fit(rows, loans.repaid), into / file_name(kind))


def ensure(cache_dir: Path | None = None, progress: Progress | None = None) -> Path:
    """Return the directory of the trained models, training them first if they are absent.

    Args:
        cache_dir: Where to keep them; the user's cache by default.
        progress: Told what is done; by default the standard error stream is.

    Raises:
        BuildError: the rows could not be fetched.
    """
    cache_dir = cache_dir or default_cache_dir()
    return Cache(cache_dir).ensure(_Models(cache_dir), progress or Terminal())


def _logistic(penalty: float = 1.0) -> Any:
    import numpy as np  # noqa: PLC0415 - only a training needs it
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - likewise
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415 - likewise
    from sklearn.preprocessing import FunctionTransformer, StandardScaler  # noqa: PLC0415 - likewise

    # No single outlier may decide: beyond two standard deviations a value counts as two.
    limit = FunctionTransformer(np.clip, kw_args={"a_min": -2.0, "a_max": 2.0})
    regression = LogisticRegression(random_state=SEED, C=1 / penalty)
    return make_pipeline(StandardScaler(), limit, regression)


def _ridge() -> Any:
    return _logistic(_PENALTY)


def _boosted() -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - only for training

    return HistGradientBoostingClassifier(max_iter=40, random_state=SEED)


_PIPELINES: Final[dict[Kind, Callable[[], Any]]] = {
    Kind.LOGISTIC: _logistic,
    Kind.RIDGE: _ridge,
    Kind.BOOSTED: _boosted,
}
