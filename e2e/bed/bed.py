"""A cluster with Knowngood installed, on which stories have rooms."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from e2e.bed.gateways import Gateway
from e2e.bed.images import own_images
from e2e.bed.operator import Operator
from e2e.bed.reading import Reader
from e2e.bed.room import Room
from e2e.bed.waiting import wait_for
from e2e.cluster import Cluster
from e2e.cluster.errors import NotOursError

_SIGNALS: Final = Path(__file__).parents[2] / "examples/loan-approval/signal-templates.yaml"
_GONE_S: Final = 60


class Bed:
    """The cluster, the operator, and the rooms that were opened.

    Attributes:
        cluster: Where everything runs.
        operator: As the chart installed it.
        reader: Reads the cluster's objects.
    """

    def __init__(self, cluster: Cluster, reader: Reader, operator: Operator) -> None:
        self.cluster = cluster
        self.operator = operator
        self.reader = reader
        self._left: list[str] = []

    @classmethod
    def make(cls, cluster: Cluster, *settings: str) -> "Bed":
        """Install Knowngood and the signals of the loan model.

        Args:
            cluster: One that runs. If it was not started here, its nodes must know the images.
            settings: Values of the chart, as helm's `--set` takes them.

        Raises:
            StartError: Knowngood did not become ready.
            BuildError: the rows of the loan data could not be fetched.
        """
        with contextlib.suppress(NotOursError):
            for name, image in own_images().items():
                cluster.set_image(name, image.argv, image.env)
        reader = Reader(cluster.kubeconfig)
        operator = Operator.install(cluster, reader, *settings)
        cluster.kubectl("apply", "-f", str(_SIGNALS))
        return cls(cluster, reader, operator)

    @contextlib.contextmanager
    def room(self, name: str, gateway: Gateway = Gateway.CONTOUR) -> Iterator[Room]:
        """Open a namespace for one story; it is given up at the end, and goes by itself.

        Args:
            name: Of the namespace.
            gateway: Which one the requests of the story come through.
        """
        self.cluster.kubectl("create", "namespace", name)
        try:
            yield Room(self.cluster, self.reader, self.operator, name, gateway)
        finally:
            self._left.append(name)
            self.cluster.kubectl("delete", "namespace", name, "--wait=false")

    def clear(self) -> None:
        """Return when nothing is left of the rooms that were given up.

        Raises:
            NotInTime: something is stuck.
        """
        for name in self._left:
            wait_for(
                lambda: not self.reader.namespace_exists(name),  # noqa: B023 - called at once
                f"namespace {name} is gone",
                deadline_s=_GONE_S,
                diagnose=lambda: self.cluster.kubectl("get", "namespace", name, "-o", "yaml"),  # noqa: B023 - likewise
            )
        self._left.clear()
