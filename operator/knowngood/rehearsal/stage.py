"""The cluster of a rehearsal: what is asked for is there at once, and who was scraped then is told by the record."""

from knowngood.adapters.memory.people import MemoryNamespaces
from knowngood.clock import Clock
from knowngood.control.ports import Key
from knowngood.rehearsal.ground import Ground
from knowngood.rehearsal.past_signals import PastSignals


class Stage(Ground):
    """A cluster whose pods are ready as soon as they are asked for.

    Its gateway takes requests away from nobody: the users that were recorded stayed where they were.
    """

    def __init__(self, clock: Clock, signals: PastSignals, namespaces: MemoryNamespaces) -> None:
        """Put it together; arguments as of a `Ground`."""
        super().__init__(clock, signals, namespaces)
        self.scraped = Scraped(signals)
        self.looks_into_incidents = False  # the pods and objects of then are gone

    def changed(self, key: Key) -> None:
        """Do what was asked for, and tell every process."""
        for (namespace, service), (_, seen) in self.cluster.deployments.items():
            pods = frozenset(f"{service}-{number}" for number in range(seen.replicas))
            self.endpoints.put(namespace, service, pods)
        first = not self.gateway.taken.get(key)
        if not self.gateway.follows(key) and (first or self._stays(key)):
            self.gateway.follow()
        super().changed(key)

    def _stays(self, key: Key) -> bool:
        """Whether everybody who has requests goes on to have some."""
        asked, taken = self.gateway.asked.get(key, {}), self.gateway.taken[key]
        return all(asked.get(service, 0) > 0 for service, weight in taken.items() if weight > 0)


class Scraped:
    """The `Endpoints` port for the judge: how many pods there were is not recorded, so one has to be seen."""

    def __init__(self, signals: PastSignals) -> None:
        self._signals = signals

    def ready(self, _namespace: str, _service: str) -> int:
        """One: a version none of whose pods is seen is not seen."""
        return 1

    def pods(self, _namespace: str, service: str) -> frozenset[str]:
        """Names of the pods that were scraped behind a Service, as far as was read."""
        return frozenset(self._signals.pods.get(service, ()))
