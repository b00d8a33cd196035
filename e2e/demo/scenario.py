"""What every course of the demo has."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from e2e.cluster import Cluster
from e2e.demo.harm import Harm
from e2e.demo.narrator import Narrator
from e2e.demo.observation import IncidentView
from e2e.demo.paging import Pager
from e2e.demo.stage import Stage
from e2e.demo.staying import OF_WHAT_SERVES
from e2e.demo.watcher import Watcher
from e2e.load import Load


class Scenario(ABC):
    """Plays the acts; each returns when what it is about has happened, or raises.

    Attributes:
        bad: The version that turns bad.
        otherwise: Who approves those whom it has wronged, as it reads after "applicants whom".
        effort: What people had to do until users were safe.
        to_try: What there is to try where it stays up.
        paged: Whether somebody is paged: then an Alertmanager is started beside the cluster.
        pager: That one.
    """

    bad: ClassVar[str]
    otherwise: ClassVar[str]
    effort: ClassVar[str] = "nobody had to do anything"
    to_try: ClassVar[str] = OF_WHAT_SERVES
    paged: ClassVar[bool] = False
    pager: Pager | None = None

    def __init__(self, cluster: Cluster, watcher: Watcher, narrator: Narrator) -> None:
        self._stage = Stage(cluster, watcher, narrator)

    @abstractmethod
    def begin(self) -> None:
        """Apply everything with the first version, and wait until it answers."""

    @abstractmethod
    def trouble(self, load: Load) -> tuple[Harm, IncidentView]:
        """Let something go wrong while clients are busy, and wait until users are safe."""

    @abstractmethod
    def after(self, load: Load) -> None:
        """Play what follows."""

    @abstractmethod
    def harm(self, load: Load) -> Harm:
        """Return what the bad version has done to clients."""

    def also(self, load: Load) -> Sequence[str]:  # noqa: ARG002 - what most have nothing to say of
        """Say what else there is to say at the end, one sentence a line."""
        return ()
