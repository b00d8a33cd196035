"""The HTTPRoute of a model, written whole.

It carries no owner reference: a foreground deletion, or one of the kind itself, would take the traffic away before the
operator has, and without one. Its labels say whose it is, and our finalizer deletes it first.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Final

from knowngood.adapters.kubernetes.answers import NotFound
from knowngood.adapters.kubernetes.api import Api, Object
from knowngood.adapters.kubernetes.informer import Informer
from knowngood.adapters.kubernetes.route_views import HttpRouteView
from knowngood.adapters.kubernetes.trials import with_trials
from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.control.ports import Backend, Key
from knowngood.decisions.foreign import shares_seen
from knowngood.decisions.naming import MANAGED_BY_LABEL, MANAGER, MODEL_LABEL
from knowngood.decisions.parting import Parting
from knowngood.decisions.situation import RouteView
from knowngood.decisions.splicing import Share, mirror
from knowngood.errors import Claimed

API_VERSION: Final = "gateway.networking.k8s.io/v1"
ROUTES: Final = f"/apis/{API_VERSION}/httproutes"
OURS: Final = {"labelSelector": f"{MANAGED_BY_LABEL}={MANAGER},{MODEL_LABEL}"}


class HttpRoutes:
    """The `Traffic` port by HTTPRoutes of our own."""

    def __init__(self, api: Api, routes: Informer[HttpRouteView]) -> None:
        self._api = api
        self._routes = routes
        self._applied: dict[tuple[str, str], tuple[str, str, int]] = {}
        self._refused: dict[tuple[str, str], str] = {}

    def seen(self, model: AIModelDeployment, services: Mapping[str, str]) -> RouteView:
        """The route as it was last seen."""
        view = self._routes.get(model.metadata.namespace, model.metadata.name)
        if view is None:
            absent = self._routes.absent
            text = (
                "the cluster does not know HTTPRoute: install the Gateway API"
                if absent
                else "there is no route yet"
            )
            refused = self._refused.get((model.metadata.namespace, model.metadata.name))
            return RouteView({}, programmed=False, message=refused or text)
        versions = {service: version for version, service in services.items()}
        shares = [
            {versions.get(name, name): weight for name, weight in rule} for rule in view.rules
        ]
        weights, uneven = shares_seen(shares)
        return RouteView(
            weights,
            uneven=uneven,
            programmed=not view.refusals,
            message="; ".join(dict.fromkeys(view.refusals)),
            copies={
                versions.get(name, name): max(percent for n, percent in found if n == name)
                for found in (sum(view.copies, ()),)
                for name, _ in found
            },
            parents=view.parents,
            tested=frozenset(versions.get(name, name) for name in view.tested),
        )

    async def claimed(self, model: AIModelDeployment) -> str | None:
        """Say whose the route's name is, when an HTTPRoute of that name exists that is not ours."""
        meta = model.metadata
        if self._routes.absent or self._routes.get(meta.namespace, meta.name) is not None:
            return None
        try:
            found = await self._api.get(path_of(meta.namespace, meta.name))
        except NotFound:
            return None
        labels = found["metadata"].get("labels") or {}
        if labels.get(MANAGED_BY_LABEL) == MANAGER and labels.get(MODEL_LABEL) == meta.name:
            return None
        return f"HTTPRoute {meta.name} exists and is not Knowngood's: rename the model, or delete the route"

    async def apply(
        self, model: AIModelDeployment, backends: tuple[Backend, ...], _: frozenset[str]
    ) -> None:
        """Make the route as it should be; writes nothing when it is."""
        if model.spec.traffic is None or not backends:
            return
        key = (model.metadata.namespace, model.metadata.name)
        body = render(model, backends)
        wanted = sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        view = self._routes.get(*key)
        if view is not None and self._applied.get(key) == (wanted, view.uid, view.generation):
            return
        if view is None:
            words = await self.claimed(model)
            if words is not None:
                self._refused[key] = words
                raise Claimed(words)
        answer = await self._api.apply(path_of(*key), body)
        self._routes.put(answer)
        self._refused.pop(key, None)
        meta = answer["metadata"]
        self._applied[key] = (wanted, meta["uid"], int(meta["generation"]))

    async def remove(self, model: AIModelDeployment, _: frozenset[str], __: Parting) -> bool:
        """Delete the route; True when it is gone."""
        key = Key(model.metadata.namespace, model.metadata.name)
        self._refused.pop((key.namespace, key.name), None)
        if self._routes.get(key.namespace, key.name) is None:
            return True
        await self._api.delete(path_of(key.namespace, key.name))
        self._applied.pop((key.namespace, key.name), None)
        return False


def render(model: AIModelDeployment, backends: tuple[Backend, ...]) -> Object:
    """Write the HTTPRoute as it should be."""
    gateway = model.spec.traffic.gateway_api if model.spec.traffic else None
    if gateway is None:
        raise ValueError(f"model {model.metadata.name} declares no route of ours")
    refs = [_backend(b, _header(model)) for b in backends]
    copies = [
        mirror(Share(b.service, b.port, b.weight, b.mirror)) for b in backends if b.mirror > 0
    ]
    rules = []
    for rule in gateway.rules:
        body = rule.wire()
        if not body.get("matches"):
            body["matches"] = [{"path": {"type": "PathPrefix", "value": "/"}}]
        filters = {"filters": [*(body.get("filters") or ()), *copies]}
        kept = {k: v for k, v in {**body, **filters}.items() if v not in ([], {})}
        rules.append({**kept, "backendRefs": refs})
    trial = model.spec.traffic.test_traffic if model.spec.traffic else None
    if trial is not None or model.spec.golden:
        tested = next(
            (_backend(replace(b, weight=1), _header(model)) for b in backends if b.tested), None
        )
        rules = with_trials(rules, trial, tested)
    meta = model.metadata
    # An empty map is not what the API server keeps: applying it once more would be a write, at each start.
    annotations = dict(gateway.metadata.annotations) if gateway.metadata else {}
    return {
        "apiVersion": API_VERSION,
        "kind": "HTTPRoute",
        "metadata": {
            "name": meta.name,
            "namespace": meta.namespace,
            "labels": {MODEL_LABEL: meta.name, MANAGED_BY_LABEL: MANAGER},
            **({"annotations": annotations} if annotations else {}),
        },
        "spec": {
            "parentRefs": [p.wire() for p in gateway.parent_refs],
            **({"hostnames": list(gateway.hostnames)} if gateway.hostnames else {}),
            "rules": rules,
        },
    }


def _header(model: AIModelDeployment) -> str:
    traffic = model.status.traffic if model.status else None
    return traffic.version_header.name if traffic and traffic.version_header else ""


def _backend(backend: Backend, header: str) -> Object:
    ref: Object = {"name": backend.service, "port": backend.port, "weight": backend.weight}
    if header:
        setting = {"set": [{"name": header, "value": backend.version}]}
        ref["filters"] = [{"type": "ResponseHeaderModifier", "responseHeaderModifier": setting}]
    return ref


def path_of(namespace: str, name: str) -> str:
    """Path of one HTTPRoute."""
    return f"/apis/{API_VERSION}/namespaces/{namespace}/httproutes/{name}"
