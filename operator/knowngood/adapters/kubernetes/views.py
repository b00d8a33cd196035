"""Views of the kinds that are not ours, and which models want a pass when something in them changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from knowngood.adapters.kubernetes.api import Api
from knowngood.adapters.kubernetes.endpoints import SLICES, EndpointIndex, SliceView, reduce_slice
from knowngood.adapters.kubernetes.foreign_routes import ForeignView, reduce_foreign
from knowngood.adapters.kubernetes.informer import Informer
from knowngood.adapters.kubernetes.namespaces import NAMESPACES, NamespaceView, reduce_namespace
from knowngood.adapters.kubernetes.pods import PODS, PodIndex, PodView, reduce_pod
from knowngood.adapters.kubernetes.route_views import HttpRouteView, reduce_route
from knowngood.adapters.kubernetes.routes import OURS, ROUTES
from knowngood.adapters.kubernetes.workloads import (
    DEPLOYMENTS,
    SERVICES,
    DeploymentView,
    ServiceView,
    reduce_deployment,
    reduce_service,
)
from knowngood.adapters.kubernetes.workloads import OURS as MADE
from knowngood.control.feed import Feed


@dataclass(slots=True)
class Views:
    """Informers of kinds that are not ours.

    Attributes:
        routes: HTTPRoutes that Knowngood has written.
        others: All HTTPRoutes, for models that refer to one of somebody else.
    """

    slices: Informer[SliceView]
    routes: Informer[HttpRouteView]
    others: Informer[ForeignView]
    deployments: Informer[DeploymentView]
    services: Informer[ServiceView]
    namespaces: Informer[NamespaceView]
    pods: Informer[PodView]

    def all(self) -> tuple[Informer[Any], ...]:
        """Every one of them."""
        return (
            self.slices,
            self.routes,
            self.others,
            self.deployments,
            self.services,
            self.namespaces,
            self.pods,
        )


def views(api: Api, feed: Feed, index: EndpointIndex, run: PodIndex, home: str) -> Views:
    """Put the views together.

    Args:
        api: Where everything is listed and watched.
        feed: Is told which models want a pass.
        index: Takes who is ready.
        run: Takes what pods run.
        home: The operator's own namespace.
    """

    def sliced(
        namespace: str, name: str, before: SliceView | None, after: SliceView | None
    ) -> None:
        index.changed(namespace, name, before, after)
        for view in {v for v in (before, after) if v is not None}:
            if view.model:
                feed.child(namespace, view.model)
            else:
                feed.service(namespace, view.service)

    def routed(namespace: str, name: str, *_: object) -> None:
        feed.child(namespace, name)

    def rerouted(namespace: str, name: str, *_: object) -> None:
        feed.route(namespace, name)

    def deployed(namespace: str, _: str, before: Any, after: Any) -> None:
        feed.child(namespace, (after or before).model)

    return Views(
        Informer(api, SLICES, reduce_slice, sliced),
        Informer(api, ROUTES, reduce_route, routed, OURS),
        Informer(api, ROUTES, reduce_foreign, rerouted),
        Informer(api, DEPLOYMENTS, reduce_deployment, deployed, OURS),
        Informer(api, SERVICES, reduce_service, deployed, MADE),
        Informer(api, NAMESPACES, reduce_namespace, _freezing(feed, home)),
        Informer(api, PODS, reduce_pod, _running(feed, run), MADE),
    )


def _running(
    feed: Feed, run: PodIndex
) -> Callable[[str, str, PodView | None, PodView | None], None]:
    def changed(namespace: str, name: str, before: PodView | None, after: PodView | None) -> None:
        run.changed(namespace, name, before, after)
        for model in {view.model for view in (before, after) if view is not None}:
            feed.child(namespace, model)

    return changed


def _freezing(
    feed: Feed, home: str
) -> Callable[[str, str, NamespaceView | None, NamespaceView | None], None]:
    def changed(
        _: str, name: str, before: NamespaceView | None, after: NamespaceView | None
    ) -> None:
        if (before.freeze if before else "") != (after.freeze if after else ""):
            feed.everything(None if name == home else name)

    return changed
