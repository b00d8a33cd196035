import pytest

from e2e.cluster.binaries import Tools
from e2e.cluster.options import default_cache_dir
from e2e.cluster.progress import Terminal
from tests.chart.helm import Helm


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """Helm that knows no cluster."""
    tools = Tools(default_cache_dir(), Terminal())
    return Helm(tools.helm, tmp_path_factory.mktemp("helm"))


@pytest.fixture(scope="session")
def rendered(helm: Helm) -> list[dict[str, object]]:
    """Everything that the chart makes of its own values."""
    return helm.template().objects
