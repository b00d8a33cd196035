"""The `Traffic` port in memory: a gateway that follows when it is told to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from knowngood.adapters.memory.foreign_traffic import MemoryForeignTraffic, OtherRoutes
from knowngood.adapters.memory.server import Line
from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.control.ports import Backend, Key
from knowngood.decisions.gateways import Parent, parents_wanted
from knowngood.decisions.parting import Parting
from knowngood.decisions.situation import RouteView
from knowngood.errors import Claimed


@dataclass(slots=True)
class MemoryGateway:
    """Routes, as asked for and as taken over.

    Attributes:
        asked: Weight by Service, for each model's route.
        taken: The same as the gateway does it now.
        copies: Percent of the requests that a Service gets copies of, for each model's route.
        copied: The same as the gateway does it now.
        tested: Services that requests by which people try a version go to, for each model's route, as asked for.
        parents: Gateways that each model's route attaches to, as asked for.
        foreign: Models whose route's name belongs to somebody else.
        others: Routes of somebody else.
        changed: Called with a model's key when its route changed.
    """

    asked: dict[Key, Mapping[str, int]] = field(default_factory=dict)
    taken: dict[Key, Mapping[str, int]] = field(default_factory=dict)
    copies: dict[Key, Mapping[str, int]] = field(default_factory=dict)
    copied: dict[Key, Mapping[str, int]] = field(default_factory=dict)
    tested: dict[Key, frozenset[str]] = field(default_factory=dict)
    parents: dict[Key, tuple[Parent, ...]] = field(default_factory=dict)
    foreign: set[Key] = field(default_factory=set)
    others: OtherRoutes = field(default_factory=OtherRoutes)
    changed: Callable[[Key], None] = lambda _: None

    def follow(self) -> None:
        """Take over everything that was asked for."""
        news = [k for k in self.asked | self.taken if not self.follows(k)]
        self.taken, self.copied = dict(self.asked), dict(self.copies)
        for key in news:
            self.changed(key)
        self.others.follow()

    def follows(self, key: Key) -> bool:
        """Whether it does what a route asks for."""
        shares = self.asked.get(key) == self.taken.get(key)
        return shares and self.copies.get(key) == self.copied.get(key)


class MemoryTraffic:
    """Routes of models."""

    def __init__(self, gateway: MemoryGateway, line: Line) -> None:
        self._gateway = gateway
        self._line = line
        self._foreign = MemoryForeignTraffic(gateway.others, line)

    def seen(self, model: AIModelDeployment, services: Mapping[str, str]) -> RouteView:
        """The route as it is; programmed when the gateway has taken it over."""
        if model.spec.route_ref:
            return self._foreign.seen(model, services)
        key = _key(model)
        asked = self._gateway.asked.get(key)
        if key in self._gateway.foreign:
            return RouteView({}, programmed=False, message=_foreign(key))
        if asked is None:
            return RouteView({}, programmed=False, message="there is no route yet")
        versions = {service: version for version, service in services.items()}
        weights = {versions.get(service, service): weight for service, weight in asked.items()}
        programmed = self._gateway.follows(key)
        message = "" if programmed else "the gateway has not seen the latest weights yet"
        copies = {versions.get(s, s): p for s, p in self._gateway.copies.get(key, {}).items()}
        return RouteView(
            weights,
            programmed=programmed,
            message=message,
            copies=copies,
            parents=self._gateway.parents[key],
            tested=frozenset(versions.get(s, s) for s in self._gateway.tested.get(key, ())),
        )

    async def claimed(self, model: AIModelDeployment) -> str | None:
        """Say whose the route's name is, when it is not ours."""
        if model.spec.route_ref:
            return None
        key = _key(model)
        return _foreign(key) if key in self._gateway.foreign else None

    async def apply(
        self, model: AIModelDeployment, backends: tuple[Backend, ...], ours: frozenset[str]
    ) -> None:
        """Make the route as it should be; writes nothing when it is.

        Raises:
            Claimed: It belongs to somebody else.
        """
        if model.spec.traffic is None or not backends:
            return
        if model.spec.route_ref:
            self._foreign.apply(model, backends, ours)
            return
        self._line.check()
        words = await self.claimed(model)
        if words is not None:
            raise Claimed(words)
        key, wanted = _key(model), {b.service: b.weight for b in backends}
        copies = {b.service: b.mirror for b in backends if b.mirror > 0}
        gateway, parents = self._gateway, parents_wanted(model)
        tested = frozenset(b.service for b in backends if b.tested)
        known = gateway.asked.get(key), gateway.copies.get(key, {}), gateway.parents.get(key)
        if (*known, gateway.tested.get(key, frozenset())) == (wanted, copies, parents, tested):
            return
        gateway.asked[key], gateway.copies[key], gateway.parents[key] = wanted, copies, parents
        gateway.tested[key] = tested
        self._gateway.changed(key)
        self._line.done(f"apply route {key.name} {wanted} {copies or ''}".rstrip())

    async def remove(self, model: AIModelDeployment, ours: frozenset[str], step: Parting) -> bool:
        """Delete the route; True when it is gone."""
        if model.spec.route_ref:
            return self._foreign.remove(model, ours, step)
        key = _key(model)
        self._line.check()
        self._gateway.copies.pop(key, None)
        if self._gateway.asked.pop(key, None) is None:
            return True
        self._gateway.changed(key)
        self._line.done(f"delete route {key.name}")
        return False


def _key(model: AIModelDeployment) -> Key:
    return Key(model.metadata.namespace, model.metadata.name)


def _foreign(key: Key) -> str:
    return f"HTTPRoute {key.name} belongs to somebody else"
