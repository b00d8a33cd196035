"""Two models that want the same requests: the one that was there first has them."""

import json
from collections.abc import Iterator

from knowngood.api.v1alpha1 import AIModelDeployment, GatewayAPI
from knowngood.control.ports import Key
from knowngood.control.store import Store
from knowngood.decisions.naming import claim_of
from knowngood.decisions.situation import RouteView, SpecProblem
from knowngood.errors import Claimed

Asked = tuple[str, str, str]
"""Gateway (with its listener), host name and match: what tells one kind of request from another."""

ANY_HOST = "any host"


class Claims:
    """Knows which model wants which requests, and finds models that want the same.

    A gateway gives them all to the older route and calls both of them accepted.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asked: dict[str, tuple[int, frozenset[Asked]]] = {}
        self._models: dict[Asked, dict[str, Key]] = {}
        self._filled = False

    def problem(self, model: AIModelDeployment, route: RouteView | None) -> SpecProblem | None:
        """Say why a model must not have its requests; None when it may."""
        if not self._filled:
            self._filled = True
            for other in self._store.all("AIModelDeployment"):
                self._note(other)
        self._note(model)
        taken = self.taken(model, route)
        if taken:
            return SpecProblem(Claimed.__name__, taken)
        return (route.problem if route else None) or self._older(model)

    def forget(self, uid: str) -> None:
        """Drop a model that is gone."""
        _, asked = self._asked.pop(uid, (0, frozenset[Asked]()))
        for one in asked:
            self._models[one].pop(uid, None)
            if not self._models[one]:
                del self._models[one]

    def _note(self, model: AIModelDeployment) -> None:
        meta = model.metadata
        known = self._asked.get(meta.uid)
        if known is not None and known[0] == meta.generation:
            return
        self.forget(meta.uid)
        gateway = model.spec.traffic.gateway_api if model.spec.traffic else None
        asked = frozenset(_asked(meta.namespace, gateway)) if gateway else frozenset[Asked]()
        self._asked[meta.uid] = (meta.generation, asked)
        for one in asked:
            self._models.setdefault(one, {})[meta.uid] = Key(meta.namespace, meta.name)

    def _older(self, model: AIModelDeployment) -> SpecProblem | None:
        mine = _age(model)
        for asked in sorted(self._asked[model.metadata.uid][1]):
            for uid, key in self._models[asked].items():
                other: AIModelDeployment | None = self._store.get(
                    "AIModelDeployment", key.namespace, key.name
                )
                if other is None or other.metadata.uid != uid or _age(other) >= mine:
                    continue
                if other.spec.suspend and not _has_route(other):
                    continue
                parent, host, match = asked
                text = (
                    f"spec.traffic.gatewayAPI: AIModelDeployment {key.namespace}/{key.name} has these requests already "
                    f"(gateway {parent}, {host}, match {match}): give this model others"
                )
                return SpecProblem(Claimed.__name__, text)
        return None

    def taken(self, model: AIModelDeployment, route: RouteView | None) -> str:
        """Say which other model uses the route of somebody else that a model refers to; empty when none does."""
        if route is None or route.claimant in {"", claim_of(model.metadata)}:
            return ""
        namespace, _, rest = route.claimant.partition("/")
        name, _, uid = rest.partition("/")
        other = self._store.get("AIModelDeployment", namespace, name)
        if other is None or other.metadata.uid != uid:
            return ""
        return (
            f"spec.traffic.routeRef.name: the route is used by AIModelDeployment {namespace}/{name}"
        )


def _asked(namespace: str, gateway: GatewayAPI) -> Iterator[Asked]:
    parents = [
        "/".join(filter(None, (p.namespace or namespace, p.name, p.section_name)))
        for p in gateway.parent_refs
    ]
    everything = {"path": {"type": "PathPrefix", "value": "/"}}
    matches = [m for rule in gateway.rules for m in rule.matches or (everything,)]
    for parent in parents:
        for host in gateway.hostnames or (ANY_HOST,):
            for match in matches:
                yield parent, host, json.dumps(dict(match), sort_keys=True)


def _has_route(model: AIModelDeployment) -> bool:
    traffic = model.status.traffic if model.status else None
    return traffic is not None and traffic.verified_at is not None


def _age(model: AIModelDeployment) -> tuple[str, str, str]:
    """What orders models: the first one has the requests."""
    meta = model.metadata
    created = meta.creation_timestamp.isoformat() if meta.creation_timestamp else ""
    return created, meta.namespace, meta.name
