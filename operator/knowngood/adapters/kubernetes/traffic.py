"""The `Traffic` port on the API server: an HTTPRoute of ours, or one of somebody else, as the model says."""

from collections.abc import Mapping

from knowngood.adapters.kubernetes.foreign_routes import ForeignRoutes
from knowngood.adapters.kubernetes.routes import HttpRoutes
from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.control.ports import Backend
from knowngood.decisions.parting import Parting
from knowngood.decisions.situation import RouteView


class KubernetesTraffic:
    """Hands a model's traffic to the adapter for its kind of route."""

    def __init__(self, own: HttpRoutes, foreign: ForeignRoutes) -> None:
        self._own = own
        self._foreign = foreign

    def _of(self, model: AIModelDeployment) -> HttpRoutes | ForeignRoutes:
        return self._foreign if model.spec.route_ref else self._own

    def seen(self, model: AIModelDeployment, services: Mapping[str, str]) -> RouteView:
        """The route as it was last seen."""
        return self._of(model).seen(model, services)

    async def claimed(self, model: AIModelDeployment) -> str | None:
        """Say whose the route's name is, when it is not ours."""
        return await self._of(model).claimed(model)

    async def apply(
        self, model: AIModelDeployment, backends: tuple[Backend, ...], ours: frozenset[str]
    ) -> None:
        """Make our part of the route as it should be; writes nothing when it is."""
        await self._of(model).apply(model, backends, ours)

    async def remove(self, model: AIModelDeployment, ours: frozenset[str], step: Parting) -> bool:
        """Delete the route, or go a step in giving its requests back; True when that was seen."""
        return await self._of(model).remove(model, ours, step)
