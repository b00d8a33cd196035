"""HTTPRoutes of somebody else: patched in the rules that lead to a model, and nowhere else.

Server-side apply would own all rules or none, so the patch names each rule, and tests that it still is as it was seen.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from knowngood.adapters.kubernetes.api import Api, Object
from knowngood.adapters.kubernetes.informer import Informer
from knowngood.adapters.kubernetes.route_views import parents_of, refusals_of
from knowngood.adapters.kubernetes.routes import path_of
from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.control.ports import Backend
from knowngood.decisions.foreign import ForeignRule, Ref, leading, ref_of, route_view
from knowngood.decisions.gateways import Parent
from knowngood.decisions.naming import CLAIM_ANNOTATION, claim_of
from knowngood.decisions.parting import Parting
from knowngood.decisions.putting_back import keeps_adopted
from knowngood.decisions.situation import RouteView
from knowngood.decisions.splicing import Share, copied, restored, spliced
from knowngood.errors import Claimed, Refused, Unavailable

_CLAIM_PATH: Final = f"/metadata/annotations/{CLAIM_ANNOTATION.replace('/', '~1')}"


@dataclass(frozen=True, slots=True)
class ForeignView:
    """What is kept of an HTTPRoute.

    Attributes:
        refusals: What the gateways say against this generation; empty when all have taken it over.
        claimant: Which model uses it; None when it has no annotations at all.
        parents: Gateways that it attaches to.
    """

    uid: str
    rules: tuple[ForeignRule, ...]
    refusals: tuple[str, ...]
    claimant: str | None
    parents: tuple[Parent, ...] = ()


def reduce_foreign(body: Object) -> ForeignView:
    """Keep the rules' backends as they are."""
    meta = body["metadata"]
    rules = tuple(
        ForeignRule(
            meta["namespace"],
            i,
            rule.get("name") or "",
            tuple(rule.get("backendRefs") or ()),
            tuple(rule.get("filters") or ()),
            bool(rule.get("sessionPersistence")),
        )
        for i, rule in enumerate((body.get("spec") or {}).get("rules") or ())
    )
    annotations = meta.get("annotations")
    claimant = None if annotations is None else annotations.get(CLAIM_ANNOTATION, "")
    return ForeignView(meta["uid"], rules, refusals_of(body), claimant, parents_of(body))


class ForeignRoutes:
    """The `Traffic` port by HTTPRoutes of somebody else."""

    def __init__(self, api: Api, routes: Informer[ForeignView]) -> None:
        self._api = api
        self._routes = routes

    def seen(self, model: AIModelDeployment, services: Mapping[str, str]) -> RouteView:
        """The route as it was last seen."""
        ref = ref_of(model)
        view = self._routes.get(model.metadata.namespace, ref.name)
        if view is None:
            return route_view(None, ref, services)
        return route_view(
            view.rules, ref, services, view.refusals, view.claimant or "", parents=view.parents
        )

    async def claimed(self, _: AIModelDeployment) -> str | None:
        """Nothing to ask: what `seen` says is all there is to know."""
        return None

    async def apply(
        self, model: AIModelDeployment, backends: tuple[Backend, ...], ours: frozenset[str]
    ) -> None:
        """Make our part of the route as it should be; writes nothing when it is."""
        shares = [Share(b.service, b.port, b.weight, b.mirror) for b in backends]
        keep = keeps_adopted(model)
        adopt = ref_of(model).adopt
        await self._change(
            model,
            claim_of(model.metadata),
            ours,
            lambda rule: (
                spliced(rule, shares, ours, adopt, keep_adopted=keep),
                copied(rule, shares, ours),
            ),
        )

    async def remove(self, model: AIModelDeployment, ours: frozenset[str], step: Parting) -> bool:
        """Go a step in giving the requests back; True when the gateways have taken it over.

        Where somebody else runs the pods they stay where they are. The route is claimed until the last step.
        """
        view = self._routes.get(model.metadata.namespace, ref_of(model).name)
        if view is None or (view.claimant and view.claimant != claim_of(model.metadata)):
            return True
        traffic = model.status.traffic if model.status else None
        runs = model.spec.serving.deployment is not None
        original, adopt = (
            (traffic.original if traffic else (), ref_of(model).adopt) if runs else ((), None)
        )
        claim = None if step is Parting.LEAVING else view.claimant or None
        await self._change(
            model,
            claim,
            ours,
            lambda rule: (restored(rule, original, ours, adopt, step), copied(rule, (), ours)),
        )
        now = self._routes.get(model.metadata.namespace, ref_of(model).name)
        return now is None or not now.refusals

    async def _change(
        self,
        model: AIModelDeployment,
        claim: str | None,
        ours: frozenset[str],
        wanted: Callable[[ForeignRule], tuple[list[Ref], list[Ref]]],
    ) -> None:
        namespace, ref = model.metadata.namespace, ref_of(model)
        view = self._routes.get(namespace, ref.name)
        if view is None:
            raise Claimed(f"there is no HTTPRoute {ref.name}")
        chosen, _ = leading(view.rules, ref, ours)
        changes = [step for rule in chosen for step in _changing(rule, *wanted(rule))]
        claims = _claiming(view, claim, self._routes.version(namespace, ref.name))
        if not changes and not claims:
            return
        path = path_of(namespace, ref.name)
        operations = [_test("/metadata/uid", view.uid), *claims, *changes]
        try:
            answer = await self._api.patch(path, operations)
        except Refused as error:
            self._routes.put(await self._api.get(path))
            raise Unavailable(f"HTTPRoute {ref.name} was changed meanwhile: {error}") from error
        self._routes.put(answer)


def _changing(rule: ForeignRule, refs: list[Ref], filters: list[Ref]) -> list[Object]:
    where = f"/spec/rules/{rule.index}"
    steps = [
        *_replacing(f"{where}/backendRefs", list(rule.refs), refs),
        *_replacing(f"{where}/filters", list(rule.filters), filters),
    ]
    named = [_test(f"{where}/name", rule.name)] if rule.name else []
    return [*named, *steps] if steps else []


def _replacing(path: str, seen: list[Ref], wanted: list[Ref]) -> list[Object]:
    if seen == wanted:
        return []
    tests = [_test(path, seen)] if seen else []
    if not wanted:
        return [*tests, {"op": "remove", "path": path}]
    return [*tests, {"op": "add", "path": path, "value": wanted}]


def _claiming(view: ForeignView, claim: str | None, version: str) -> list[Object]:
    if (view.claimant or None) == claim:
        return []
    if claim is None:
        return [{"op": "remove", "path": _CLAIM_PATH}]
    # Annotations that came after we looked must not be wiped by making room for the first one.
    empty: list[Object] = [
        _test("/metadata/resourceVersion", version),
        {"op": "add", "path": "/metadata/annotations", "value": {}},
    ]
    room = empty if view.claimant is None else []
    return [*room, {"op": "add", "path": _CLAIM_PATH, "value": claim}]


def _test(path: str, value: object) -> Object:
    return {"op": "test", "path": path, "value": value}
