"""The ports that tell: Events, labels of namespaces, and who may write."""

from collections.abc import Mapping

from knowngood.adapters.memory.server import Line
from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.decisions.plan import Notice
from knowngood.errors import NotLeader


class MemoryEvents:
    """Events that were told, by what makes them unique: they outlive the process that told them."""

    def __init__(self) -> None:
        self.told: dict[tuple[str, str, str], Notice] = {}

    @property
    def reasons(self) -> list[str]:
        """Reasons of all events, in order."""
        return [notice.reason for notice in self.told.values()]


class MemoryRecorder:
    """The `Recorder` port."""

    def __init__(self, events: MemoryEvents, line: Line) -> None:
        self._events = events
        self._line = line

    async def tell(self, model: AIModelDeployment, notice: Notice) -> bool:
        """Tell a notice once, also across restarts; False when it was told before."""
        self._line.check()
        key = (model.metadata.uid, notice.reason, notice.key)
        if key in self._events.told:
            return False
        self._events.told[key] = notice
        self._line.done(f"event {notice.reason}")
        return True


class MemoryNamespaces:
    """The `Namespaces` port.

    Attributes:
        ending: Namespaces that are being deleted.
        frozen: Why, by namespace.
    """

    def __init__(self, labels: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._labels = dict(labels or {})
        self.ending: set[str] = set()
        self.frozen: dict[str, str] = {}

    def labels(self, namespace: str) -> Mapping[str, str]:
        """Labels of a namespace; empty when it is not known."""
        return self._labels.get(namespace, {})

    def ends(self, namespace: str) -> bool:
        """Whether a namespace is being deleted."""
        return namespace in self.ending

    def freeze(self, namespace: str) -> str:
        """Why people have frozen a namespace; empty when they have not."""
        return self.frozen.get(namespace, "")


class MemoryFence:
    """The `Fence` port: who leads is said by hand.

    Attributes:
        leads: Whether this process may write now.
    """

    def __init__(self, number: int = 1, *, leads: bool = True) -> None:
        self.number = number
        self.leads = leads

    def term(self) -> int:
        """Number of the present term.

        Raises:
            NotLeader: This process may not write.
        """
        if not self.leads:
            raise NotLeader("another process holds the Lease")
        return self.number
