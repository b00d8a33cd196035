"""Routes of somebody else, in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from knowngood.adapters.memory.server import Line
from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.control.ports import Backend, Key
from knowngood.decisions.foreign import ForeignRule, leading, ref_of, route_view
from knowngood.decisions.gateways import Parent
from knowngood.decisions.naming import claim_of
from knowngood.decisions.parting import Parting
from knowngood.decisions.putting_back import keeps_adopted
from knowngood.decisions.situation import RouteView
from knowngood.decisions.splicing import Share, copied, restored, spliced
from knowngood.errors import Claimed


@dataclass(frozen=True, slots=True)
class OtherRoute:
    """A route.

    Attributes:
        rules: As they are asked for.
        taken: As the gateway does them.
        claimant: Which model uses it.
        parents: Gateways that it attaches to.
    """

    rules: tuple[ForeignRule, ...]
    taken: tuple[ForeignRule, ...] = ()
    claimant: str = ""
    parents: tuple[Parent, ...] = (Parent("gateways", "public"),)


@dataclass(slots=True)
class OtherRoutes:
    """Routes by namespace and name.

    Attributes:
        changed: Called with namespace and name of a route that changed.
    """

    routes: dict[Key, OtherRoute] = field(default_factory=dict)
    changed: Callable[[str, str], None] = lambda *_: None

    def put(self, key: Key, route: OtherRoute) -> None:
        """Write a route."""
        self.routes[key] = route
        self.changed(key.namespace, key.name)

    def follow(self) -> None:
        """Take over everything that was asked for."""
        for key, route in self.routes.items():
            if route.taken != route.rules:
                self.put(key, replace(route, taken=route.rules))


class MemoryForeignTraffic:
    """Changes rules of routes that others own."""

    def __init__(self, others: OtherRoutes, line: Line) -> None:
        self._others = others
        self._line = line

    def seen(self, model: AIModelDeployment, services: Mapping[str, str]) -> RouteView:
        """The route as it is; programmed when the gateway has taken it over."""
        ref = ref_of(model)
        route = self._others.routes.get(_route(model))
        if route is None:
            return route_view(None, ref, services)
        late = route.taken != route.rules
        refusals = ["the gateway has not seen the latest weights yet"] if late else []
        return route_view(
            route.rules, ref, services, refusals, route.claimant, parents=route.parents
        )

    def apply(
        self, model: AIModelDeployment, backends: tuple[Backend, ...], ours: frozenset[str]
    ) -> None:
        """Make our part of the route as it should be; writes nothing when it is."""
        shares = [Share(b.service, b.port, b.weight, b.mirror) for b in backends]
        keep = keeps_adopted(model)
        adopt = ref_of(model).adopt
        self._change(
            model,
            claim_of(model.metadata),
            ours,
            lambda rule: replace(
                rule,
                refs=tuple(spliced(rule, shares, ours, adopt, keep_adopted=keep)),
                filters=tuple(copied(rule, shares, ours)),
            ),
        )

    def remove(self, model: AIModelDeployment, ours: frozenset[str], step: Parting) -> bool:
        """Go a step in giving the requests back; True when the gateway has taken it over."""
        route = self._others.routes.get(_route(model))
        if route is None or route.claimant not in {"", claim_of(model.metadata)}:
            return True
        traffic = model.status.traffic if model.status else None
        runs = model.spec.serving.deployment is not None
        original, adopt = (
            (traffic.original if traffic else (), ref_of(model).adopt) if runs else ((), None)
        )
        claim = "" if step is Parting.LEAVING else route.claimant
        self._change(
            model,
            claim,
            ours,
            lambda rule: replace(
                rule,
                refs=tuple(restored(rule, original, ours, adopt, step)),
                filters=tuple(copied(rule, (), ours)),
            ),
        )
        now = self._others.routes[_route(model)]
        return now.taken == now.rules

    def _change(
        self,
        model: AIModelDeployment,
        claim: str,
        ours: frozenset[str],
        wanted: Callable[[ForeignRule], ForeignRule],
    ) -> None:
        self._line.check()
        key = _route(model)
        route = self._others.routes.get(key)
        if route is None:
            raise Claimed(f"there is no HTTPRoute {key.name}")
        chosen, _ = leading(route.rules, ref_of(model), ours)
        changed = {rule.index: wanted(rule) for rule in chosen}
        rules = tuple(changed.get(rule.index, rule) for rule in route.rules)
        if (rules, claim) == (route.rules, route.claimant):
            return
        self._others.put(key, replace(route, rules=rules, claimant=claim))
        self._line.done(f"patch route {key.name} {[rule.refs for rule in rules]}")


def _route(model: AIModelDeployment) -> Key:
    return Key(model.metadata.namespace, ref_of(model).name)
