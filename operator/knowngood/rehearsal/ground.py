"""What is there whatever process of the operator runs: a cluster, its gateway and its API server, in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from knowngood.adapters.memory.feeds import MemoryFeeds
from knowngood.adapters.memory.gateways import MemoryProber
from knowngood.adapters.memory.objects import MemoryObjects
from knowngood.adapters.memory.people import MemoryEvents, MemoryNamespaces
from knowngood.adapters.memory.pods import MemoryAsker
from knowngood.adapters.memory.server import MemoryServer
from knowngood.adapters.memory.traffic import MemoryGateway
from knowngood.adapters.memory.workloads import MemoryCluster, MemoryEndpoints
from knowngood.clock import Clock
from knowngood.control.ports import Endpoints, Key, Signals
from knowngood.control.receivers import Receiver
from knowngood.control.sinks import Sink
from knowngood.decisions.retaining import Retention
from knowngood.decisions.suspendable import NOTHING, AllowList
from knowngood.messages.escalating import Reach
from knowngood.messages.message import Audience


@dataclass
class Listener:
    """Somebody who is told of incidents, whom they are told, and how."""

    receiver: Receiver
    reach: Reach = Reach(default=True)  # noqa: RUF009  - it is frozen
    audience: Audience = Audience.OPERATIONS


class Ground:
    """A cluster.

    Attributes:
        scraped: The pods that have to be seen in the signals, for the judge.
        sinks: SIEMs, by name.
        receivers: Whoever is told of incidents, by name.
        objects: What the playbook finds out about other objects.
        feeds: Objects that feed models.
        suspendable: What of them may be suspended.
        looks_into_incidents: Whether the playbook is run.
        archives_forbidden: Why no ConfigMap may be created; empty where that is allowed.
        retention: Which incidents are kept.
        prober: What the gateway is found to do.
        asker: What pods answer to golden requests.
        told: Called with a model's key when something of it has changed outside of the API server.
    """

    def __init__(self, clock: Clock, signals: Signals, namespaces: MemoryNamespaces) -> None:
        """Put it together, with nothing in it.

        Args:
            clock: Where everybody gets the time from.
            signals: Where readings come from.
            namespaces: What is known of namespaces.
        """
        self.clock = clock
        self.signals = signals
        self.namespaces = namespaces
        self.server = MemoryServer()
        self.cluster = MemoryCluster(changed=self.changed)
        self.gateway = MemoryGateway(changed=self.changed)
        self.endpoints = MemoryEndpoints()
        self.scraped: Endpoints = self.endpoints
        self.events = MemoryEvents()
        self.sinks: Mapping[str, Sink] = {}
        self.receivers: Mapping[str, Listener] = {}
        self.objects = MemoryObjects()
        self.feeds = MemoryFeeds()
        self.suspendable: AllowList = NOTHING
        self.looks_into_incidents = True
        self.archives_forbidden = ""
        self.retention = Retention()
        self.prober = MemoryProber()
        self.asker = MemoryAsker()
        self.told: list[Callable[[Key], None]] = []

    def changed(self, key: Key) -> None:
        """Tell every process that something of a model has changed."""
        for tell in self.told:
            tell(key)
